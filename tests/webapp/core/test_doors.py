"""Whoever nearly found a door is told the right one; and whatever can be asked for, its head can be asked for."""

import io
import re
from typing import Any

import pytest
from django.conf import settings as site
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

from tests.support.cast import Person, Programmer, sentence_of
from tests.support.finished import png
from webapp.jobs.models import Job
from webapp.lab.models import Attack

IMAGES, JOBS = "/api/v1/images", "/api/v1/jobs"


# --- HEAD ---------------------------------------------------------------------------------------------------------


def addresses(patterns: Any, before: str = "") -> list[str]:
    """Every address of the site, with what stands in place of its parts still named: /lab/<uuid:job_id>/."""
    found = []
    for pattern in patterns:
        place = before + str(pattern.pattern)
        found += [place] if isinstance(pattern, URLPattern) else addresses(pattern.url_patterns, place)
    return found


@pytest.mark.parametrize(
    "place", ["/", "/training/", "/about/", IMAGES, JOBS, "/api/v1/docs", "/healthz", "/csrf.json"]
)
def test_pages_the_api_and_probes_answer_to_head(alice: Person, place: str) -> None:
    head = alice.request("HEAD", place)

    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Type"] == alice.get(place)["Content-Type"]


@pytest.mark.walk
def test_whatever_answers_to_get_answers_to_head(ada: Person, alice: Person, attack: Attack) -> None:
    keys = {"job_id": attack.pk, "image_id": attack.picture_id, "picture_id": attack.picture_id}
    keys |= {"slug": "digits", "which": "original", "sha256": attack.job.answered_by.sha256, "classifier": "digits"}
    asked = 0
    for place in addresses(get_resolver().url_patterns):
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(keys.get(part[1], "1")), place)
        if re.search(r"[\\^$()]", path) or "jsi18n" in path:
            continue  # the admin's patterns for anything else
        for person in (alice, ada):
            full, head = person.get(path), person.request("HEAD", path)
            assert head.status_code == full.status_code, path
            assert head.content == b"" or head.status_code == 405
            asked += full.status_code == 200
    assert asked > 50


# --- Addresses ----------------------------------------------------------------------------------------------------


def test_a_slash_too_many_is_sent_on_with_method_and_body(alice: Person) -> None:
    for method, path, to in [
        ("POST", f"{IMAGES}/", IMAGES),
        ("GET", f"{JOBS}/?", JOBS),
        ("GET", f"{JOBS}/00000000-0000-4000-8000-000000000000/", f"{JOBS}/00000000-0000-4000-8000-000000000000"),
        ("GET", "/api/v1/docs/", "/api/v1/docs"),
    ]:
        response = alice.request(method, path)

        assert (response.status_code, response["Location"]) == (308, to), path


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("/api/v1/image", IMAGES),
        ("/api/v1/job/8cde2b0c-0000-4000-8000-000000000000", f"{JOBS}/{{job_id}}"),
        ("/api/v1/classifer", "/api/v1/classifiers"),
        ("/api/images", IMAGES),
        ("/api/v1/nothing/of/the/kind", "/api/v1/docs"),
        ("/api/v1/", "/api/v1/docs"),
    ],
)
def test_an_address_that_is_none_is_answered_with_near_ones(alice: Person, asked: str, near: str) -> None:
    response = alice.get(asked)

    assert response.status_code == 404
    assert near in sentence_of(response)


def test_a_method_nobody_serves_is_told_those_that_are(alice: Person) -> None:
    response = alice.request("PUT", IMAGES)

    assert response.status_code == 405 and response["Allow"]
    assert sentence_of(response) == "This address does not answer to PUT, but to: GET, POST."


def test_parameters_after_the_question_mark_are_not_ignored(alice: Person) -> None:
    response = alice.get(f"{JOBS}?limit=5&offset=2")

    assert response.status_code == 422
    assert "limit, offset" in sentence_of(response)


