"""A sweep makes room for more urgent work and comes to the same result."""

import pytest

from tests.support.pictures import digit_png
from webapp.jobs import run, services
from webapp.jobs.models import Job, Status
from webapp.lab.models import Attack, Sweep
from webapp.lab.services import create_sweep, start_attack, start_predict
from webapp.pictures.services import prepare, save_picture
from webapp.registry.models import ModelVersion

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_broker")]


def worked(job: Job) -> Job:
    """What the worker does with a message about this job."""
    mine = services.claim(job.pk)
    assert mine
    run.do(mine)
    return Job.objects.get(pk=job.pk)


@pytest.fixture
def version(version: ModelVersion) -> ModelVersion:
    """Of the digits' network, which judges a hundred levels in a second."""
    return ModelVersion.objects.select_related("classifier").get(classifier__slug="digits")


def test_a_sweep_makes_room_and_comes_to_the_same_result(bob, version) -> None:
    picture = save_picture(prepare(digit_png(), "digit"), visitor=bob)
    attack = worked(start_attack(visitor=bob, picture=picture, version=version, attack="fgsm", params={"epsilon": 77}))
    [first] = Job.objects.filter(kind="sweep")
    undisturbed = worked(first)
    assert (undisturbed.status, undisturbed.done) == (Status.DONE, 129)
    drawn = worked(Job.objects.get(kind="draws")).draws  # the noise, again and again, at the attack's own level
    assert drawn.value == 77 and len(drawn.named) == 20

    create_sweep(Attack.objects.get(pk=attack.pk))
    second = Job.objects.get(kind="sweep", status=Status.QUEUED)
    waiting = start_predict(visitor=bob, picture=picture, version=version)
    for done in (4, 8):
        disturbed = worked(second)
        assert (disturbed.status, disturbed.done, disturbed.attempts) == (Status.QUEUED, done, 0)
    assert worked(waiting).status == Status.DONE
    assert worked(second).status == Status.DONE
    one, other = (Sweep.objects.get(pk=job.pk) for job in (first, second))
    assert one.result == other.result and other.partial is None


def test_a_sweep_of_a_worker_that_was_lost_goes_on_from_what_was_saved(bob, version) -> None:
    picture = save_picture(prepare(digit_png(), "digit"), visitor=bob)
    worked(start_attack(visitor=bob, picture=picture, version=version, attack="fgsm", params={"epsilon": 77}))
    [job] = Job.objects.filter(kind="sweep")
    Job.objects.filter(pk=job.pk).update(done=20)  # told as progress, never saved
    assert worked(job).status == Status.DONE
    assert len(Sweep.objects.get().result["points"]) == 129
