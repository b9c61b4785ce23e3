"""Jobs beside each other: who is taken along, and that each keeps a life of its own; the test is the worker."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from webapp.core.queues import INTERACTIVE
from webapp.jobs import attempts, company, run, services
from webapp.jobs import kinds as declared
from webapp.jobs.broker import waiting_messages
from webapp.jobs.kinds import JobKind
from webapp.jobs.models import Job, JobQuerySet, Status
from webapp.jobs.tasks import run_job
from webapp.registry.models import ModelVersion

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_broker", "toys")]

HERE = __name__
AT_ONCE = 4


class Table:
    """Where the jobs of a test meet."""

    def __init__(self, seats: int) -> None:
        self.computed: list[Any] = []
        self.saved: list[Any] = []
        self.held: list[int] = []  # jobs that the process held when each was saved
        self.told: dict[Any, Callable[[], object]] = {}  # what one does instead of sitting down
        self.all_here = threading.Barrier(seats)


TABLE = Table(1)


def begin(attempt: run.Run) -> company.Work:
    job = attempt.job

    def compute(on_step: Callable[[int, int, str], None]) -> str:
        on_step(1, 4, "Sitting down")
        TABLE.computed.append(job.pk)
        if job.pk in TABLE.told:
            TABLE.told[job.pk]()
        else:
            TABLE.all_here.wait(10)  # broken unless the others are computed meanwhile
        on_step(2, 4, "Eating")
        return f"of {job.pk}"

    def save(found: Callable[[], str]) -> None:
        assert found() == f"of {job.pk}"
        TABLE.held.append(len(run.held_jobs()))
        attempt.finish(lambda: TABLE.saved.append(job.pk))

    return company.Work(compute, save)


def alone(attempt: run.Run) -> None:
    attempt.finish(lambda: TABLE.saved.append("alone"))


POOL = ThreadPoolExecutor(AT_ONCE)


def everybody(_job: Job, waiting: JobQuerySet) -> JobQuerySet:
    return waiting


TOYS = company.Company(lambda _job: AT_ONCE, everybody, begin, lambda: POOL)


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Predictions that are done beside each other, and nothing is asked of a network."""
    kind = JobKind("predict", INTERACTIVE, f"{HERE}.alone", "lab.Prediction", "", company=f"{HERE}.TOYS")
    other = JobKind("attack", INTERACTIVE, f"{HERE}.alone", "lab.Attack", "", company=f"{HERE}.TOYS")
    found = {**declared.kinds(), "predict": kind, "attack": other}
    for module in (declared, services):
        monkeypatch.setattr(module, "kinds", lambda: found)
    monkeypatch.setattr("webapp.jobs.models.kinds", lambda: found)
    yield
    assert not run.held_jobs()


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Table]:
    """One with so many seats: nobody is served before all have sat down."""

    def make(seats: int) -> Table:
        made = Table(seats)
        monkeypatch.setattr(f"{HERE}.TABLE", made)
        return made

    return make


