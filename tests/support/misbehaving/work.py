"""What the workers of these tests do: jobs that crash, hang, take their time, or note that they ran."""

import os
import signal
import time
from pathlib import Path

from django.conf import settings

from webapp.jobs.run import Run

STEPS = 30


def crash(run: Run) -> None:
    """Takes its own process with it, as a driver or the system's memory killer would."""
    _note(run)
    os.kill(os.getpid(), signal.SIGKILL)


def hang(run: Run) -> None:
    """Never comes back."""
    _note(run)
    while True:
        time.sleep(3600)


def bug(run: Run) -> None:
    """A mistake of ours."""
    raise ZeroDivisionError("a secret path: /root/key")


def note(run: Run) -> None:
    """Leaves one line for each time it is really done."""
    run.finish(lambda: _note(run))


def slow(run: Run) -> None:
    """A second and a half in thirty steps."""
    for step in range(STEPS):
        run.step(step, "Counting")
        time.sleep(0.05)
    run.finish(lambda: _note(run))


def notes() -> Path:
    return Path(settings.DATA_DIR) / "notes"


def _note(run: Run) -> None:
    notes().mkdir(exist_ok=True)
    with (notes() / run.job.kind).open("a") as file:
        file.write(f"{run.job.pk}\n")
