"""Who waits, before whom and for how long, and who is refused because too much waits already."""

import math
from collections import Counter
from collections.abc import Iterable
from functools import cache
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_noop

from webapp.core.errors import Refusal
from webapp.core.prepared import Prepared, count, prepared
from webapp.core.queues import QUEUES, Queue
from webapp.jobs.models import Job, Status, Worker
from webapp.visitors.models import Visitor

LATEST = 20  # jobs of a kind, which tell how long the next one takes


def positions() -> dict[UUID, int]:
    """The place of every waiting job, as Job.position tells it of one."""
    asked: dict[str, list[UUID]] = {name: [] for name in QUEUES}
    unasked: dict[str, list[UUID]] = {name: [] for name in QUEUES}
    for job_id, name, nobody_waits in Job.objects.waiting().values_list("pk", "queue", "unasked"):
        (unasked if nobody_waits else asked)[name].append(job_id)
    found: dict[UUID, int] = {}
    for name, queue in QUEUES.items():
        urgent = sum(len(asked[before]) for before in queue.after)
        found |= {job_id: urgent + place for place, job_id in enumerate(asked[name], start=1)}
        urgent = sum(len(asked[before]) for before in queue.related)
        urgent += sum(len(unasked[before]) for before in queue.after)
        found |= {job_id: urgent + place for place, job_id in enumerate(unasked[name], start=1)}
    return found


def seconds_left(jobs: Iterable[Job]) -> dict[UUID, float]:
    """In how many seconds each of these jobs will have ended, where its kind tells what it expects.

    Workers go round the jobs of a queue, so a job has company until it or the other one ends; what is more urgent is
    done before. Who comes later is not counted. What nobody asked for waits until all the rest is done.
    """
    expecting = [job for job in jobs if job.expected is not None and not job.ended]
    found: dict[UUID, float] = {}
    for name, unasked in {(job.queue, job.unasked) for job in expecting}:
        work, workers = work_left(name, unasked=unasked), _workers(name)
        before = urgent_seconds(QUEUES[name]) / workers
        before += sum(work_left(name).values()) / workers if unasked else 0.0
        for job in expecting:
            if (job.queue, job.unasked) == (name, unasked):
                others = [left for other, left in work.items() if other != job.pk]
                found[job.pk] = before + shared(job.left, others, workers)
    return found


class Forecast(NamedTuple):
    """What a job would be told."""

    queue: Queue
    seconds: float | None  # of work; None where nobody can tell
    position: int
    expected_seconds: float | None  # until it has ended, after what is more urgent and beside its queue


def foretell(queue: Queue, seconds: float | None) -> Forecast:
    """What a job of so many seconds would be told if it were begun now."""
    place = Job.objects.filter(status=Status.QUEUED, queue__in=[queue.name, *queue.after], unasked=False).count() + 1
    if seconds is None:
        return Forecast(queue, None, place, None)
    workers = _workers(queue.name)
    own = shared(seconds, work_left(queue.name).values(), workers)
    return Forecast(queue, seconds, place, urgent_seconds(queue) / workers + own)


def shared(own: float, others: Iterable[float], workers: int) -> float:
    """When work of `own` seconds ends beside `others`, each with equal shares of so many workers; one job has one."""
    return max(own, (own + sum(min(other, own) for other in others)) / workers)


def work_left(queue: str, *, unasked: bool = False) -> dict[UUID, float]:
    """The seconds of work that each open job of a queue still expects; nothing for those that expect none.

    unasked: of what nobody asked for, instead of what somebody waits for.
    """
    rows = Job.objects.open().filter(queue=queue, unasked=unasked, expected__isnull=False).only("expected", "worked")
    return {job.pk: job.left for job in rows}


def urgent_seconds(queue: Queue) -> float:
    """What those will take whom workers serve before this queue, each as long as the last of its kind."""
    open_jobs = Job.objects.open().filter(queue__in=queue.after, unasked=False)
    counts = Counter(open_jobs.values_list("queue", "kind"))
    return sum(count * _usual_seconds(*which) for which, count in counts.items())


