"""Predictions and one-step attacks beside each other: each comes to what it comes to alone; the test is the worker."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection

from inference import experiment
from inference.assets import ASSETS
from tests.support.nearly import rounded
from webapp.core import files
from webapp.jobs import attempts, run
from webapp.jobs.models import Job, Status
from webapp.jobs.tasks import run_job
from webapp.lab.models import Attack
from webapp.lab.services import start_attack, start_predict
from webapp.pictures.deleting import delete_picture
from webapp.pictures.models import Picture
from webapp.pictures.services import prepare, save_picture
from webapp.registry.loading import classifier_of
from webapp.registry.models import ModelVersion
from webapp.visitors.models import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

PHOTOS = ("panda.jpg", "castle.jpg", "coffee.jpg", "stupa.jpg")  # no two as large
DIGITS = ("digit-1.png", "digit-3.png", "digit-5.png", "digit-9.png")
ORDERS = ({"epsilon": 2}, {"epsilon": 5, "target": 8}, {"epsilon": 1}, {"epsilon": 32, "seed": 7})


@pytest.fixture(autouse=True)
def four_at_once(settings) -> None:
    """However many threads there are."""
    settings.JOBS_AT_ONCE = 4


@pytest.fixture
def visitor() -> Visitor:
    return Visitor.objects.create()


@pytest.fixture
def photos(visitor) -> list[Picture]:
    return brought(PHOTOS, "photo", visitor)


@pytest.fixture
def digits(visitor) -> list[Picture]:
    return brought(DIGITS, "digit", visitor)


@pytest.fixture
def small_version(version) -> ModelVersion:
    """Of a network that is quick to ask."""
    return ModelVersion.objects.select_related("classifier").get(classifier__slug="digits")


def brought(names: Sequence[str], preparation: str, visitor: Visitor) -> list[Picture]:
    samples = [(ASSETS / "samples" / name).read_bytes() for name in names]
    return [save_picture(prepare(sample, preparation), visitor=visitor) for sample in samples]


def attacks_on(pictures: list[Picture], version: ModelVersion, slug: str = "fgsm") -> list[Job]:
    return [
        start_attack(visitor=one.visitor, picture=one, version=version, attack=slug, params=params)
        for one, params in zip(pictures, ORDERS, strict=True)
    ]


def alone(job: Job) -> None:
    claimed = attempts.claim(job.pk)
    assert claimed
    run.do(claimed)


def told(job: Job) -> Any:
    """All that the job came to but for its seconds."""
    result = Job.objects.get(pk=job.pk).result().result
    return result | ({"cost": result["cost"] | {"seconds": 0.0}} if "cost" in result else {})


def kept(job: Job) -> list[bytes]:
    """The files of an attack, and what its sweep need not judge again."""
    row = Attack.objects.get(pk=job.pk)
    sweep = row.current_sweep()
    assert sweep
    return [files.read(row.adversarial_file), files.read(row.sign_file), bytes(sweep.partial)]


def test_attacks_come_to_the_same_beside_each_other_to_the_bit(digits, small_version) -> None:
    beside_as_alone(digits, small_version)


@pytest.mark.walk
def test_so_do_photographs_no_two_as_large(photos, version) -> None:
    beside_as_alone(photos, version)


def beside_as_alone(pictures: list[Picture], version: ModelVersion) -> None:
    one_by_one, together = attacks_on(pictures, version), attacks_on(pictures, version)
    for job in one_by_one:
        alone(job)
    run_job(str(together[0].pk))
    assert statuses(*together) == [Status.DONE] * 4
    assert [kept(job) for job in together] == [kept(job) for job in one_by_one]
    assert [told(job) for job in one_by_one] == [rounded(told(job)) for job in together]  # of the noise's reach
    assert Job.objects.filter(kind="sweep").count() == 8


def test_predictions_come_to_the_same_beside_each_other(digits, small_version) -> None:
    one_by_one, together = [
        [start_predict(visitor=digit.visitor, picture=digit, version=small_version) for digit in digits]
        for _ in range(2)
    ]
    for job in one_by_one:
        alone(job)
    run_job(str(together[0].pk))
    assert [told(job) for job in together] == [told(job) for job in one_by_one]


def test_a_picture_that_cannot_be_read_a_target_that_is_reached_and_a_lost_file_fail_alone(
    digits, small_version
) -> None:
    jobs = attacks_on(digits, small_version)
    named = experiment.predict(classifier_of(small_version), files.read(digits[1].file)).top[0].index
    Attack.objects.filter(pk=jobs[1].pk).update(params={"epsilon": 2, "target": named, "seed": 0})
    Picture.objects.filter(pk=digits[2].pk).update(file=files.write("pictures", b"no picture"))
    files.delete([digits[3].file])
    run_job(str(jobs[0].pk))
    ended = [Job.objects.get(pk=job.pk) for job in jobs]
    assert [(job.status, job.error_code) for job in ended] == [
        ("done", ""),
        ("failed", "invalid"),
        ("failed", "internal"),
        ("failed", "picture_gone"),
    ]


def test_a_picture_that_is_deleted_meanwhile_leaves_nothing_and_the_others_go_on(
    digits, small_version, media_files, monkeypatch
) -> None:
    jobs, content = attacks_on(digits, small_version), files.read(digits[1].file)
    attack: Callable[..., Any] = experiment.attack

    def deleting(classifier: Any, png: bytes, *asked: Any, **more: Any) -> experiment.Attacked:
        if png == content:
            delete_picture(digits[1])
            connection.close()
        return attack(classifier, png, *asked, **more)

    monkeypatch.setattr(experiment, "attack", deleting)
    before = media_files()
    run_job(str(jobs[0].pk))
    assert [job.status for job in Job.objects.filter(kind="attack")] == [Status.DONE] * 3
    assert len(media_files() - before) == 2 * 3


def test_only_the_same_attack_of_one_step_is_done_beside_another(digits, small_version) -> None:
    ModelVersion.objects.filter(pk=small_version.pk).update(gradient_seconds=0.001, forward_seconds=0.001)
    small_version.refresh_from_db()
    first, *others = attacks_on(digits, small_version)
    asked = {"visitor": Visitor.objects.create(), "picture": digits[0], "version": small_version}
    slow = start_attack(**asked, attack="bim", params={"epsilon": 2})
    assert slow.queue == first.queue
    run_job(str(slow.pk))
    assert statuses(slow, first, *others) == [Status.DONE] + [Status.QUEUED] * 4
    slow = start_attack(**asked, attack="bim", params={"epsilon": 2})
    run_job(str(first.pk))
    assert statuses(slow, first, *others) == [Status.QUEUED] + [Status.DONE] * 4


def statuses(*jobs: Job) -> list[str]:
    return [Job.objects.get(pk=job.pk).status for job in jobs]
