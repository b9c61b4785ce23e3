"""`manage.py keeper`: keeps the promise that no job is lost and no expired picture stays. Several are harmless."""

import logging
import signal
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection
from redis.exceptions import RedisError

from webapp.jobs import upkeep
from webapp.jobs.broker import waiting_jobs
from webapp.jobs.models import Worker
from webapp.learn.services import delete_unasked
from webapp.pictures import expiry as pictures
from webapp.training import expiry as training

logger = logging.getLogger("gibbon.keeper")
HOURLY = 3600.0


class Command(BaseCommand):
    help = "Enqueue what could not be, requeue the jobs of lost workers, remove what has expired."

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        turns = 0
        while not stopping.is_set():
            every_turn()
            if turns % max(1, round(HOURLY / settings.KEEPER_SECONDS)) == 0:
                every_hour()
            turns += 1
            stopping.wait(settings.KEEPER_SECONDS)
        connection.close()


def every_turn() -> None:
    """One round of the keeper's duties."""
    close_old_connections()
    guarded(upkeep.send_outbox)
    guarded(upkeep.requeue_expired)
    guarded(lambda: upkeep.resend_lost(waiting_jobs=waiting_jobs))
    guarded(upkeep.drop_overdue)
    guarded(pictures.delete_expired)
    guarded(pictures.delete_old_jobs)
    guarded(forget_dead_workers)


def every_hour() -> None:
    """What is nobody's loss for an hour."""
    guarded(pictures.delete_orphans)
    guarded(training.delete_orphans)
    guarded(training.delete_old_checkpoints)
    guarded(delete_unasked)
    guarded(upkeep.forget_askers)
    guarded(training.delete_refused_datasets)
    guarded(pictures.delete_empty_visitors)


def forget_dead_workers() -> None:
    Worker.objects.exclude(pk__in=Worker.objects.alive()).delete()


def guarded(duty: Callable[[], object]) -> None:
    """A database or broker that is away now is back at a later turn."""
    try:
        duty()
    except (DatabaseError, RedisError, OSError) as error:
        logger.warning("Put off until the next turn: %s", error)
