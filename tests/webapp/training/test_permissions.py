"""Who may do what: everybody watches; only staff with the permission start, steer, promote, or bring pictures."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from tests.support.cast import PASSWORD, Person
from webapp.jobs.models import Job
from webapp.promotion.models import Promotion
from webapp.registry.models import ModelVersion
from webapp.registry.services import make_live
from webapp.training.models import Dataset, TrainingRun

Caller = Callable[[], Person]


def allow(name: str, *codenames: str) -> None:
    User.objects.get(username=name).user_permissions.add(*Permission.objects.filter(codename__in=codenames))


@pytest.fixture
def lena(clean_site: None) -> Person:
    """Logged in, and not staff, although somebody gave her every permission."""
    person = Person()
    user = User.objects.create_user("lena", password=PASSWORD)
    user.user_permissions.set(Permission.objects.all())
    person.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return person


@pytest.fixture
def done(start: Callable[..., Job], do: Callable[..., Job]) -> Job:
    """A finished training."""
    return do(start())


def forms(job: Job) -> list[str]:
    """Every address that changes something, as the pages' forms use them."""
    return [
        *(f"/training/{job.pk}/{action}/" for action in ("stop", "cancel", "resume")),
        f"/versions/{job.version.sha256}/promote/",
        "/classifiers/digits/roll-back/",
    ]


def orders(job: Job) -> list[tuple[str, dict[str, Any]]]:
    """The same through the API."""
    return [
        ("/api/v1/training-runs", {"config": {"epochs": 1}}),
        *((f"/api/v1/training-runs/{job.pk}/{action}", {}) for action in ("stop", "cancel", "resume")),
        (f"/api/v1/versions/{job.version.sha256}/promote", {"confirmed": True}),
        ("/api/v1/classifiers/digits/roll-back", {}),
    ]


def test_without_the_permission_nothing_changes(alice: Person, lena: Person, stan: Person, done: Job) -> None:
    for caller in (alice, lena, stan):
        assert {caller.send_form(address, {}).status_code for address in forms(done)} == {403}
        assert {caller.post(address, body).status_code for address, body in orders(done)} == {403}
        for page in ("/admin/training/trainingrun/add/", "/admin/training/dataset/add/"):
            assert caller.get(page).status_code in (302, 403)
            assert caller.send_form(page, {"name": "x"}).status_code in (302, 403)

    assert TrainingRun.objects.count() == 1
    assert not Promotion.objects.exists()
    assert not ModelVersion.objects.get(sha256=done.version.sha256).live


def test_everybody_may_watch(done: Job, alice: Person) -> None:
    for page in (
        *("/training/", f"/training/{done.pk}/", f"/training/{done.pk}/epochs.csv", f"/training/{done.pk}/run.json"),
        *("/datasets/", "/datasets/mnist/", "/api/v1/training-runs", f"/api/v1/training-runs/{done.pk}"),
        *(
            "/api/v1/versions",
            f"/api/v1/versions/{done.version.sha256}",
            "/api/v1/datasets",
            "/api/v1/training-settings",
        ),
    ):
        assert alice.get(page).status_code == 200, page


def test_staff_with_the_permission(done: Job, stan: Person, do: Callable[..., Job]) -> None:
    allow("stan", "add_trainingrun", "control_trainingrun", "promote_modelversion")

    started = stan.post("/api/v1/training-runs", {"config": {"epochs": 1}}).json()
    assert stan.post(f"/api/v1/training-runs/{started['id']}/cancel", {}).status_code == 202
    assert stan.post(f"/api/v1/training-runs/{started['id']}/resume", {}).status_code == 202
    assert stan.send_form(f"/versions/{done.version.sha256}/promote/", {"confirmed": "yes"}).status_code == 302
    assert do(Promotion.objects.get().pk).status == "done"
    assert ModelVersion.objects.get(sha256=done.version.sha256).live


def test_a_get_changes_nothing(done: Job, ada: Person) -> None:
    for action in ("stop", "cancel", "resume"):
        assert ada.get(f"/training/{done.pk}/{action}/").status_code == 405
    assert ada.get(f"/versions/{done.version.sha256}/promote/").status_code == 200  # the question before it
    assert not Promotion.objects.exists()
    assert ada.get("/api/v1/classifiers/digits/roll-back").status_code == 405


def test_own_pictures_need_their_permission(stan: Person) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a/b.jpg", b"")
    allow("stan", "add_dataset")

    archive.seek(0)
    archive.name = "mine.zip"
    answer = stan.send_form("/admin/training/dataset/add/", {"name": "Mine", "archive": archive})

    assert answer.status_code == 302
    assert Dataset.objects.get(name="Mine").preparations.get().archive.endswith(".zip")


def test_whose_login_ran_out_is_led_to_it_and_back(done: Job) -> None:
    page = f"/training/{done.pk}/"
    cancel = Person().send_form(f"{page}cancel/", {}, headers={"Referer": f"http://testserver{page}"})
    assert cancel.status_code == 403 and f'href="/admin/login/?next={page}"' in cancel.content.decode()


def test_the_question_before_a_promotion_has_an_address(ada: Person, done: Job) -> None:
    """It is opened again in another language, or by who comes back; with nothing to ask it leads to the training."""
    version = TrainingRun.objects.get(pk=done.pk).version
    assert version
    address = f"/versions/{version.identity}/promote/"
    asked = ada.get(address)
    assert asked.status_code == 200 and 'id="confirm"' in asked.content.decode()
    assert not Promotion.objects.exists()
    make_live(version)
    assert ada.get(address)["Location"] == f"/training/{done.pk}/"
