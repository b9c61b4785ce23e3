"""The site's Redis (or Valkey), for what no library asks it for us."""

from functools import cache

from django.conf import settings
from redis import Redis


@cache
def redis() -> Redis:
    """A client that gives up after a second."""
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
