"""What a Celery child does around its tasks: warm up, beat, leave in order."""

import logging
from typing import Any

from celery.signals import worker_process_init, worker_process_shutdown
from django.conf import settings

from webapp.jobs.pulse import Pulse

logger = logging.getLogger("gibbon.worker")

_pulse: Pulse | None = None


@worker_process_init.connect
def begin(**_kwargs: Any) -> None:
    """Start the sign of life, then load the live classifiers, so that the first visitor does not wait for it."""
    global _pulse
    _pulse = Pulse(queues=settings.WORKER_QUEUES)
    _pulse.beat(warm=False, device="")
    _pulse.start()
    if "interactive" in settings.WORKER_QUEUES:
        _warm(_pulse)


def _warm(pulse: Pulse) -> None:
    from inference.device import threads  # torch: a train worker does without it until its first job
    from webapp.registry.loading import warm_live

    pulse.beat(device=warm_live(), threads=threads(), warm=True)


@worker_process_shutdown.connect
def end(**_kwargs: Any) -> None:
    if _pulse:
        _pulse.end()
