"""Jobs as people ask for them: found, begun, waited for, ended early; each step is one conditional UPDATE."""

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from webapp.core.errors import Refusal
from webapp.core.prepared import prepared, prepared_update
from webapp.core.queues import QUEUES, Queue
from webapp.core.rows import find_prepared
from webapp.jobs import events
from webapp.jobs.broker import AFTER_WHAT_HAS_BEGUN, FIRST, BrokerAway, send
from webapp.jobs.kinds import kinds
from webapp.jobs.line import Forecast, foretell, refuse_second, refuse_too_long, refuse_when_full
from webapp.jobs.models import IN_VAIN, Checkpoint, Job, JobQuerySet, Outcome, Status
from webapp.registry.models import ModelVersion
from webapp.visitors.models import Visitor

logger = logging.getLogger("gibbon.jobs")
Update = tuple[JobQuerySet, dict[str, Any]]

DROPPED = _("Dropped: there was more urgent work.")
WAITING_AGAIN = {"status": Status.QUEUED, "claim": "", "pause_requested": False, "enqueued": None}


# --- Finding ----------------------------------------------------------------------------------------------------


def find_job(visitor: Visitor | None, job_id: object) -> Job:
    """A job the visitor may see, with what its JSON needs; 404 for everything else."""
    job: Job = find_prepared(_visible, job_id, visitor and visitor.pk)
    return job


def find_any_job(job_id: object) -> Job:
    """A job for somebody who was found to be allowed to see it; 404 if it is gone."""
    job: Job = find_prepared(any_job, job_id)
    return job


@prepared
def _visible(job: Any, visitor: Any) -> JobQuerySet:
    return Job.objects.visible_to(visitor).with_version().filter(pk=job)


@prepared
def any_job(job: Any) -> JobQuerySet:
    return Job.objects.with_version().select_related("visitor").filter(pk=job)


# --- Starting and waiting -----------------------------------------------------------------------------------------


def create_job(
    *,
    kind: str,
    visitor: Visitor | None,
    version: ModelVersion | None,
    total: int = 1,
    queue: Queue | None = None,
    expected: float | None = None,
    unasked: bool = False,
) -> Job:
    """A queued job, told to the broker once the caller's transaction (with the result's row) is committed."""
    columns = {"visitor": visitor, "version": version, "total": total, "expected": expected, "unasked": unasked}
    job = Job.objects.create(kind=kind, queue=(queue or kinds()[kind].queue).name, **columns)
    # "Robust": what fails now, a full disk or a lost connection, is not the order's failure, which is in the outbox.
    transaction.on_commit(lambda: _tell_broker(job), robust=True)
    return job


def order(
    row: Outcome,
    *,
    kind: str,
    visitor: Visitor | None,
    version: ModelVersion | None,
    total: int = 1,
    everybodys: bool = False,
    unasked: bool = False,
) -> Job:
    """A queued job with its row, which is saved here; a Refusal where its queue takes no more of a visitor.

    Its kind tells from the row how long it will take, and so in which queue it waits. What is `everybodys` belongs to
    no visitor: whoever asked for it is only noted (`join`, `leave`).
    """
    with transaction.atomic():
        queue, expected = _queue_for(row, kind, visitor, version)
        told = expected if queue.takes_turns else None  # the others are over in a moment
        owner = None if everybodys else visitor
        row.job = create_job(
            kind=kind, visitor=owner, version=version, total=total, queue=queue, expected=told, unasked=unasked
        )
        row.save(force_insert=True)
        if everybodys and visitor:
            row.job.askers.add(visitor)
    return row.job


def join(job: Job, visitor: Visitor) -> bool:
    """Wait for what others have asked for; False if it has ended or is about to. A Refusal as for a job of one's own.

    What the site itself has begun ends by itself, so that nobody is noted.
    """
    with transaction.atomic():
        found = Job.objects.open().filter(pk=job.pk, cancel_requested=False).select_for_update().first()
        if found is None:
            return False
        if found.askers.exists() and not found.askers.contains(visitor):
            refuse_second(found.line, visitor)
            found.askers.add(visitor)
        attend(found)
    return True


def attend(job: Job) -> Job:
    """Somebody follows it: what the site itself has begun comes now as if it had been asked for, so does its rest."""
    if job.unasked and not job.ended:
        Job.objects.filter(pk=job.pk).update(unasked=False)
        transaction.on_commit(lambda: enqueue(job.pk), robust=True)
        job.unasked = False
    return job


def leave(job: Job, visitor: Visitor) -> None:
    """Wait no longer for what is everybody's, which is stopped when the last who waited leaves."""
    with transaction.atomic():
        Job.objects.filter(pk=job.pk).select_for_update().first()  # nobody joins meanwhile
        if job.askers.contains(visitor):
            job.askers.remove(visitor)
            if not job.askers.exists():
                cancel(job)


