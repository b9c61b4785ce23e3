"""A sweep makes room for more urgent work and comes to the same result."""

import numpy as np
import pytest

from inference import experiment
from tests.support.nearly import rounded
from tests.support.pictures import digit_png
from webapp.jobs import attempts, run, services
from webapp.jobs.models import Job, Status
from webapp.lab import work
from webapp.lab.models import Attack, Draws, Sweep
from webapp.lab.partial import packed, unpacked
from webapp.lab.services import create_sweep, request_draws, start_attack, start_predict
from webapp.pictures.services import prepare, save_picture
from webapp.registry.models import ModelVersion

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_broker")]


def worked(job: Job) -> Job:
    """What the worker does with a message about this job."""
    mine = attempts.claim(job.pk)
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
    assert not Draws.objects.exists()  # whoever still looks at it asks
    asked = request_draws(visitor=bob, attack=attack.attack, value=77)
    drawn = worked(asked).draws  # the noise, again and again, at the attack's own level
    assert drawn.value == 77 and len(drawn.named) == 20

    Draws.objects.update(named=None)
    again, waiting = drawn.job, start_predict(visitor=bob, picture=picture, version=version)
    Job.objects.filter(pk=again.pk).update(status=Status.QUEUED)
    for judged in (8, 16):
        assert worked(again).status == Status.QUEUED and len(Draws.objects.get().named) == judged
    assert worked(waiting).status == worked(again).status == Status.DONE
    assert Draws.objects.get().named == drawn.named

    create_sweep(Attack.objects.get(pk=attack.pk), unasked=False)
    second = Job.objects.get(kind="sweep", status=Status.QUEUED)
    waiting = start_predict(visitor=bob, picture=picture, version=version)
    far = [0]
    for _ in range(3):
        disturbed = worked(second)
        assert (disturbed.status, disturbed.attempts) == (Status.QUEUED, 0)
        far.append(disturbed.done)
    assert far == sorted(set(far)) and far[-1] < 129
    assert worked(waiting).status == Status.DONE
    assert worked(second).status == Status.DONE
    one, other = (Sweep.objects.get(pk=job.pk) for job in (first, second))
    assert one.result == rounded(other.result) and other.partial is None


def test_levels_wait_until_their_verdict_is_told(bob, version, monkeypatch) -> None:
    """A program that wants none has cancelled them by then; whoever else comes does not wait for it."""
    monkeypatch.setattr(work, "TOLD", 60.0)
    picture = save_picture(prepare(digit_png(), "digit"), visitor=bob)
    worked(start_attack(visitor=bob, picture=picture, version=version, attack="fgsm", params={"epsilon": 77}))
    [sweep] = Sweep.objects.all()
    known = bytes(sweep.partial)

    waiting = start_predict(visitor=bob, picture=picture, version=version)
    monkeypatch.setattr(work.time, "sleep", lambda _seconds: None)
    assert worked(sweep.job).status == Status.QUEUED and bytes(Sweep.objects.get().partial) == known
    assert worked(waiting).status == Status.DONE

    monkeypatch.setattr(work.time, "sleep", lambda _seconds: services.cancel(sweep.job))
    assert worked(sweep.job).status == Status.CANCELLED and bytes(Sweep.objects.get().partial) == known


def test_of_what_everybody_sees_the_noise_is_drawn_beforehand(version) -> None:
    picture = save_picture(prepare(digit_png(), "digit"), visitor=None, expires=None)
    worked(start_attack(visitor=None, picture=picture, version=version, attack="fgsm", params={"epsilon": 77}))
    worked(Job.objects.get(kind="sweep"))
    assert [(row.value, row.job.visitor) for row in Draws.objects.all()] == [(77, None)]


def test_what_the_attack_has_judged_the_sweep_does_not_judge_again(bob, version, monkeypatch) -> None:
    asked: list[experiment.Step] = []
    judge = experiment.judge_steps

    def noted(classifier, png, sign_png, steps, *, seed):
        asked.extend(steps)
        return judge(classifier, png, sign_png, steps, seed=seed)

    monkeypatch.setattr(experiment, "judge_steps", noted)
    picture = save_picture(prepare(digit_png(), "digit"), visitor=bob)
    worked(start_attack(visitor=bob, picture=picture, version=version, attack="fgsm", params={"epsilon": 77}))
    [job] = Job.objects.filter(kind="sweep")
    assert worked(job).status == Status.DONE
    known = {experiment.Step(0), experiment.Step(77)}
    assert len(asked) == len(set(asked)) and set(asked) == set(experiment.steps_of(range(129), 77)) - known
    points = Sweep.objects.get().result["points"]
    assert [point["value"] for point in points if point["control"]] == [0, 1, 2, 4, 8, 16, 32, 64, 77, 128]


def test_what_an_older_worker_has_left_is_judged_again() -> None:
    older = np.zeros((2, 4, 1000), np.float32).tobytes()
    assert unpacked(older) == unpacked(b"") == {}
    rows = {
        experiment.Step(0): np.arange(3, dtype=np.float32),
        experiment.Step(2, control=True): np.ones(3, np.float32),
    }
    again = unpacked(packed(rows))
    assert list(again) == list(rows) and all(np.array_equal(again[step], row) for step, row in rows.items())


def test_a_sweep_of_a_worker_that_was_lost_goes_on_from_what_was_saved(bob, version) -> None:
    picture = save_picture(prepare(digit_png(), "digit"), visitor=bob)
    worked(start_attack(visitor=bob, picture=picture, version=version, attack="fgsm", params={"epsilon": 77}))
    [job] = Job.objects.filter(kind="sweep")
    Job.objects.filter(pk=job.pk).update(done=20)  # told as progress, never saved
    assert worked(job).status == Status.DONE
    assert len(Sweep.objects.get().result["points"]) == 129
