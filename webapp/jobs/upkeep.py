"""What the keeper does for jobs: tells the broker of them again, and ends or begins anew what nobody works at."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from webapp.core.queues import QUEUES
from webapp.jobs.attempts import end_cancelled, fail, kept_work, owned
from webapp.jobs.kinds import kinds
from webapp.jobs.models import Job
from webapp.jobs.services import WAITING_AGAIN, drop, enqueue


def send_outbox() -> int:
    """Tell the broker of every queued row it was not told of; stop at the first refusal."""
    limit = timezone.now() - timedelta(seconds=1)  # younger rows are being told by whoever made them
    sent = 0
    for job_id in Job.objects.outbox().filter(created__lt=limit).order_by("created").values_list("pk", flat=True):
        if not enqueue(job_id):
            break
        sent += 1
    return sent


def requeue_expired() -> int:
    """Give the jobs of lost workers another attempt, or end them after the last one."""
    return sum(_requeued(job_id) for job_id in list(Job.objects.expired().values_list("pk", flat=True)))


@transaction.atomic
def _requeued(job_id: UUID) -> bool:
    """False where its worker has given a sign of life meanwhile."""
    job = Job.objects.expired().select_for_update().filter(pk=job_id).first()
    if job is None:
        return False
    spent = job.attempts if job.in_hand else job.attempts - 1  # another's work ended its worker
    if job.cancel_requested:
        end_cancelled(job)
    elif spent >= settings.JOB_ATTEMPTS:
        fail(job, code="worker_lost", message=job.described.lost, values={"attempts": spent})
    else:
        again = WAITING_AGAIN | {"attempts": spent, "in_hand": True, "text": "", "text_values": {}}
        owned(job).update(**again, worked=kept_work(job))
        transaction.on_commit(lambda: enqueue(job_id), robust=True)
    return True


def resend_lost(*, waiting_jobs: Callable[[str], set[str]]) -> int:
    """Send again what the broker forgot: rows it was told of, of which it holds no message.

    A message sent twice does no harm (the claim is conditional); `waiting_jobs(queue)` asks the broker.
    """
    settled = timezone.now() - timedelta(seconds=5)
    resent = 0
    for queue in QUEUES:
        rows = Job.objects.waiting().filter(queue=queue, enqueued__lt=settled)
        job_ids = list(rows.values_list("pk", flat=True))
        if job_ids:
            kept = waiting_jobs(queue)
            resent += sum(enqueue(job_id) for job_id in job_ids if str(job_id) not in kept)
    return resent


def forget_askers() -> int:
    """Who waited for what has ended a day ago need not be known any more."""
    limit = timezone.now() - timedelta(days=1)
    return Job.askers.through._default_manager.filter(job__finished__lt=limit).delete()[0]


def drop_overdue() -> int:
    """Nobody waits five minutes for the rest of a curve: such work is told dropped. The samples' is kept."""
    old: list[Job] = []
    for kind in kinds().values():
        if kind.patience:
            limit = timezone.now() - timedelta(seconds=getattr(settings, kind.patience))
            old += Job.objects.open().filter(kind=kind.slug, created__lt=limit, visitor__isnull=False)
    drop(old)
    return len(old)
