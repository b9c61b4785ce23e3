"""What workers that go round several jobs do to their rows; each step is one conditional UPDATE, as in services."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from webapp.core.queues import Queue
from webapp.jobs import events
from webapp.jobs.attempts import claim, owned
from webapp.jobs.broker import take
from webapp.jobs.line import urgent_queues
from webapp.jobs.models import Checkpoint, Job, Status


def claim_urgent(queue: Queue, *, unasked: bool = False) -> Job | None:
    """Take the next job that this worker serves before `queue`, with the broker's message about it if there is one.

    unasked: of those that nobody asked for, instead of those that somebody waits for.
    """
    for urgent in urgent_queues(queue):
        waiting = Job.objects.waiting().filter(queue=urgent.name, unasked=unasked)
        while oldest := waiting.values_list("pk", flat=True).first():
            if claimed := claim(take(urgent.name, unasked=unasked) or oldest):
                return claimed
    return None


def claim_next(queue: Queue) -> Job | None:
    """Take the job of a queue that somebody waits for and that has had the least work so far, to be done in turn."""
    waiting = Job.objects.filter(status=Status.QUEUED, queue=queue.name, unasked=False).order_by("worked", "created")
    claims = (claim(job_id, in_hand=False) for job_id in waiting.values_list("pk", flat=True)[:5])
    return next(filter(None, claims), None)


def put_in_hand(job: Job, value: bool) -> None:
    """Whether its worker works at it now: only then is a lost worker this job's attempt, and is cancelling a wait."""
    owned(job).update(in_hand=value)


def record_turn(job: Job, **columns: Any) -> bool:
    """Keep what a turn has brought; False if the row was lost. Whether it shall stop is asked for all at once."""
    kept = owned(job).update(**columns, heartbeat=timezone.now())
    if kept:
        events.publish(job.pk)
    return bool(kept)


def standing(jobs: Iterable[Job]) -> dict[UUID, Job]:
    """Those of the attempts that still own their rows, as the rows stand: perhaps asked for, to stop or to pause."""
    claims = {job.pk: job.claim for job in jobs}
    rows = Job.objects.filter(pk__in=claims, status=Status.RUNNING)
    rows = rows.only("claim", "cancel_requested", "pause_requested", "unasked")
    return {row.pk: row for row in rows if row.claim == claims[row.pk]}


def keep_state(job: Job, state: bytes) -> None:
    """What the work of a job needs to go on from here; in the transaction of a checkpoint."""
    Checkpoint.objects.update_or_create(job=job, defaults={"state": state})


def kept_state(job: Job) -> bytes | None:
    """What an earlier attempt left."""
    row = Checkpoint.objects.filter(job=job).first()
    return bytes(row.state) if row else None
