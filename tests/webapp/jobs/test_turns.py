"""Jobs that take turns: how a worker goes round them; the test is the worker."""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.paths import ROOT
from webapp.core.queues import STUDY, Queue
from webapp.jobs import attempts, run, services, sharing, turns, upkeep
from webapp.jobs import kinds as declared
from webapp.jobs.broker import waiting_jobs, waiting_messages
from webapp.jobs.kinds import JobKind
from webapp.jobs.models import Checkpoint, Job, Status
from webapp.jobs.serializers import job_json

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_broker", "toys")]

HERE = __name__
LOG: list[str] = []


def count(attempt: turns.Turns) -> Iterator[Callable[[], bytes]]:
    """So many steps, a turn each; goes on where an earlier attempt left it."""
    first = int(attempt.state or b"0")
    try:
        for step in range(first, attempt.job.total):
            LOG.append(f"{attempt.job.kind}{step}")
            attempt.step(step + 1, "Step %(step)s", {"step": step + 1})
            yield lambda step=step: str(step + 1).encode()
        attempt.finish(lambda: LOG.append("saved"))
    finally:
        LOG.append("closed")


def endless(attempt: turns.Turns) -> Iterator[Callable[[], bytes]]:
    """Until somebody ends it."""
    for step in itertools.count():
        attempt.step(step)
        attempt.unsaved += 6  # two turns make a checkpoint due
        yield str(step).encode
        if step == 3:
            attempt.job.refresh_from_db()
            Job.objects.filter(pk=attempt.job.pk).update(**ASKED)


def nothing(attempt: turns.Turns) -> Iterator[Callable[[], bytes]]:
    """Ends without a result."""
    yield bytes


def urgent(attempt: run.Run) -> None:
    LOG.append("urgent")
    attempt.finish(lambda: None)


def expected(row: Any, version: Any) -> float:
    return 40.0


