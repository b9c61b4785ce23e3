"""A worker process's sign of life: every few seconds it describes itself and renews the leases of its jobs."""

import logging
import os
import threading

import psutil
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from webapp.jobs import attempts, run
from webapp.jobs.models import Worker, name_of

logger = logging.getLogger("gibbon.worker")


class Heartbeat(threading.Thread):
    """Beats until the process ends; a beat that fails is made up by the next."""

    def __init__(self, *, queues: str) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.stopped = threading.Event()
        self.name_of_worker = name_of(os.getpid())
        self.facts: dict[str, object] = {"queues": queues, "started": timezone.now()}

    def run(self) -> None:
        while not self.stopped.wait(settings.JOB_HEARTBEAT_SECONDS):
            self.beat()
        connection.close()

    def beat(self, **facts: object) -> None:
        """Write the worker's row (with new `facts` from now on) and renew the leases of the jobs that it holds."""
        self.facts |= facts
        jobs = run.held_jobs()
        try:
            close_old_connections()
            kept = [job for job in jobs if attempts.owned(job).update(heartbeat=timezone.now())]
            job = kept[-1] if kept else None  # the others were deleted, or ended this moment
            Worker.objects.update_or_create(name=self.name_of_worker, defaults=self._now() | {"job": job})
        except DatabaseError as error:
            logger.warning("A sign of life could not be written: %s", error)

    def end(self) -> None:
        """The process leaves in order: nobody should wait for it."""
        self.stopped.set()
        Worker.objects.filter(name=self.name_of_worker).delete()
        connection.close()

    def _now(self) -> dict[str, object]:
        memory = psutil.Process().memory_info().rss
        return self.facts | {"seen": timezone.now(), "memory_bytes": memory} | _device_facts(self.facts)


def _device_facts(facts: dict[str, object]) -> dict[str, object]:
    """Memory on the device and loaded versions, once the process computes."""
    if not facts.get("warm"):
        return {}
    from inference.networks.device import memory_bytes
    from webapp.registry.loading import loaded

    return {"device_bytes": memory_bytes(), "versions": loaded()}
