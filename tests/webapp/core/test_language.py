"""Every answer in its reader's language: chosen by a cookie, a link or Accept-Language, never mixed by a cache."""

import json
import re
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import RequestFactory

from attacks.options import OptionError
from inference.catalog.classifiers import card
from inference.data.zip_refusal import REFUSALS
from inference.experiment.picture import _refuse_reached
from tests.support.cast import Person, sentence_of
from tests.support.picture_files import jpeg_header
from tests.webapp.lab.test_sockets import one_connection, opened, played  # noqa: F401 - a fixture
from webapp.core.language import chosen_language
from webapp.jobs import attempts
from webapp.jobs.models import Job

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
PAGES = ["/about/", "/pictures/", "/training/", "/datasets/", "/nothing/", "/admin/login/"]
HAN = re.compile(r"[\u4e00-\u9fff]")


def language(page: Any) -> str:
    return re.search(r'<html[^>]*? lang="([\w-]+)"', page.content.decode())[1]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_in_the_language_of_whoever_asks(alice: Person, path: str) -> None:
    english, chinese = alice.get(path), alice.get(path, headers=CHINESE)

    assert (language(english), language(chinese)) == ("en", "zh-hans")
    assert HAN.search(chinese.content.decode())
    for page in (english, chinese):
        assert {"Accept-Language", "Cookie"} <= {name.strip() for name in page["Vary"].split(",")}
        assert "public" not in page["Cache-Control"]


@pytest.mark.parametrize("tag", ["zh", "zh-CN", "zh-SG", "zh-Hans-CN", "zh-TW", "de;q=0.9, zh-cn;q=0.5"])
def test_whoever_reads_chinese_gets_chinese(alice: Person, tag: str) -> None:
    assert language(alice.get("/about/", headers={"Accept-Language": tag})) == "zh-hans"


def test_a_link_sets_a_cookie_and_goes_on_to_the_same_address(alice: Person) -> None:
    moved = alice.get("/about/?a=b&lang=zh-hans")

    assert (moved.status_code, moved["Location"]) == (302, "/about/?a=b")
    cookie = alice.client.cookies["django_language"]
    assert cookie.value == "zh-hans" and cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert language(alice.get("/about/")) == "zh-hans"
    assert alice.get("/about/?lang=en")["Location"] == "/about/"
    assert language(alice.get("/about/", headers=CHINESE)) == "en"  # what was chosen goes before what the browser says


@pytest.mark.parametrize("asked", ["de", "", "zh-hans%0d%0aX: y", "zh_Hans"])
def test_a_language_that_there_is_not_changes_nothing(alice: Person, asked: str) -> None:
    assert alice.get(f"/about/?lang={asked}")["Location"] == "/about/"
    assert "django_language" not in alice.client.cookies


def test_no_address_leads_to_another_site() -> None:
    request = RequestFactory().get("/?lang=en")
    request.path = request.path_info = "//evil.example/"
    assert chosen_language(HttpResponse)(request)["Location"] == "/%2Fevil.example/"


def test_the_header_leads_to_the_other_language_with_all_that_the_address_says(alice: Person) -> None:
    page = alice.get("/training/?status=done&network=lenet").content.decode()
    link = re.search(r'<a href="([^"]+)" lang="zh-hans" hreflang="zh-hans"[^>]*>中文</a>', page)
    assert link and link[1].replace("&amp;", "&") == "/training/?status=done&network=lenet&lang=zh-hans"
    assert ">English</a>" in alice.get("/training/", headers=CHINESE).content.decode()


def test_what_answers_an_order_leads_back_to_where_it_was_given_in_any_language(alice: Person) -> None:
    for before, leads in {"http://testserver/training/?status=done": True, "https://evil.example/": False}.items():
        page = alice.client.post("/versions/nix/promote/", headers={"Referer": before}).content.decode()
        assert ('href="/training/?status=done"' in page) is leads
        assert ('href="/training/?status=done&amp;lang=zh-hans"' in page) is leads
        assert "evil" not in page


def test_scripts_get_their_words_in_the_pages_language(alice: Person) -> None:
    words = r"\u968f\u673a\u566a\u58f0"  # random noise, as the catalogue's JSON writes it
    assert words in alice.get("/jsi18n/", headers=CHINESE).content.decode()
    english = alice.get("/jsi18n/")
    assert words not in english.content.decode() and "public" not in english["Cache-Control"]


# --- The API ------------------------------------------------------------------------------------------------------


def test_the_api_refuses_in_the_callers_language(alice: Person, ted: Person, picture: dict[str, Any]) -> None:
    order = {"kind": "attack", "image": picture["id"], "classifier": "imagenet-lite0", "attack": "fgsm"}
    for body, sentence in {
        (("params", (("epsilon", 300),)),): "epsilon 必须是 1 到 32 之间的整数",
        (("params", (("target", "长臂猿"),)),): "target 是类别的编号，不加引号：“长臂猿”是 368。",
        (("attack", "nix"),): "没有这种攻击。",
        (("image", "nix"),): "image 是上传时返回的 id",
        (("nix", 1),): "这里没有 attack.nix 字段。",
    }.items():
        changes = {name: dict(value) if isinstance(value, tuple) else value for name, value in body}
        told = sentence_of(alice.post("/api/v1/jobs", order | changes, headers=CHINESE))
        assert sentence in told, told
        assert not HAN.search(sentence_of(alice.post("/api/v1/jobs", order | changes)).replace("长臂猿", ""))
    text = SimpleUploadedFile("a.txt", b"no picture at all")
    assert "不是这里能读取的图片" in sentence_of(alice.send_form("/api/v1/images", {"image": text}, headers=CHINESE))
    wrong = {"Authorization": "Bearer gibbon_wrong", **CHINESE}
    assert "令牌" in sentence_of(ted.get("/api/v1/jobs", headers=wrong))
    assert "lang" in sentence_of(alice.get("/api/v1/jobs?lang=zh-hans"))  # programs say Accept-Language