def _usual_seconds(queue: str, kind: str) -> float:
    """From the beginning to the end, the median of the last of a kind; nothing where there were none."""
    done = Job.objects.filter(status=Status.DONE, queue=queue, kind=kind).order_by("-created")[:LATEST]
    took = [(job.finished - job.started).total_seconds() for job in done if job.started and job.finished]
    return median(took) if took else 0.0


def waits(queue: Queue) -> bool:
    """Whether anybody waits in this queue."""
    return _waiting.first(queue.name) > 0


@prepared
def _waiting(queue: Any) -> QuerySet[Job]:
    """How many wait in a queue, of those that somebody asked for."""
    return (
        Job.objects.filter(status=Status.QUEUED, queue=queue, unasked=False).order_by().values_list(count(), flat=True)
    )


def _workers(queue: str) -> int:
    """How many processes serve a queue, at least one: somebody will."""
    served = Worker.objects.alive().values_list("queues", flat=True)
    return max(1, sum(queue in queues.split(",") for queues in served))


def urgent_queues(queue: Queue) -> list[Queue]:
    """The queues that this worker serves before `queue`, most urgent first."""
    served = settings.WORKER_QUEUES.split(",")
    return [QUEUES[name] for name in queue.after if name in served]


def urgent_work_waits(job: Job) -> bool:
    """Whether somebody waits whom this worker would serve before `job`."""
    return bool(_urgent(job.queue, job.unasked, settings.WORKER_QUEUES)())


@cache
def _urgent(queue: str, unasked: bool, served: str) -> Prepared[Job]:
    """One of those that a worker of these queues serves before what waits there."""
    more = Job(queue=queue, unasked=unasked).more_urgent()
    waiting = Job.objects.filter(more, status=Status.QUEUED, queue__in=served.split(","))
    return prepared(lambda: waiting.order_by().values_list("pk")[:1])


def refuse_when_full(queue: Queue, seconds: float = 0.0) -> None:
    """503 while more people wait, or more work waits, than can be done in a tolerable time.

    `seconds` is what the new job expects. One that finds the queue empty is taken, however long it is.
    """
    if queue.most_waiting:
        [waiting] = _waiting(queue.name)
        if waiting >= getattr(settings, queue.most_waiting):
            message = gettext("Everybody is busy: %(count)s jobs are waiting. Please try again in a moment.")
            raise Refusal(503, "busy", message % {"count": waiting}, retry_after=max(5, waiting // 20))
    if queue.most_seconds:
        ahead, workers = sum(work_left(queue.name).values()), _workers(queue.name)
        most = getattr(settings, queue.most_seconds)
        if ahead and ahead + seconds > most * workers:
            message = gettext(
                "Work for about %(minutes)s minutes is waiting already, and what you ask for would take %(seconds)s "
                "seconds more. Please try again later, or ask for less."
            )
            values = {"minutes": math.ceil(ahead / workers / 60), "seconds": math.ceil(seconds)}
            wait = math.ceil((ahead + seconds) / workers - most)
            raise Refusal(503, "busy", message % values, retry_after=max(5, wait))


def refuse_too_long(seconds: float, most: int) -> None:
    """422 for what would be ended before it is done."""
    if seconds > most:
        message = gettext_noop(
            "This would take up to %(seconds)s seconds of work, and after %(most)s it would be stopped. Ask for less."
        )
        raise Refusal(422, "too_much_work", message, {"seconds": math.ceil(seconds), "most": most})


def refuse_second(queue: Queue, visitor: Visitor) -> None:
    """429 for a visitor who has one of a queue's long jobs open; in a transaction, which makes two come in turn."""
    if not queue.one_each:
        return
    Visitor.objects.select_for_update().get(pk=visitor.pk)
    opened = Job.objects.asked_by(visitor).open().filter(queue=queue.name).first()
    if opened:
        wait = math.ceil(seconds_left([opened]).get(opened.pk, 0.0))
        message = gettext("You have something like this at work already. Wait until it has ended, or stop it.")
        raise Refusal(429, "one_at_a_time", message, retry_after=max(5, wait), job=opened.pk)