def again(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def statuses(*jobs: Job) -> list[str]:
    return [again(job).status for job in jobs]


def test_who_finds_nobody_is_done_alone(new_job, table) -> None:
    at, job = table(1), new_job()
    run_job(str(job.pk))
    assert (at.saved, at.computed, statuses(job)) == (["alone"], [], [Status.DONE])


def test_those_that_wait_are_done_beside_it_and_the_rest_after_them(new_job, table) -> None:
    at, jobs = table(AT_ONCE), [new_job() for _ in range(AT_ONCE + 2)]
    run_job(str(jobs[0].pk))
    assert sorted(at.saved) == sorted(job.pk for job in jobs[:AT_ONCE])  # the oldest, each once
    assert set(at.held) == {AT_ONCE}  # leases are renewed while they are in company
    assert statuses(*jobs) == [Status.DONE] * AT_ONCE + [Status.QUEUED] * 2
    assert {again(job).attempts for job in jobs[:AT_ONCE]} == {1}


def test_a_message_about_who_was_taken_along_does_nothing(new_job, table, django_assert_num_queries) -> None:
    at, jobs = table(2), [new_job() for _ in range(2)]
    run_job(str(jobs[0].pk))
    before = again(jobs[1])
    with django_assert_num_queries(1):
        run_job(str(jobs[1].pk))
    assert len(at.saved) == 2 and again(jobs[1]).finished == before.finished
    assert waiting_messages("interactive") == 2  # as sent; whoever fetches them is told nothing new


def test_only_its_own_kind_version_and_line_is_taken_along(new_job, table) -> None:
    at, job = table(1), new_job()
    digits = ModelVersion.objects.get(classifier__slug="digits")
    others = [new_job("attack"), new_job(version=digits), new_job(queue="sweep")]
    run_job(str(job.pk))
    assert (at.saved, statuses(*others)) == (["alone"], [Status.QUEUED] * 3)


def test_beside_what_somebody_asked_for_nothing_is_done_that_nobody_did(new_job, table) -> None:
    nobodys = [new_job(unasked=True) for _ in range(AT_ONCE)]
    at, asked = table(2), [new_job() for _ in range(2)]
    run_job(str(asked[0].pk))
    assert sorted(at.saved) == sorted(job.pk for job in asked)
    assert statuses(*nobodys) == [Status.QUEUED] * AT_ONCE


def test_one_that_is_cancelled_while_it_waits_stays_away(new_job, table) -> None:
    at, [job, gone, other] = table(2), [new_job() for _ in range(3)]
    services.cancel(gone)
    run_job(str(job.pk))
    assert sorted(at.saved) == sorted([job.pk, other.pk])
    assert statuses(gone) == [Status.CANCELLED]


def test_one_that_is_cancelled_while_it_is_computed_ends_and_the_others_go_on(new_job, table, monkeypatch) -> None:
    at, [job, gone, other] = table(2), [new_job() for _ in range(3)]
    monkeypatch.setattr(run, "PACE", 0.01)
    monkeypatch.setattr(attempts, "report_progress", noted := Noted(attempts.report_progress, gone))
    at.told[gone.pk] = lambda: noted.ended.wait(10)
    run_job(str(job.pk))
    assert statuses(job, gone, other) == [Status.DONE, Status.CANCELLED, Status.DONE]
    assert sorted(at.saved) == sorted([job.pk, other.pk])
    assert again(gone).done == 1  # its own progress, told before


class Noted:
    """The visitor of one job cancels it once progress was told of it."""

    def __init__(self, report: Callable[..., bool], job: Job) -> None:
        self.report, self.job, self.ended = report, job, threading.Event()

    def __call__(self, job: Job, **told: Any) -> bool:
        kept = self.report(job, **told)
        if job.pk == self.job.pk:
            services.cancel(job)
            if not kept:
                self.ended.set()
        return kept


@pytest.mark.parametrize("error", [ZeroDivisionError("a secret"), run.JobFailed("picture_gone", "It is gone.")])
def test_what_fails_fails_alone(new_job, table, error: Exception) -> None:
    at, [job, poisoned, other] = table(2), [new_job() for _ in range(3)]

    def fail() -> None:
        raise error

    at.told[poisoned.pk] = fail
    run_job(str(job.pk))
    assert statuses(job, poisoned, other) == [Status.DONE, Status.FAILED, Status.DONE]
    assert again(poisoned).error_code == getattr(error, "code", "internal")


def test_what_cannot_begin_fails_alone(new_job, table, monkeypatch) -> None:
    _at, [job, poisoned, other] = table(2), [new_job() for _ in range(3)]

    def begun(attempt: run.Run) -> company.Work:
        if attempt.job.pk == poisoned.pk:
            raise run.JobFailed("picture_gone", "It is gone.")
        return begin(attempt)

    monkeypatch.setattr(f"{HERE}.TOYS", company.Company(TOYS.most, everybody, begun, TOYS.threads))
    run_job(str(job.pk))
    assert statuses(job, poisoned, other) == [Status.DONE, Status.FAILED, Status.DONE]


def test_one_that_another_worker_has_taken_meanwhile_is_not_saved_here(new_job, table) -> None:
    at, [job, lost] = table(1), [new_job() for _ in range(2)]

    def lose() -> None:
        Job.objects.filter(pk=lost.pk).update(claim="another's")
        connection.close()

    at.told[lost.pk] = lose
    run_job(str(job.pk))
    assert at.saved == [job.pk]
    assert statuses(job, lost) == [Status.DONE, Status.RUNNING]


def test_who_was_tried_before_is_done_alone(new_job, table) -> None:
    at, [job, tried] = table(1), [new_job(), new_job(attempts=1)]
    run_job(str(job.pk))
    assert (at.saved, statuses(tried)) == (["alone"], [Status.QUEUED])
    fresh = new_job()
    run_job(str(tried.pk))
    assert (at.saved, statuses(tried, fresh)) == (["alone", "alone"], [Status.DONE, Status.QUEUED])


def test_when_the_worker_cannot_go_on_nothing_is_computed_for_nobody(new_job, table, monkeypatch) -> None:
    at, jobs = table(1), [new_job() for _ in range(2)]
    monkeypatch.setattr(run, "PACE", 0.01)
    stopped = threading.Event()

    def broken(*_args: Any, **_columns: Any) -> bool:
        stopped.set()
        raise SystemExit

    monkeypatch.setattr(attempts, "report_progress", broken)
    for job in jobs:
        at.told[job.pk] = lambda: (stopped.wait(10), time.sleep(0.05))
    with pytest.raises(SystemExit):
        run_job(str(jobs[0].pk))
    assert at.saved == [] and statuses(*jobs) == [Status.RUNNING] * 2  # until their leases run out