@pytest.mark.parametrize("address", ["attacks", "training-settings"])
def test_options_are_described_in_the_callers_language(alice: Person, address: str) -> None:
    told = alice.get(f"/api/v1/{address}", headers=CHINESE).json()
    assert "随机种子" in json.dumps(told, ensure_ascii=False)
    assert not HAN.search(json.dumps(alice.get(f"/api/v1/{address}").json(), ensure_ascii=False))


def test_a_result_names_its_classes_beside_their_labels(alice: Person, attack: Any) -> None:
    attack.result["label_from"] |= {"index": 388, "label": "giant panda"}
    attack.save()
    address = f"/api/v1/jobs/{attack.pk}"
    english, chinese = (alice.get(address, headers=headers).json()["result"] for headers in ({}, CHINESE))

    first, named = english["label_from"], chinese["label_from"]
    assert (first["label"], first["name"]) == ("giant panda", "giant panda")
    assert (named["label"], named["name"]) == ("giant panda", "大熊猫")
    assert "大熊猫" in "".join(part["text"] for part in chinese["words"]["sentence"])
    assert all(entry["name"] for entry in chinese["adversarial"]["top"])


def test_one_failed_job_tells_each_reader_why_in_their_language(alice: Person, queued: Job) -> None:
    job = attempts.claim(queued.pk)
    assert job
    attempts.fail(job, code="too_long", message="This took more than %(seconds)s seconds of work, so it was stopped. "
                  "Ask for less of it.", values={"seconds": 60})  # fmt: skip
    address = f"/api/v1/jobs/{queued.pk}"

    assert alice.get(address).json()["error"]["message"].startswith("This took more than 60 seconds")
    assert alice.get(address, headers=CHINESE).json()["error"]["message"].startswith("这用了超过 60 秒的计算")


def test_sentences_within_a_sentence_are_translated_too(alice: Person, queued: Job) -> None:
    why = [{"code": "duplicate", "message": "The same picture is there already.", "params": {}, "count": 3}]
    job = attempts.claim(queued.pk)
    assert job
    values = {"label": "a", "count": 1, "files": 4, "limit": 5, "why": why}
    attempts.fail(job, code="too_few", message=REFUSALS["too_few"], values=values)
    message = alice.get(f"/api/v1/jobs/{queued.pk}").json()["error"]["message"]
    assert message.endswith(" 3 × The same picture is there already.")
    told = alice.get(f"/api/v1/jobs/{queued.pk}", headers=CHINESE).json()["error"]["message"]
    assert told.endswith("。3 × 同样的图片已经有了。")


def test_a_refusal_names_a_class_as_each_reader_calls_it(alice: Person, queued: Job) -> None:
    job = attempts.claim(queued.pk)
    assert job
    with pytest.raises(OptionError) as refused:
        _refuse_reached(Panda(), np.eye(1000)[388], 388)
    attempts.fail(job, code="invalid", message=refused.value.template, values=refused.value.values)
    address = f"/api/v1/jobs/{queued.pk}"
    assert str(refused.value) == alice.get(address).json()["error"]["message"]
    assert "already says giant panda." in str(refused.value)
    assert "已经是“大熊猫”。" in alice.get(address, headers=CHINESE).json()["error"]["message"]


class Panda:
    """What a refusal asks of a classifier."""

    card = card("imagenet-lite0")
    labels = card["labels"]


def test_words_within_a_refusal_are_translated_too(alice: Person) -> None:
    progressive = {"image": SimpleUploadedFile("a.jpg", jpeg_header(5001, 5000, frame=0xC2))}
    assert "; a progressive JPEG may have" in sentence_of(alice.send_form("/api/v1/images", progressive))
    progressive["image"].seek(0)
    told = sentence_of(alice.send_form("/api/v1/images", progressive, headers=CHINESE))
    assert told.startswith("图片有 26 百万像素；渐进式 JPEG 图片至多可以有 25 百万像素。")


# --- Live ---------------------------------------------------------------------------------------------------------


def test_two_readers_of_one_job_hear_of_it_each_in_their_language(alice: Person, queued: Job) -> None:
    job = attempts.claim(queued.pk)
    assert job

    def report() -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("django.db.transaction.on_commit", lambda call, **_: call())
            attempts.report_progress(job, done=2, text="The attack is under way")

    async def follow() -> list[list[str]]:
        from asgiref.sync import sync_to_async

        sockets = [
            opened(alice, queued.pk),
            opened(alice, queued.pk, **{"accept-language": "zh-CN"}),
            opened(alice, queued.pk, cookie=f"{alice.cookie_header}; django_language=zh-hans"),
        ]
        for socket in sockets:
            assert await socket.connect()
            await socket.hear()
        await sync_to_async(report)()
        said = [(await socket.hear())["progress"]["text"] for socket in sockets]
        for socket in sockets:
            await socket.hang_up()
        return said

    assert played(follow) == ["The attack is under way", "正在攻击", "正在攻击"]