def foresee(row: Outcome, *, kind: str, visitor: Visitor | None, version: ModelVersion | None) -> Forecast:
    """What such an order would be told, were it given now; refused as it would be."""
    with transaction.atomic():
        return foretell(*_queue_for(row, kind, visitor, version))


def _queue_for(
    row: Outcome, kind: str, visitor: Visitor | None, version: ModelVersion | None
) -> tuple[Queue, float | None]:
    """Where it will wait, and the seconds that it will take; in a transaction."""
    described = kinds()[kind]
    expected = described.expected_seconds(row, version)
    queue = described.queue_for(expected)
    if visitor:
        refuse_too_long(expected or 0.0, described.seconds_in(queue))
        refuse_second(queue, visitor)
        refuse_when_full(queue, expected or 0.0)
    return queue, expected


def enqueue(job_id: UUID) -> bool:
    """Tell the broker of a job, if it still waits; False if nobody answers."""
    job = Job.objects.filter(pk=job_id, status=Status.QUEUED).first()
    return job is None or _tell_broker(job)


def _tell_broker(job: Job) -> bool:
    """If the broker is down the row stays in the outbox and the keeper tells it later."""
    queue = job.line.unasked if job.unasked else job.queue
    priority = AFTER_WHAT_HAS_BEGUN if job.line.begun_first and not job.done else FIRST
    try:
        seconds = None if job.line.takes_turns else job.seconds  # whoever goes round counts each one's work
        send(str(job.pk), queue=queue, priority=priority, seconds=seconds)
    except BrokerAway as error:
        logger.warning("The broker does not answer, job %s waits in the outbox: %s", job.pk, error)
        return False
    _told_broker(job.pk, timezone.now())
    return True


@prepared_update
def _told_broker(job: Any, now: Any) -> Update:
    return Job.objects.filter(pk=job, status=Status.QUEUED), {"enqueued": now}


# --- Ending early -------------------------------------------------------------------------------------------------


def cancel(job: Job, *, text: str = "") -> None:
    """Stop a job now that nobody works at, and another one at its next step; an ended one stays as it is."""
    # Asked first: a worker that is about to give the job back finds that, and does not make it wait again.
    Job.objects.open().filter(pk=job.pk).update(cancel_requested=True, text=text)
    idle = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, in_hand=False)
    if Job.objects.filter(idle, pk=job.pk).update(status=Status.CANCELLED, finished=timezone.now()):
        forget_state(job)
    events.publish(job.pk, ended=True)


def cancel_own(job: Job, visitor: Visitor | None) -> None:
    """What a visitor may stop: the samples' jobs and the site's own are no visitor's."""
    if job.visitor_id is None:
        if visitor and job.described.joined:
            leave(job, visitor)
            return
        message = gettext("This belongs to everybody who watches it, and only staff may stop it.")
        raise Refusal(403, "not_yours", message)
    cancel(job)


def drop(jobs: Iterable[Job]) -> None:
    """Cancel what nobody waits for any more, and say so."""
    for job in jobs:
        cancel(job, text=DROPPED)


def ask_to_pause(workers: Iterable[str]) -> int:
    """These processes are about to leave: at its next step long work lets go of what it has, for another to go on."""
    letting_go = Q(kind__in=[kind.slug for kind in kinds().values() if kind.hands_over])
    letting_go |= Q(queue__in=[queue.name for queue in QUEUES.values() if queue.takes_turns])
    held = Job.objects.filter(letting_go, worker__in=workers, status=Status.RUNNING)
    return held.update(pause_requested=True)


def queue_again(job: Job) -> bool:
    """Give a failed job a new set of attempts, a cancelled one too where its kind allows; False if neither.

    Where the patience with it counts from its order, it is ordered anew.
    """
    resumable = IN_VAIN if job.described.resumable else (Status.FAILED,)
    queued = Job.objects.filter(pk=job.pk, status__in=resumable).update(
        **WAITING_AGAIN,
        created=timezone.now() if job.described.patience else F("created"),
        attempts=0,
        error_code="",
        error_message="",
        error_values={},
        cancel_requested=False,
        finished=None,
        text="",
        text_values={},
        worked=0.0,
    )
    if queued:
        events.publish(job.pk)
        transaction.on_commit(lambda: enqueue(job.pk), robust=True)
    return bool(queued)


def forget_state(job: Job) -> None:
    """Nobody will go on with it."""
    if job.line.takes_turns and not job.described.resumable:
        Checkpoint.objects.filter(job=job).delete()