ASKED: dict[str, bool] = {}


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds whose turns take no time: each step is a turn."""
    LOG.clear()
    ASKED.clear()
    real = declared.kinds()
    made = {name: kind(name) for name in ("count", "endless", "nothing")}
    asked = JobKind("predict", real["predict"].queue, f"{HERE}.urgent", "lab.Prediction", "")
    found = {**real, **made, "predict": asked}
    for module in (declared, services):
        monkeypatch.setattr(module, "kinds", lambda: found)
    monkeypatch.setattr("webapp.jobs.models.kinds", lambda: found)
    monkeypatch.setattr(turns, "TURN", 0.0)


def kind(name: str, queue: Queue = STUDY) -> JobKind:
    return JobKind(
        name,
        queue,
        f"{HERE}.{name}",
        "lab.Prediction",
        "webapp.lab.serializers.prediction",
        limit="STUDY_SECONDS",
        expects=f"{HERE}.expected",
    )


def again(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def go(job: Job) -> None:
    claimed = attempts.claim(job.pk)
    assert claimed
    turns.go_round(claimed)
    assert not run.held_jobs()


def test_progress_is_put_together_in_the_reader_s_language(new_job, monkeypatch) -> None:
    job = attempts.claim(new_job("sweep").pk)
    assert job
    run.Run(job).step(1, "Step %(step)s", {"step": 3})
    assert (again(job).text, again(job).progress_text()) == ("Step %(step)s", "Step 3")
    assert job_json(again(job))["progress"]["text"] == "Step 3"
    monkeypatch.setattr("webapp.core.errors.gettext", lambda text: text.replace("Step", "Schritt"))
    assert again(job).progress_text() == "Schritt 3"


def test_two_take_turns_and_each_ends_once(new_job) -> None:
    first, second = new_job("count"), new_job("count")
    go(first)
    steps = [entry for entry in LOG if entry.startswith("count")]
    assert steps == [f"count{step}" for step in (0, 0, 1, 1, 2, 2, 3, 3)]
    assert LOG.count("saved") == LOG.count("closed") == 2
    assert {again(job).status for job in (first, second)} == {Status.DONE}


def test_who_waits_for_something_urgent_is_served_between_two_turns(new_job, monkeypatch) -> None:
    asked: list[Job] = []
    record = sharing.record_turn

    def and_somebody_asks(job: Job, **columns: Any) -> bool:
        if columns["done"] == 2:
            asked.append(new_job("predict"))
        return record(job, **columns)

    monkeypatch.setattr(sharing, "record_turn", and_somebody_asks)
    go(new_job("count"))
    assert LOG[:4] == ["count0", "count1", "urgent", "count2"]
    assert again(asked[0]).status == Status.DONE
    assert waiting_messages("interactive") == 0  # the broker's message went with it


def test_urgent_work_is_found_without_a_broker(new_job, broker) -> None:
    study, job = new_job("count"), new_job("predict")
    broker.stop()
    try:
        go(study)
    finally:
        broker.start()
    assert (again(study).status, again(job).status, LOG[0]) == (Status.DONE, Status.DONE, "urgent")


def test_messages_about_what_is_done_already_do_not_hide_what_waits(new_job) -> None:
    stale, waits = new_job("predict"), new_job("predict")
    services.cancel(stale)
    go(new_job("count"))
    assert again(waits).status == Status.DONE and waiting_messages("interactive") == 0


def test_a_worker_holds_few_and_takes_first_whom_it_has_worked_least_for(new_job, monkeypatch) -> None:
    monkeypatch.setattr(turns, "HELD", 2)
    first = new_job("count", total=1)
    old, new = new_job("count", worked=50.0, total=1), new_job("count", worked=1.0, total=1)
    taken: list[Job] = []
    take = sharing.claim_next
    monkeypatch.setattr(sharing, "claim_next", lambda queue, **how: taken.append(found := take(queue, **how)) or found)
    go(first)
    assert [job.pk for job in taken if job] == [new.pk, old.pk]


def test_what_nobody_asked_for_stands_still_while_anybody_waits(new_job) -> None:
    first, second, urgent = new_job("count", unasked=True), new_job("count", unasked=True), new_job(unasked=True)
    asked = new_job("count")
    go(first)
    first, second, asked, urgent = (again(job) for job in (first, second, asked, urgent))
    assert asked.finished < urgent.started < urgent.finished < first.finished
    assert [job.status for job in (first, asked, second)] == [Status.DONE, Status.DONE, Status.QUEUED]


def test_what_somebody_comes_to_wait_for_goes_on_with_the_rest(new_job, monkeypatch) -> None:
    asked, joined = new_job("count"), new_job("count", unasked=True)
    record = sharing.record_turn

    def and_somebody_joins(job: Job, **columns: Any) -> bool:
        if columns["done"] == 2:
            services.attend(again(joined))
        return record(job, **columns)

    monkeypatch.setattr(sharing, "record_turn", and_somebody_joins)
    go(joined)
    assert LOG[:4] == ["count0", "count1", "count0", "count2"]
    assert {again(job).status for job in (asked, joined)} == {Status.DONE}


def test_where_somebody_waits_for_a_place_who_reached_a_checkpoint_makes_room(new_job, monkeypatch) -> None:
    monkeypatch.setattr(turns, "HELD", 1)
    monkeypatch.setattr(turns, "CHECKPOINT", 0.0)
    first, second = new_job("count"), new_job("count")
    go(first)  # it lets go after its first step; the round ends, for nothing is held
    assert (again(first).status, again(first).attempts, bytes(Checkpoint.objects.get().state)) == ("queued", 0, b"1")
    assert str(first.pk) in waiting_jobs("study")
    services.cancel(second)
    go(again(first))
    assert LOG.count("count0") == 1 and again(first).status == Status.DONE
    assert not Checkpoint.objects.exists()


def test_a_checkpoint_forgives_attempts_and_is_left_for_whoever_comes_after(new_job) -> None:
    job = new_job("endless", attempts=2)
    ASKED["claim"] = "somebody else's"
    go(job)
    assert (again(job).attempts, bytes(Checkpoint.objects.get().state)) == (1, b"3")


def test_who_is_cancelled_ends_and_leaves_nothing(new_job) -> None:
    job = new_job("endless")
    ASKED["cancel_requested"] = True
    go(job)
    assert again(job).status == Status.CANCELLED and not Checkpoint.objects.exists()


def test_one_in_the_worker_s_memory_that_is_not_worked_at_is_cancelled_at_once(new_job) -> None:
    new_job("count")
    job = sharing.claim_next(STUDY)
    assert job and job.status == Status.RUNNING
    services.cancel(job)
    assert again(job).status == Status.CANCELLED
    assert not sharing.record_turn(job, done=1)


def test_a_worker_that_leaves_puts_all_back_with_what_they_reached(new_job) -> None:
    first, second = new_job("endless"), new_job("count", total=1000)
    ASKED["pause_requested"] = True
    go(first)
    assert again(first).status == Status.QUEUED and again(first).attempts == 0
    assert bytes(Checkpoint.objects.get(job=first).state) == b"4"
    assert again(second).status == Status.QUEUED  # though nobody asked it: it was taken after the asking
    services.ask_to_pause([again(second).worker])
    assert not again(second).pause_requested  # a queued one is nobody's to pause


def test_the_limit_counts_work_over_all_turns(new_job, settings) -> None:
    settings.STUDY_SECONDS = 60
    job = new_job("count", worked=60.0)
    Checkpoint.objects.create(job=job, state=b"1")
    go(job)
    assert (again(job).status, again(job).error_code) == (Status.FAILED, "too_long")
    assert "60 seconds" in again(job).why() and LOG.count("closed") == 1


@pytest.mark.parametrize(("kept", "worked"), [(True, 40.0), (False, 0.0)])
def test_what_a_lost_worker_kept_nothing_of_begins_again_and_so_does_its_clock(new_job, kept, worked) -> None:
    job = new_job("count", worked=40.0, expected=50.0)
    taken = sharing.claim_next(STUDY)
    if kept:
        Checkpoint.objects.create(job=job, state=b"1")
    Job.objects.update(heartbeat=timezone.now() - timedelta(seconds=100))
    upkeep.requeue_expired()
    assert (again(taken).status, again(taken).worked, again(taken).left) == (Status.QUEUED, worked, 50 - worked)


def test_waiting_does_not_count(new_job, settings) -> None:
    settings.STUDY_SECONDS = 60
    job = new_job("count", created=timezone.now() - timedelta(hours=1))
    go(job)
    assert again(job).status == Status.DONE and again(job).worked < 60


def test_work_that_ends_without_a_result_is_a_bug_of_ours(new_job) -> None:
    job = new_job("nothing")
    go(job)
    assert (again(job).status, again(job).error_code) == (Status.FAILED, "internal")


def test_a_lost_worker_is_the_attempt_of_what_it_was_at(new_job) -> None:
    new_job("count"), new_job("count")
    at_work, beside = sharing.claim_next(STUDY), sharing.claim_next(STUDY)
    assert at_work and beside
    sharing.put_in_hand(at_work, True)
    Job.objects.update(heartbeat=timezone.now() - timedelta(seconds=100), attempts=3)
    upkeep.requeue_expired()
    assert (again(at_work).status, again(at_work).error_code) == (Status.FAILED, "worker_lost")
    assert (again(beside).status, again(beside).attempts) == (Status.QUEUED, 2)


def test_work_that_never_yields_ends_its_process_and_says_where() -> None:
    code = (
        "import time\nimport django\ndjango.setup()\n"
        "from webapp.jobs.turns import killed_after\nwith killed_after(0.3):\n    time.sleep(30)"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1 and "Timeout" in ended.stderr and 'File "<string>", line 6' in ended.stderr
