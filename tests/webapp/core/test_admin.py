"""The admin: everything to see, acting only where acting makes sense, and all of it under the site's strict policy."""

import html
import re
from typing import Any
from urllib.parse import urljoin

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Permission, User

from tests.support.cast import Person
from tests.support.finished import finish
from tests.support.paths import ROOT
from tests.webapp.core.test_headers import INLINE, assert_promised
from webapp.core.queues import QUEUES
from webapp.jobs import attempts
from webapp.jobs.kinds import kinds
from webapp.jobs.models import Job, Worker
from webapp.lab.models import Attack
from webapp.pictures.models import Picture
from webapp.promotion.models import Promotion
from webapp.registry.models import Classifier, ModelVersion

LOOKED_AT = {
    "/admin/pictures/picture/",
    "/admin/jobs/job/",
    "/admin/jobs/worker/",
    "/admin/registry/classifier/",
    "/admin/registry/modelversion/",
    "/admin/visitors/visitor/",
    "/admin/visitors/token/",
    "/admin/axes/accessattempt/",
}


def act(person: Person, address: str, action: str, *rows: Any, **fields: Any) -> Any:
    """Run an action on the rows of a list and follow to the page that tells about it."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], **fields}
    return person.send_form(address, data, follow=True)


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def allow(person: str, *permissions: str) -> None:
    user = User.objects.get(username=person)
    for name in permissions:
        user.user_permissions.add(Permission.objects.get(codename=name))


# --- Every page ---------------------------------------------------------------------------------------------------


@pytest.fixture
def one_of_everything(attack: Attack, point: Job, sample: Picture, ted_token: Any) -> None:
    """One of everything, so that every page has something to show."""
    Worker.objects.create(name="host-1", queues="interactive,sweep", device="cpu", warm=True, job=point)
    AccessAttempt.objects.create(username="eve", ip_address="192.0.2.1", failures_since_start=3)


def test_every_page_opens_and_holds_nothing_inline(ada: Person, one_of_everything: None) -> None:
    waiting, seen = ["/admin/"], set()
    while waiting:
        address = waiting.pop()
        pattern = re.sub(r"[0-9a-f-]{36}|\b\d+\b", "#", address)
        if pattern in seen or not address.startswith("/admin/"):
            continue
        seen.add(pattern)
        page = ada.get(address)
        assert page.status_code == 200, address
        if not page["Content-Type"].startswith("text/html"):
            continue
        assert_promised(page)
        text = page.content.decode()
        assert not INLINE.search(text), (address, INLINE.search(text))
        links = re.findall(r'<a[^>]+href="([^"#?]+)"', text)  # not the filters: their combinations have no end
        waiting += [urljoin(address, link) for link in links]

    assert seen >= LOOKED_AT
    assert len(seen) > 30


def test_jobs_of_a_kind_and_a_queue_that_are_declared_no_more_are_shown(ada: Person, queued: Job) -> None:
    Job.objects.filter(pk=queued.pk).update(kind="former", queue="former")
    for address in ("/admin/jobs/job/", f"/admin/jobs/job/{queued.pk}/change/", "/admin/jobs/worker/"):
        page = ada.get(address)
        assert page.status_code == 200 and "former" in text_of(page), address


def test_the_admin_is_named_and_dressed_as_the_site(ada: Person) -> None:
    page = text_of(ada.get("/admin/"))

    assert '<a href="/admin/">Gibbon</a>' in page
    for sheet in re.findall(r"/static/(css/[\w./-]+)", page):
        assert (ROOT / "static" / sheet).is_file(), sheet
    assert "css/admin/admin.css" in page


def test_nothing_is_shown_to_strangers_and_to_staff_without_permissions(stan: Person, one_of_everything: None) -> None:
    picture = Picture.objects.first()
    assert picture
    for address in (*LOOKED_AT, f"/admin/pictures/picture/{picture.pk}/change/", "/admin/auth/user/"):
        assert Person().get(address).status_code == 302, address
        assert stan.get(address).status_code == 403, address
    assert stan.get(f"/admin/pictures/picture/{picture.pk}/picture.png").status_code == 404
    assert Person().get(f"/admin/pictures/picture/{picture.pk}/picture.png").status_code == 302


@pytest.mark.parametrize("address", sorted(LOOKED_AT - {"/admin/visitors/token/"}))
def test_rows_are_neither_added_nor_written_by_hand(ada: Person, one_of_everything: None, address: str) -> None:
    page = text_of(ada.get(address))
    assert f"{address}add/" not in page
    assert ada.get(f"{address}add/").status_code == 403
    row = re.search(rf'href="({address}[^"?]+/change/)', page)
    assert row or address == "/admin/jobs/worker/"
    if row:
        assert 'name="_save"' not in text_of(ada.get(row[1]))
        assert ada.send_form(row[1], {"_save": "x"}).status_code == 403


# --- Pictures -----------------------------------------------------------------------------------------------------


def test_a_picture_can_be_seen_and_its_bytes_are_for_the_admin_only(ada: Person, stan: Person, attack: Attack) -> None:
    page = text_of(ada.get("/admin/pictures/picture/"))
    shown = re.search(r'<img src="([^"]+)" width="96" height="72"', page)

    assert shown
    assert ada.get(shown[1])["Content-Type"] == "image/png"
    assert stan.get(shown[1]).status_code == 404
    assert "40 × 30" in page and str(attack.picture.visitor) in page


def test_deleting_pictures_takes_files_and_jobs_and_leaves_samples(
    ada: Person, attack: Attack, point: Job, sample: Picture, media_files: Any
) -> None:
    address = "/admin/pictures/picture/"
    question = text_of(act(ada, address, "delete_selected", attack.picture, sample))
    assert "Are you sure" in question and "40 × 30" in question and "Jobs: 3" in question

    told = text_of(act(ada, address, "delete_selected", attack.picture, sample, post="yes"))

    assert "1 sample stays." in told
    assert list(Picture.objects.all()) == [sample]
    assert not Job.objects.filter(visitor__isnull=False).exists()
    assert len(media_files()) == 3


def test_a_single_picture_too(ada: Person, attack: Attack, sample: Picture, media_files: Any) -> None:
    assert ada.send_form(f"/admin/pictures/picture/{sample.pk}/delete/", {"post": "yes"}).status_code == 403
    response = ada.send_form(f"/admin/pictures/picture/{attack.picture_id}/delete/", {"post": "yes"})

    assert response.status_code == 302
    assert list(Picture.objects.all()) == [sample] and len(media_files()) == 3


def test_who_may_look_may_not_delete(stan: Person, attack: Attack) -> None:
    allow("stan", "view_picture")
    address = "/admin/pictures/picture/"

    assert stan.get(address).status_code == 200
    act(stan, address, "delete_selected", attack.picture, post="yes")
    assert stan.send_form(f"{address}{attack.picture_id}/delete/", {"post": "yes"}).status_code == 403
    assert Picture.objects.exists()


# --- Jobs ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def failed(queued: Job) -> Job:
    job = attempts.claim(queued.pk)
    assert job
    attempts.fail(job, code="out_of_memory", message="The graphics card's memory is full. Try a smaller picture.")
    return Job.objects.get(pk=job.pk)


def test_a_failed_job_says_why(ada: Person, failed: Job) -> None:
    listed = text_of(ada.get("/admin/jobs/job/?status__exact=failed&kind__exact=attack"))
    detail = text_of(ada.get(f"/admin/jobs/job/{failed.pk}/change/"))

    for page in (listed, detail):
        assert "The graphics card's memory is full. Try a smaller picture." in page
        assert f"/admin/pictures/picture/{failed.attack.picture_id}/change/" in page
    assert "out_of_memory" in detail and "EfficientNet" in detail
    assert "0 jobs" in text_of(ada.get("/admin/jobs/job/?status__exact=done"))


def test_a_job_shows_its_result_but_not_the_share_address(ada: Person, alice: Person, attack: Attack) -> None:
    token = alice.post(f"/api/v1/jobs/{attack.pk}/share").json()["url"].split("/")[2]

    page = text_of(ada.get(f"/admin/jobs/job/{attack.pk}/change/"))

    assert '"epsilon": 2' in page and "class 1" in page
    assert token not in page


def test_a_failed_job_can_be_queued_again(ada: Person, alice: Person, failed: Job, broker: Any) -> None:
    other = Job.objects.get(pk=alice.predict(str(failed.attack.picture_id)).json()["id"])
    broker.flush()

    told = text_of(act(ada, "/admin/jobs/job/", "queue_again", failed, other))

    assert "1 job was queued again." in told and "1 job had not failed." in told
    failed.refresh_from_db()
    assert (failed.status, failed.attempts, failed.error_code, failed.why()) == ("queued", 0, "", "")
    assert failed.enqueued is not None and broker.client.llen("gibbon-interactive") == 1
    assert finish(failed.pk).status == "done"


def test_a_job_can_be_cancelled(ada: Person, queued: Job) -> None:
    assert "1 job is being cancelled." in text_of(act(ada, "/admin/jobs/job/", "cancel", queued))

    queued.refresh_from_db()
    assert queued.status == "cancelled"
    assert "0 jobs are being cancelled." in text_of(act(ada, "/admin/jobs/job/", "cancel", queued))


def test_acting_on_jobs_needs_the_permission(stan: Person, failed: Job) -> None:
    allow("stan", "view_job")
    act(stan, "/admin/jobs/job/", "queue_again", failed)
    failed.refresh_from_db()
    assert failed.status == "failed"

    allow("stan", "change_job")
    act(stan, "/admin/jobs/job/", "queue_again", failed)
    failed.refresh_from_db()
    assert failed.status == "queued"


# --- Names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "english", "chinese"),
    [
        ("/admin/jobs/job/", ["attack", "saved level"], ["攻击", "保存的一级", "逐级扫描"]),
        ("/admin/jobs/job/?kind=point", ["saved level", "interactive (at once)"], ["interactive（即时）"]),
        (
            "/admin/jobs/worker/",
            ["interactive (at once), sweep (what follows)"],
            ["interactive（即时）、sweep（后续）"],
        ),
        ("/admin/pictures/picture/", ["photos", "sample: "], ["照片", "示例图片："]),
        ("/admin/registry/classifier/", ["handwritten digits"], ["手写数字"]),
    ],
)
def test_lists_and_filters_name_things_as_their_reader_does(
    ada: Person, one_of_everything: None, address: str, english: list[str], chinese: list[str]
) -> None:
    for language, names in {"en": english, "zh-CN": chinese}.items():
        page = text_of(ada.get(address, headers={"Accept-Language": language}))
        assert [name for name in names if name not in page] == []


def test_every_kind_of_job_and_every_queue_has_a_name() -> None:
    assert all(kind.name for slug, kind in kinds().items() if not slug.startswith("test"))
    assert all(queue.title for queue in QUEUES.values())


# --- Workers ------------------------------------------------------------------------------------------------------


def test_workers_and_queues_on_one_page(ada: Person, alice: Person, attack: Attack) -> None:
    alice.predict(str(attack.picture_id))
    job = Job.objects.get(kind="sweep")
    Worker.objects.create(
        name="host-1", queues="interactive", device="cuda:0 (H100)", warm=True, memory_bytes=850 * 2**20, job=job,
        device_bytes=2 * 2**30, versions=["EfficientNet-Lite0 (8c8f4b0c)"],
    )  # fmt: skip

    assert ada.get("/admin/workers/")["Location"] == "/admin/jobs/worker/"
    page = text_of(ada.get("/admin/jobs/worker/"))

    for shown in ("host-1", "cuda:0 (H100)", "850.0\xa0MB", "2.0\xa0GB", "EfficientNet-Lite0 (8c8f4b0c)"):
        assert shown in page, shown
    assert f"/admin/jobs/job/{job.pk}/change/" in page
    rows = {queue: cells for queue, *cells in re.findall(QUEUE_ROW, page)}
    none = ["0", "0", "0"]
    assert rows == {"interactive": ["1", "0", "2"], "sweep": ["1", "0", "1"], "study": none, "train": none}
    assert re.search(r'field-alive"><img src="[^"]+icon-yes', page)


QUEUE_ROW = r'<th scope="row">(\w+) \([\w ]+\)</th>\s*<td>(\d+)</td>\s*<td>(\d+)</td>\s*<td>(\d+)</td>'


def test_a_worker_that_is_silent_is_shown_as_gone(ada: Person, settings: Any) -> None:
    Worker.objects.create(name="host-1", queues="interactive")
    settings.JOB_LEASE_SECONDS = -1

    assert re.search(r'field-alive"><img src="[^"]+icon-no', text_of(ada.get("/admin/jobs/worker/")))


def test_without_a_broker_the_page_says_so_kindly(ada: Person, queued: Job, broker: Any) -> None:
    broker.stop()
    try:
        response = ada.get("/admin/jobs/worker/")
    finally:
        broker.start()

    assert response.status_code == 200
    assert "Nothing is lost" in text_of(response) and "<td>1</td>" in text_of(response)


# --- Classifiers --------------------------------------------------------------------------------------------------


@pytest.fixture
def candidate(version: ModelVersion) -> ModelVersion:
    return ModelVersion.objects.create(
        classifier=version.classifier, sha256="c" * 64, name="candidate", source="x", card=version.card
    )


def test_promoting_a_version(ada: Person, version: ModelVersion, candidate: ModelVersion) -> None:
    address = "/admin/registry/modelversion/"
    assert "exactly one" in text_of(act(ada, address, "promote", version, candidate))
    assert version.classifier.live() == version

    assert "Promote it all the same" in text_of(act(ada, address, "promote", candidate))  # nothing to compare it by
    assert not Promotion.objects.exists()
    act(ada, address, "promote", candidate, confirmed="yes")
    assert version.classifier.live() == version  # a worker tries it first
    finish(Promotion.objects.get(version=candidate).pk)

    assert candidate.classifier.live() == candidate
    assert "Promoted." in text_of(ada.get(f"{address}{candidate.pk}/history/"))
    assert "exactly one" in text_of(act(ada, "/admin/registry/classifier/", "roll_back", *Classifier.objects.all()))
    act(ada, "/admin/registry/classifier/", "roll_back", version.classifier)
    finish(Promotion.objects.get(version=version).pk)
    assert candidate.classifier.live() == version


def test_promoting_needs_its_own_permission(stan: Person, candidate: ModelVersion) -> None:
    address = "/admin/registry/modelversion/"
    allow("stan", "view_modelversion", "change_modelversion", "add_modelversion")
    act(stan, address, "promote", candidate, confirmed="yes")
    assert not Promotion.objects.exists()

    allow("stan", "promote_modelversion")
    act(stan, address, "promote", candidate, confirmed="yes")
    assert Promotion.objects.get().version == candidate
