"""What a piece of work holds of its job while it runs: progress, stopping, and the sign of life beside it."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext_noop as _

from webapp.jobs import services
from webapp.jobs.models import Job

BUG = _("Something went wrong on our side, not yours. It has been noted; trying again may help.")

PACE = 0.25  # seconds between two records of progress

_current: Job | None = None


class JobFailed(Exception):
    """An expected failure: `code` for programs, `template` % `values` for people, translated when it is read."""

    def __init__(self, code: str, template: str, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(template)
        self.code, self.template, self.values = code, template, dict(values or {})


class Stopped(Exception):
    """The job was cancelled, or this attempt lost it."""


class Run:
    """One attempt at one job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.told = float("-inf")  # the first step is always told

    def step(self, done: int, text: str = "", *, total: int | None = None) -> None:
        """Record progress, as often as somebody can see it; raises Stopped where the work should end now."""
        now = time.monotonic()
        if now - self.told < PACE:
            return
        self.told = now
        if not services.report_progress(self.job, done=done, text=text, total=total):
            raise Stopped

    def finish(self, save: Callable[[], None]) -> None:
        """Done: `save` runs in the transaction that ends the job. Raises Stopped, nothing saved, if the job is lost."""
        if not services.finish(self.job, save=save):
            raise Stopped

    def checkpoint(self, save: Callable[[], None]) -> None:
        """`save` what was reached, for good. Raises Stopped, nothing saved, if the job is lost."""
        if not services.checkpoint(self.job, save=save):
            raise Stopped

    def give_back(self, done: int, save: Callable[[], None]) -> None:
        """Checkpoint: `save` what was reached and queue the rest."""
        if not services.give_back(self.job, done=done, save=save):
            raise Stopped


@contextmanager
def current(job: Job) -> Iterator[None]:
    """Marks `job` as what this process does now, for the heartbeat."""
    global _current
    _current = job
    try:
        yield
    finally:
        _current = None


def current_job() -> Job | None:
    return _current
