"""What is deleted or expires is gone: rows, files, addresses; nothing of it comes back."""

import io
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from tests.support.cast import Person
from tests.support.finished import finish, png
from webapp.jobs import attempts
from webapp.jobs import services as jobs
from webapp.jobs.management.commands import keeper
from webapp.jobs.models import Job
from webapp.lab.models import Attack, Point, Sweep
from webapp.pictures.expiry import delete_orphans
from webapp.pictures.models import Picture
from webapp.registry.models import ModelVersion
from webapp.visitors.models import Visitor


@pytest.fixture
def turn_the_keeper(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """One round of the keeper, within the test's transaction: so the connection must stay open."""
    monkeypatch.setattr(keeper, "close_old_connections", lambda: None)

    def turn() -> None:
        with TestCase.captureOnCommitCallbacks(execute=True):
            keeper.every_turn()

    return turn


@pytest.mark.parametrize("door", ["/api/v1/images/{}", "/pictures/{}/delete/"])
def test_deleting_a_picture_removes_rows_and_files(
    alice: Person, attack: Attack, point: Job, media_files: Any, door: str
) -> None:
    shown = [f"/images/{attack.picture_id}.png", f"/results/{attack.pk}/sign.png", f"/results/{point.pk}/point.png"]
    assert {alice.get(address).status_code for address in shown} == {200}
    assert len(media_files()) == 4

    response = alice.request("DELETE" if "api" in door else "POST", door.format(attack.picture_id))

    assert response.status_code in (204, 302)
    assert not media_files()
    assert not any(model.objects.exists() for model in (Picture, Job, Attack, Sweep, Point))
    assert {alice.get(address).status_code for address in shown} == {404}


def test_a_running_job_whose_picture_is_deleted_saves_nothing(alice: Person, queued: Job, media_files: Any) -> None:
    running = attempts.claim(queued.pk)
    assert running

    alice.delete(f"/api/v1/images/{queued.attack.picture_id}")

    assert not attempts.report_progress(running, done=1)
    assert not attempts.finish(running, save=lambda: pytest.fail("saved"))
    assert not Job.objects.exists() and not media_files()


def test_deleting_everything_takes_what_was_made_of_samples_too(
    alice: Person, bob: Person, attack: Attack, sample: Picture, media_files: Any
) -> None:
    finish(alice.attack(str(sample.pk)).json()["id"])
    kept = {
        sample.file,
        *sample.attacks.get(job__visitor=None).files(),
        Picture.objects.exclude(pk=sample.pk)
        .get(visitor__in=Visitor.objects.exclude(pk=attack.picture.visitor_id))
        .file,
    }

    assert alice.post("/pictures/delete-all/").status_code == 302

    assert media_files() == {name.rsplit("/", 1)[1] for name in kept}
    assert set(Job.objects.values_list("visitor", flat=True)) == {None}
    assert alice.get("/api/v1/images").json() == []
    assert len(bob.get("/api/v1/images").json()) == 1


def test_somebody_who_has_nothing_can_delete_everything() -> None:
    assert Person().post("/pictures/delete-all/").status_code == 302
    assert not Visitor.objects.exists()


def test_a_picture_deleted_twice_is_not_there(alice: Person, picture: dict[str, Any]) -> None:
    assert alice.delete(f"/api/v1/images/{picture['id']}").status_code == 204
    assert alice.delete(f"/api/v1/images/{picture['id']}").status_code == 404


def test_a_browser_asks_again_whether_a_picture_is_still_there(alice: Person, picture: dict[str, Any]) -> None:
    first = alice.get(picture["url"])
    assert "no-cache" in first["Cache-Control"]
    again = {"If-None-Match": first["ETag"]}
    kept = alice.get(picture["url"], headers=again)
    assert kept.status_code == 304
    assert all(kept[name] == first[name] for name in ("ETag", "Cache-Control")) and "Cookie" not in kept["Vary"]

    alice.delete(f"/api/v1/images/{picture['id']}")

    assert alice.get(picture["url"], headers=again).status_code == 404


def test_a_file_that_is_lost_is_a_404(alice: Person, picture: dict[str, Any], settings: Any) -> None:
    (Path(settings.MEDIA_DIR) / Picture.objects.get().file).unlink()

    assert alice.get(picture["url"]).status_code == 404


# --- By themselves ------------------------------------------------------------------------------------------------


def test_a_picture_expires_after_seven_days(alice: Person, picture: dict[str, Any]) -> None:
    left = Picture.objects.get().expires - timezone.now()

    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


def test_the_keeper_removes_what_has_expired_and_nothing_else(
    alice: Person, attack: Attack, point: Job, sample: Picture, media_files: Any, turn_the_keeper: Any
) -> None:
    Picture.objects.filter(pk=attack.picture_id).update(expires=timezone.now() + timedelta(minutes=1))
    turn_the_keeper()
    assert Picture.objects.count() == 2

    Picture.objects.filter(pk=attack.picture_id).update(expires=timezone.now() - timedelta(seconds=1))
    turn_the_keeper()

    assert list(Picture.objects.all()) == [sample]
    assert media_files() == {name.rsplit("/", 1)[1] for name in [sample.file, *sample.attacks.get().files()]}
    assert alice.get(f"/lab/{attack.pk}/").status_code == 404


def test_visitors_attacks_on_samples_leave_as_pictures_do(
    alice: Person, sample: Picture, media_files: Any, turn_the_keeper: Any
) -> None:
    job = finish(alice.attack(str(sample.pk)).json()["id"])
    turn_the_keeper()
    assert Job.objects.filter(pk=job.pk).exists()

    Job.objects.update(created=timezone.now() - timedelta(days=7, minutes=1))
    turn_the_keeper()

    assert set(Job.objects.values_list("visitor", flat=True)) == {None}
    assert len(media_files()) == 3


def test_old_sweeps_of_visitors_are_dropped_and_the_samples_kept(
    attack: Attack, sample: Picture, turn_the_keeper: Any
) -> None:
    Job.objects.filter(kind="sweep").update(created=timezone.now() - timedelta(minutes=10))

    turn_the_keeper()

    status = dict(Job.objects.filter(kind="sweep").values_list("visitor", "status"))
    assert status == {None: "queued", attack.job.visitor_id: "cancelled"}


def test_files_that_no_row_names_are_swept_after_an_hour(attack: Attack, point: Job, settings: Any) -> None:
    folder = Path(settings.MEDIA_DIR)
    old, young, draft = folder / "results/aa/old.png", folder / "results/aa/young.png", folder / "pictures/.draft-x"
    for path in (old, young, draft):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    long_ago = time.time() - 3700
    for path in folder.rglob("*.png"):
        os.utime(path, (long_ago, long_ago))
    os.utime(draft, (long_ago, long_ago))
    os.utime(young)

    assert delete_orphans() == 2

    assert not old.exists() and not draft.exists() and young.exists()
    named = [attack.picture.file, *attack.files(), Point.objects.get().image_file]
    assert all((folder / name).exists() for name in named)


def test_browsers_that_own_nothing_are_forgotten_after_a_day(
    alice: Person, bob: Person, ted: Person, picture: dict[str, Any], sample: Picture
) -> None:
    person = Person()
    assert person.predict("x").status_code == 404  # an order, and so a visitor, of nothing
    gone = Visitor.objects.get(pictures=None)
    job_only = Visitor.objects.create()
    jobs.create_job(
        kind="predict", visitor=job_only, version=ModelVersion.objects.get(classifier__slug="imagenet-lite0")
    )
    with_token = Visitor.objects.create(user=User.objects.get(username="ted"))
    keeper.every_hour()
    assert Visitor.objects.filter(pk=gone.pk).exists(), "it may still be about to send a picture"
    Visitor.objects.update(created=timezone.now() - timedelta(days=1, seconds=1))
    young = Visitor.objects.create()
    kept = set(Visitor.objects.exclude(pk=gone.pk))

    keeper.every_hour()

    assert set(Visitor.objects.all()) == kept >= {job_only, with_token, young}
    assert Picture.objects.filter(visitor__isnull=False).count() == 2
    assert person.upload(io.BytesIO(png())).status_code == 201, "who comes back is somebody new"
    assert Visitor.objects.count() == len(kept) + 1


def test_the_first_start_can_be_repeated(sample: Picture, capsys: Any) -> None:
    before = Picture.objects.count()
    call_command("setup")
    assert "password" in capsys.readouterr().out
    counts = Picture.objects.count(), Job.objects.count()
    call_command("setup")

    assert "password" not in capsys.readouterr().out
    assert (Picture.objects.count(), Job.objects.count()) == counts
    assert counts[0] > before
