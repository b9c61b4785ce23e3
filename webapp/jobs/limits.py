"""How much one visitor may ask for in a minute."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, F, Func, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from webapp.core.errors import Refusal
from webapp.core.prepared import count, prepared
from webapp.core.queues import QUEUES
from webapp.jobs.models import Job
from webapp.visitors.models import Visitor


def refuse_when_hasty(visitor: Visitor) -> None:
    """429 for a visitor's jobs beyond JOBS_PER_MINUTE; what follows an attack by itself does not count."""
    since = timezone.now() - timedelta(minutes=1)
    asked, first = _asked_since.first(visitor.pk, since)
    if asked >= settings.JOBS_PER_MINUTE:
        wait = max(1, round((first - since).total_seconds()) + 1)
        message = gettext("That was %(count)s jobs within a minute. Please wait %(wait)s seconds.")
        values = {"count": settings.JOBS_PER_MINUTE, "wait": wait}
        raise Refusal(429, "too_many_jobs", message % values, retry_after=wait)


@prepared
def _asked_since(visitor: Any, moment: Any) -> QuerySet[Job]:
    """How many a visitor has begun since then, and when the first."""
    following = [queue.name for queue in QUEUES.values() if queue.follows]
    recent = Job.objects.asked_by(visitor).filter(created__gte=moment).exclude(queue__in=following).order_by()
    return recent.values_list(count(), Func(F("created"), function="MIN", output_field=DateTimeField()))
