"""How much one visitor, and one address, may ask for in a minute."""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext
from redis.exceptions import RedisError

from webapp.core.errors import Refusal
from webapp.jobs.models import Job
from webapp.visitors.models import Visitor

logger = logging.getLogger("gibbon.limits")


def refuse_when_hasty(visitor: Visitor) -> None:
    """429 for a visitor's jobs beyond JOBS_PER_MINUTE; what follows an attack by itself does not count."""
    since = timezone.now() - timedelta(minutes=1)
    recent = Job.objects.filter(visitor=visitor, created__gte=since).exclude(queue="ladder").order_by("created")
    times = list(recent.values_list("created", flat=True)[: settings.JOBS_PER_MINUTE])
    if len(times) >= settings.JOBS_PER_MINUTE:
        wait = max(1, round((times[0] - since).total_seconds()) + 1)
        message = gettext("That was %(count)s jobs within a minute. Please wait %(wait)s seconds.")
        values = {"count": settings.JOBS_PER_MINUTE, "wait": wait}
        raise Refusal(429, "too_many_jobs", message % values, retry_after=wait)


def refuse_busy_address(address: str) -> None:
    """429 for an address's requests that change something beyond the limit; without a cache nobody is refused."""
    minute = int(time.time() // 60)
    key = f"posts:{address}:{minute}"
    try:
        cache.add(key, 0, timeout=120)
        count = cache.incr(key)
    except (RedisError, ValueError, OSError) as error:
        logger.warning("The per-address limit is not counted, the cache does not answer: %s", error)
        return
    if count > settings.POSTS_PER_MINUTE_AND_ADDRESS:
        wait = 60 - int(time.time() % 60)
        message = gettext("Too many requests came from your network. Please wait %(wait)s seconds.") % {"wait": wait}
        raise Refusal(429, "too_many_requests", message, retry_after=wait)
