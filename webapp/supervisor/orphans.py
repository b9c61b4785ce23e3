"""Processes of one run found by the mark in their environment, whatever their parent, group or session has become."""

import contextlib
import time
from collections.abc import Iterator

import psutil

RUN = "GIBBON_RUN"  # names the run of the supervisor that a process belongs to
SERVICE = "GIBBON_SERVICE"  # and the service within it
PAUSE = 0.02


def marked(run: str, service: str | None = None) -> Iterator[psutil.Process]:
    """Every living process of `run`, or of one service of it, children's children included."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            environment = process.environ()
            if environment.get(RUN) == run and service in (None, environment.get(SERVICE)):
                yield process


def kill(run: str, service: str | None = None, *, within: float = 3.0) -> bool:
    """Kill them until none is left; False if some still live after `within` seconds."""
    deadline = time.monotonic() + within
    while found := list(marked(run, service)):
        for process in found:
            with contextlib.suppress(psutil.Error, OSError):
                process.kill()
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True
