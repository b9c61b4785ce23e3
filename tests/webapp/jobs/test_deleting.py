"""What is deleted stays deleted, whoever was at work on it; on the real database, threads as workers."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from inference.images import canonicalise
from tests.support.pictures import noise_png
from webapp.core import files
from webapp.core.errors import Refusal
from webapp.jobs import attempts
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, Status
from webapp.lab import services
from webapp.lab.models import Attack, Point, Sweep
from webapp.pictures import deleting
from webapp.pictures.expiry import delete_expired, delete_old_jobs
from webapp.pictures.models import Picture
from webapp.pictures.services import save_picture
from webapp.visitors.models import Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_broker")]


@pytest.fixture
def new_picture() -> Callable[..., Picture]:
    canonical = canonicalise(noise_png(), "photo")
    return lambda visitor, **columns: save_picture(canonical, visitor=visitor, **columns)


@pytest.fixture
def sample(new_picture) -> Picture:
    return new_picture(None, sample="noise", expires=None)


def start_attack(visitor: Visitor | None, picture: Picture, version) -> Job:
    params = {"epsilon": 2}
    return services.start_attack(visitor=visitor, picture=picture, version=version, attack="fgsm", params=params)


def end_attack(job: Job) -> bool:
    """What a worker does at the end of an attack."""
    mine = attempts.claim(job.pk)
    if mine is None:
        return False
    names = [files.write("results", b"one"), files.write("results", b"two")]

    def save() -> None:
        Attack.objects.filter(pk=job.pk).update(adversarial_file=names[0], sign_file=names[1])
        services.create_sweep(Attack.objects.get(pk=job.pk), unasked=False)

    saved = attempts.finish(mine, save=save)
    if not saved:
        files.delete(names)
    return saved


def stored() -> list[Path]:
    return [path for path in Path(django_settings.MEDIA_DIR).rglob("*") if path.is_file()]


def at_once(*actions: Callable[[], object]) -> list[BaseException]:
    """Run all in threads of their own, started together; what they raised."""
    errors: list[BaseException] = []
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> None:
        try:
            gate.wait()
            action()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.fixture(autouse=True)
def _nothing_stored():
    for path in stored():
        path.unlink()


def test_deleting_a_picture_takes_along_its_jobs_rows_and_files(new_picture, bob, version) -> None:
    picture = new_picture(bob)
    attack = start_attack(bob, picture, version)
    assert end_attack(attack)
    waiting = services.start_predict(visitor=bob, picture=picture, version=version)
    assert len(stored()) == 3
    deleting.delete_picture(picture)
    assert (stored(), Job.objects.count(), Picture.objects.count()) == ([], 0, 0)
    assert attempts.claim(waiting.pk) is None


def test_a_worker_that_ends_after_the_deletion_saves_nothing(new_picture, bob, version) -> None:
    picture = new_picture(bob)
    mine = attempts.claim(start_attack(bob, picture, version).pk)
    deleting.delete_picture(picture)
    assert mine and not attempts.finish(mine, save=lambda: pytest.fail("saved"))


def test_an_attack_that_ends_while_its_picture_is_deleted_leaves_nothing(new_picture, bob, version) -> None:
    for _ in range(12):
        picture = new_picture(bob)
        job = start_attack(bob, picture, version)
        assert not at_once(lambda job=job: end_attack(job), lambda picture=picture: deleting.delete_picture(picture))
        assert (stored(), Job.objects.count(), Sweep.objects.count()) == ([], 0, 0)


def test_a_job_begun_while_its_picture_is_deleted_is_a_404_or_gone(new_picture, bob, version) -> None:
    for _ in range(12):
        picture = new_picture(bob)
        mine = Picture.objects.get(pk=picture.pk)

        def begin(mine=mine) -> None:
            services.start_predict(visitor=bob, picture=mine, version=version)

        errors = at_once(begin, lambda picture=picture: deleting.delete_picture(picture))
        assert all(isinstance(error, Refusal) and error.status == 404 for error in errors), errors
        assert (Job.objects.count(), Picture.objects.count()) == (0, 0)


def test_deleting_twice_at_once_is_harmless(new_picture, bob, version) -> None:
    picture = new_picture(bob)
    end_attack(start_attack(bob, picture, version))
    same = Picture.objects.get(pk=picture.pk)
    assert not at_once(lambda: deleting.delete_picture(picture), lambda: deleting.delete_picture(same))
    assert (stored(), Job.objects.count()) == ([], 0)


def test_delete_all_takes_what_was_made_of_samples_too_and_leaves_others_alone(
    new_picture, sample, bob, version
) -> None:
    others = Visitor.objects.create()
    new_picture(bob), new_picture(others)
    for visitor in (bob, others, None):
        assert end_attack(start_attack(visitor, sample, version))
    deleting.delete_all(bob)
    assert Job.objects.filter(visitor=bob).count() == 0
    assert len(stored()) == 2 + 2 * 2  # the sample, the other's picture, and the files of two attacks


def test_a_level_asked_for_twice_at_once_is_one_job(new_picture, bob, version) -> None:
    job = start_attack(bob, new_picture(bob), version)
    end_attack(job)
    attack = Attack.objects.get(pk=job.pk)
    asked: list[Job] = []
    ask = lambda: asked.append(services.request_point(visitor=bob, attack=attack, value="3"))  # noqa: E731  thrice the same
    assert not at_once(ask, ask, ask)
    assert {job.pk for job in asked} == {Point.objects.get().pk}


def test_a_sweep_asked_for_twice_at_once_is_one_job(new_picture, bob, version) -> None:
    job = start_attack(bob, new_picture(bob), version)
    end_attack(job)
    jobs.drop(services.left_behind(bob))
    ask = lambda: services.start_sweep(visitor=bob, attack=Attack.objects.get(pk=job.pk))  # noqa: E731  twice the same
    assert not at_once(ask, ask)
    assert Job.objects.filter(kind="sweep", status=Status.QUEUED).count() == 1


# --- Time ---------------------------------------------------------------------------------------------------------


def test_expired_pictures_go_with_everything_and_others_stay(new_picture, sample, bob, version) -> None:
    old, young = new_picture(bob, expires=timezone.now() - timedelta(seconds=1)), new_picture(bob)
    end_attack(start_attack(bob, old, version))
    assert delete_expired() == 1
    assert set(Picture.objects.all()) == {young, sample}
    assert (len(stored()), Job.objects.count()) == (2, 0)


def test_what_was_made_of_samples_goes_after_the_same_time_and_the_samples_own_stays(
    sample, bob, version, settings
) -> None:
    own, old, young = (start_attack(visitor, sample, version) for visitor in (None, bob, bob))
    for job in (own, old, young):
        end_attack(job)
    long_ago = timezone.now() - timedelta(days=settings.PICTURE_DAYS, seconds=1)
    Job.objects.filter(pk__in=(own.pk, old.pk)).update(created=long_ago)
    assert delete_old_jobs() == 1
    assert set(Job.objects.filter(kind="attack")) == {own, young}
    assert len(stored()) == 1 + 2 * 2
