"""What a Celery child does around its tasks: warm up, beat, leave in order."""

import logging
import os
from typing import Any

import psutil
from celery.signals import task_prerun, worker_process_init, worker_process_shutdown, worker_shutting_down
from django.conf import settings
from django.db import close_old_connections, connection

from webapp.core.queues import QUEUES
from webapp.core.set_up import is_set_up, wait_until_set_up
from webapp.jobs import services
from webapp.jobs.heartbeat import Heartbeat
from webapp.jobs.models import name_of

logger = logging.getLogger("gibbon.worker")

_heartbeat: Heartbeat | None = None

task_prerun.connect(close_old_connections)


@worker_process_init.connect
def begin(**_kwargs: Any) -> None:
    """Start the sign of life, then load the live classifiers, so that the first visitor does not wait for it."""
    global _heartbeat
    warms = any(QUEUES[name].warm for name in settings.WORKER_QUEUES.split(","))
    if warms:
        import inference.networks.classifier  # noqa: F401 - torch: seconds, which may pass while the site is set up
    wait_until_set_up()
    _heartbeat = Heartbeat(queues=settings.WORKER_QUEUES)
    _heartbeat.beat(warm=False, device="")
    _heartbeat.start()
    if warms:
        _warm(_heartbeat)


def _warm(heartbeat: Heartbeat) -> None:
    from inference.networks.threads import threads  # torch: a train worker does without it until its first job
    from webapp.registry.loading import warm_live

    heartbeat.beat(device=warm_live(), threads=threads(), warm=True)


def tell_device(device: str, threads: int) -> None:
    """A train worker that computes now, for the page of workers; it knows its device only from its first job on."""
    if _heartbeat and "device" in _heartbeat.facts and not _heartbeat.facts["device"]:
        _heartbeat.beat(device=device, threads=threads, warm=True)


@worker_shutting_down.connect
def pause(**_kwargs: Any) -> None:
    """In the parent, asked to end: long work lets go at its next step instead of being killed on its way."""
    if not is_set_up():  # nothing has begun; the child, who waits for that, ends with the group
        os._exit(0)
    names = [name_of(child.pid) for child in psutil.Process().children(recursive=True)]
    services.ask_to_pause(names)
    connection.close()


@worker_process_shutdown.connect
def end(**_kwargs: Any) -> None:
    if _heartbeat:
        _heartbeat.end()
