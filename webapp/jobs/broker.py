"""The little the site asks the broker directly: is it there, and how many messages wait."""

import re
from typing import cast

from kombu.exceptions import OperationalError as BrokerAway
from redis.exceptions import RedisError

from webapp.celery import AFTER_WHAT_HAS_BEGUN, FIRST, app
from webapp.core.queues import QUEUES
from webapp.core.redis import redis

__all__ = [
    "AFTER_WHAT_HAS_BEGUN",
    "FIRST",
    "BrokerAway",
    "ping",
    "send",
    "take",
    "waiting_jobs",
    "waiting_messages",
]

TASK = "gibbon.run_job"  # webapp.jobs.tasks.run_job, by name: nothing here imports what workers do

JOB_ID = re.compile(rb"""argsrepr": "\('([0-9a-f-]{36})'""")


def ping() -> None:
    """Raises redis.exceptions.RedisError when the broker does not answer within a second."""
    redis().ping()


def send(job_id: str, *, queue: str, priority: int, seconds: int | None) -> None:
    """Tell the workers of a queue of a job, which is killed after so many seconds. BrokerAway if nobody answers."""
    app.send_task(TASK, (job_id,), queue=queue, priority=priority, time_limit=seconds)


def take(queue: str, *, unasked: bool = False) -> str | None:
    """Take the next message off a queue, as its workers would: the id of its job, None if there is none.

    Messages about what nobody asked for are kept apart: one of those if `unasked`, else none of those.
    """
    try:
        keys = _keys(QUEUES[queue].unasked if unasked else queue)
        messages = (cast(bytes | None, redis().rpop(key)) for key in keys)
        found = JOB_ID.search(next(filter(None, messages), b""))
    except RedisError:
        return None
    return found[1].decode() if found else None


def waiting_messages(queue: str) -> int:
    """Messages in a queue that no worker has fetched (Kombu keeps a queue as a list for each priority)."""
    return sum(cast(int, redis().llen(key)) for key in _all_keys(queue))


def waiting_jobs(queue: str) -> set[str]:
    """The ids of the jobs that those messages are about (Celery writes a message's arguments in its headers too)."""
    messages = [message for key in _all_keys(queue) for message in cast(list[bytes], redis().lrange(key, 0, -1))]
    return {found[1].decode() for found in (JOB_ID.search(message) for message in messages) if found}


def _all_keys(queue: str) -> list[str]:
    return [*_keys(queue), *_keys(QUEUES[queue].unasked)]


def _keys(queue: str) -> list[str]:
    options = app.conf.broker_transport_options
    name = f"{options['global_keyprefix']}{queue}"
    return [name, *(f"{name}{options['sep']}{step}" for step in options["priority_steps"] if step)]
