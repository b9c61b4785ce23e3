"""Hints to whoever watches: `job.changed` with the job's id. Losing one loses nothing, the row is the truth."""

import asyncio
import logging
import threading
from functools import cache
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from django.db import transaction

logger = logging.getLogger("gibbon.events")


def group_of(job_id: UUID | str) -> str:
    return f"job.{job_id}"


def publish(job_id: UUID | str, *, ended: bool = False) -> None:
    """Tell the watchers once the row they will read is committed; never waits and never fails the caller.

    `ended` asks them to read at once; steps on the way can wait a moment.
    """
    transaction.on_commit(lambda: _send(str(job_id), ended))


def _send(job_id: str, ended: bool) -> None:
    layer = get_channel_layer()
    message = {"type": "job.changed", "id": job_id, "ended": ended}
    future = asyncio.run_coroutine_threadsafe(layer.group_send(group_of(job_id), message), _loop())
    future.add_done_callback(_log_failure)


def _log_failure(future: Any) -> None:
    if not future.cancelled() and future.exception():
        logger.warning("A live event was lost (pages poll instead): %s", future.exception())


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One event loop in a thread of its own: the channel layer keeps its connection per loop."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="events", daemon=True).start()
    return loop