# --- Who calls ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["Token {}", "{}", "Bearer", "bearer ", "Basic {}", "Bearer: {}", "ApiKey {}"])
def test_a_token_sent_another_way_is_told_bearer(ted: Programmer, header: str) -> None:
    secret = ted.headers["Authorization"].split()[1]
    ted.headers = {"Authorization": header.format(secret)}

    for response in (ted.get(JOBS), ted.upload(io.BytesIO(png()))):
        assert response.status_code == 401
        assert "use Bearer" in sentence_of(response) and secret not in response.content.decode()


def test_the_password_of_a_proxy_in_front_does_not_disturb_the_page(alice: Person) -> None:
    alice.headers |= {"Authorization": "Basic YTpi"}

    assert alice.upload(io.BytesIO(png())).status_code == 201


# --- What is sent -------------------------------------------------------------------------------------------------


def test_a_file_in_another_field_is_told_the_fields_name(alice: Person) -> None:
    for name in ("file", "picture"):
        response = alice.send_form(IMAGES, {name: io.BytesIO(png())})

        assert response.status_code == 422
        assert sentence_of(response) == f"The field is called image; what came is called {name}."


def test_a_picture_sent_as_text_json_or_bytes_is_told_how(alice: Person) -> None:
    as_text = alice.send_form(IMAGES, {"image": "data:image/png;base64,AAAA"})
    as_json = alice.post(IMAGES, {"image": "string"})
    as_bytes = alice.request("POST", IMAGES, data=png(), content_type="image/png")

    assert "must be a file, not text" in sentence_of(as_text)
    for response in (as_json, as_bytes):
        assert response.status_code == 422
        assert "multipart/form-data" in sentence_of(response)


def test_a_large_picture_sent_as_a_form_without_files_is_told_how(alice: Person) -> None:
    kind = "application/x-www-form-urlencoded"  # what curl --data-binary says if it is told nothing
    response = alice.request("POST", IMAGES, data=b"\xff" * 1_100_000, content_type=kind)

    assert response.status_code in (413, 422)
    assert "multipart/form-data" in sentence_of(response)


def test_a_job_wants_an_id_a_number_and_json(alice: Person, picture: dict[str, Any]) -> None:
    for image in ("string", "data:image/png;base64,AAAA", "photo.jpg"):
        assert f"{site.BELOW}{IMAGES}" in sentence_of(alice.predict(image))
    assert "JSON" in sentence_of(alice.send_form(JOBS, {"kind": "predict", "image": picture["id"]}))
    assert "giant panda (388)" in sentence_of(alice.attack(picture["id"], {"target": "panda"}))
    assert "giant panda is 388" in sentence_of(alice.attack(picture["id"], {"target": "Giant panda"}))
    for meant in (0.03, 8 / 255, "8/255"):
        assert "about 8" in sentence_of(alice.attack(picture["id"], {"epsilon": meant}))
    assert not Job.objects.exists()


def test_an_attack_without_parameters_has_the_schemas(alice: Person, picture: dict[str, Any]) -> None:
    declared = alice.get("/api/v1/attacks").json()[0]["params"]["properties"]
    order = {"kind": "attack", "image": picture["id"], "classifier": "imagenet-lite0", "attack": "fgsm"}

    assert alice.post(JOBS, order).status_code == 202

    assert Attack.objects.get().params == {name: told["default"] for name, told in declared.items()}


# --- Below a path -------------------------------------------------------------------------------------------------


def test_no_template_or_script_writes_an_address_from_the_root() -> None:
    """Templates name addresses ({% url %}), scripts put at(…) before them: else they break below a path."""
    from_root = re.compile(r"""(?:href|src|action|srcset)="/[^/]|["'`]/(?:api|lab|ws|static|csrf)[./]""")
    files = [path for folder in ("templates", "static/js") for path in (site.BASE_DIR / folder).rglob("*.*")]

    assert len(files) > 50
    assert not [path.name for path in files if from_root.search(path.read_text(encoding="utf-8"))]
