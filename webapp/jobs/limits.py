"""How much one visitor may ask for in a minute."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from webapp.core.errors import Refusal
from webapp.core.queues import QUEUES
from webapp.jobs.models import Job
from webapp.visitors.models import Visitor


def refuse_when_hasty(visitor: Visitor) -> None:
    """429 for a visitor's jobs beyond JOBS_PER_MINUTE; what follows an attack by itself does not count."""
    following = [queue.name for queue in QUEUES.values() if queue.follows]
    since = timezone.now() - timedelta(minutes=1)
    recent = Job.objects.asked_by(visitor).filter(created__gte=since).exclude(queue__in=following)
    times = list(recent.order_by("created").values_list("created", flat=True)[: settings.JOBS_PER_MINUTE])
    if len(times) >= settings.JOBS_PER_MINUTE:
        wait = max(1, round((times[0] - since).total_seconds()) + 1)
        message = gettext("That was %(count)s jobs within a minute. Please wait %(wait)s seconds.")
        values = {"count": settings.JOBS_PER_MINUTE, "wait": wait}
        raise Refusal(429, "too_many_jobs", message % values, retry_after=wait)
