"""The little the site asks the broker directly: is it there, and how many messages wait."""

from functools import cache
from typing import cast

from django.conf import settings
from redis import Redis

from webapp.celery import app


@cache
def _client() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)


def ping() -> None:
    """Raises redis.exceptions.RedisError when the broker does not answer within a second."""
    _client().ping()


def waiting_messages(queue: str) -> int:
    """Messages in a queue that no worker has fetched (Kombu keeps a queue as a list of that name)."""
    prefix = app.conf.broker_transport_options["global_keyprefix"]
    return cast(int, _client().llen(f"{prefix}{queue}"))
