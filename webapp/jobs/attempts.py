"""What an attempt of a worker does to the row of its job, each step one conditional UPDATE; first it takes the job."""

import os
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from webapp.core.prepared import prepared, prepared_update
from webapp.core.queues import INTERACTIVE
from webapp.jobs import events
from webapp.jobs.models import Checkpoint, Job, JobQuerySet, Status, name_of
from webapp.jobs.services import WAITING_AGAIN, Update, any_job, enqueue, forget_state


def claim(job_id: UUID | str, *, in_hand: bool = True) -> Job | None:
    """Take a queued job for this attempt; None if another has it, it has ended or is gone.

    One that is not `in_hand` waits in its worker for its turn: should the worker die, that was not its fault.
    """
    now, mark = timezone.now(), secrets.token_hex(8)
    row = UUID(str(job_id))
    if not _take(row, mark, now, name_of(os.getpid()), in_hand):
        return None
    job = next((job for job in any_job(row) if job.claim == mark), None)
    if job and job.line is not INTERACTIVE:  # there all is over in a moment, and what is not tells of its steps
        events.publish(job_id)
    return job


@prepared_update
def _take(job: Any, mark: Any, now: Any, worker: Any, in_hand: Any) -> Update:
    columns = {"claim": mark, "started": now, "heartbeat": now, "worker": worker, "in_hand": in_hand}
    waiting = Job.objects.filter(pk=job, status=Status.QUEUED)
    return waiting, columns | {"status": Status.RUNNING, "attempts": F("attempts") + 1}


def owned(job: Job) -> JobQuerySet:
    """The row, as long as this attempt owns it."""
    return _owned(job.pk, job.claim)


def _owned(job: Any, claim: Any) -> JobQuerySet:
    return Job.objects.filter(pk=job, status=Status.RUNNING, claim=claim)


def goes_on(job: Job) -> bool:
    """False if the attempt lost the row or is asked to stop."""
    return bool(_going_on(job.pk, job.claim))


@prepared
def _going_on(job: Any, claim: Any) -> QuerySet[Job, Any]:
    return _not_stopped(job, claim).values_list("pk")


def not_stopped(job: Job) -> JobQuerySet:
    """The row, as long as this attempt owns it and is not asked to stop."""
    return _not_stopped(job.pk, job.claim)


def _not_stopped(job: Any, claim: Any) -> JobQuerySet:
    return _owned(job, claim).filter(cancel_requested=False, pause_requested=False)


def report_progress(
    job: Job, *, done: int, text: str = "", values: Mapping[str, Any] | None = None, total: int | None = None
) -> bool:
    """Record how far the attempt is; False if it lost the row or is asked to stop. `text` is a template."""
    columns = {"done": done, "text": text, "text_values": dict(values or {}), "heartbeat": timezone.now()}
    if total:
        columns["total"] = total
    kept = not_stopped(job).update(**columns)
    if kept:
        events.publish(job.pk)
    return bool(kept)


def finish(job: Job, *, save: Callable[[], None]) -> bool:
    """End as done and run `save` in the same transaction; False (and nothing saved) if the row is no longer ours."""
    with transaction.atomic():
        ours = _done(job.pk, job.claim, timezone.now())
        if ours:
            events.publish(job.pk, ended=True)  # before what follows is told of: somebody waits for this
            save()
            forget_state(job)
    return bool(ours)


@prepared_update
def _done(job: Any, claim: Any, now: Any) -> Update:
    return _owned(job, claim), {"status": Status.DONE, "finished": now, "done": F("total"), "text": ""}


def give_back(job: Job, *, done: int, save: Callable[[], None]) -> bool:
    """Queue the rest of a job that reached a checkpoint, behind what is more urgent; this spends no attempt."""
    with transaction.atomic():
        ours = owned(job).filter(cancel_requested=False).update(**WAITING_AGAIN, attempts=0, done=done, in_hand=True)
        if ours:
            save()
    if ours:
        events.publish(job.pk)
        enqueue(job.pk)
    return bool(ours)


def checkpoint(job: Job, *, save: Callable[[], None]) -> bool:
    """Keep what the attempt has reached: whoever begins again begins there, so the attempts so far are forgiven."""
    with transaction.atomic():
        ours = owned(job).update(attempts=1, heartbeat=timezone.now())
        if ours:
            save()
    if ours:
        events.publish(job.pk, ended=True)  # an epoch is news to be told at once
    return bool(ours)


def fail(job: Job, *, code: str, message: str, values: Mapping[str, Any] | None = None) -> None:
    """End as failed, with a sentence a person can act on: a template and its values."""
    said = {"error_code": code, "error_message": message, "error_values": dict(values or {})}
    if owned(job).update(status=Status.FAILED, finished=timezone.now(), **said):
        events.publish(job.pk, ended=True)


def end_cancelled(job: Job) -> None:
    """What a worker says of its job when it has stopped as asked."""
    if owned(job).filter(cancel_requested=True).update(status=Status.CANCELLED, finished=timezone.now()):
        forget_state(job)
        events.publish(job.pk, ended=True)


def hand_over(job: Job) -> None:
    """Queue work again that was asked to pause; this spends no attempt."""
    asked = owned(job).filter(pause_requested=True, cancel_requested=False)
    if asked.update(**WAITING_AGAIN, attempts=0, worked=kept_work(job)):
        events.publish(job.pk)
        enqueue(job.pk)


def kept_work(job: Job) -> float:
    """The seconds of work that are not to be done again: what has no checkpoint begins from the beginning."""
    return job.worked if Checkpoint.objects.filter(job=job).exists() else 0.0
