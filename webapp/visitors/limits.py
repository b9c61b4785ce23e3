"""How much one address may ask for in a minute."""

import logging
import time

from django.conf import settings
from django.utils.translation import gettext
from redis.exceptions import RedisError

from webapp.core.errors import Refusal
from webapp.core.redis import redis

logger = logging.getLogger("gibbon.limits")


def refuse_busy_address(address: str) -> None:
    """429 for an address's requests that change something beyond the limit; without a broker nobody is refused."""
    minute = int(time.time() // 60)
    key = f"gibbon:posts:{address}:{minute}"
    try:
        count = _one_more(key)
    except (RedisError, OSError) as error:
        logger.warning("The per-address limit is not counted, the broker does not answer: %s", error)
        return
    if count > settings.POSTS_PER_MINUTE_AND_ADDRESS:
        wait = 60 - int(time.time() % 60)
        message = gettext("Too many requests came from your network. Please wait %(wait)s seconds.") % {"wait": wait}
        raise Refusal(429, "too_many_requests", message, retry_after=wait)


def _one_more(key: str) -> int:
    """How many there are with this one, in the minute of the key."""
    asked = redis().pipeline(transaction=False)  # one way there and back: every request that changes something waits
    asked.incr(key)
    asked.expire(key, 120)
    return int(asked.execute()[0])
