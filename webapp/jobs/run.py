"""What a piece of work holds of its job while it runs: progress, stopping, and the sign of life beside it."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop as _

from webapp.core.queues import INTERACTIVE
from webapp.jobs import attempts
from webapp.jobs.models import Job

logger = logging.getLogger("gibbon.jobs")

BUG = _("Something went wrong on our side, not yours. It has been noted; trying again may help.")

PACE = 0.25  # seconds between two records of progress
LOOK = 0.05  # seconds between two looks whether to stop

_held: list[Job] = []


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
        self.recorded = self.looked = float("-inf")  # the first step is always recorded
        if job.line is INTERACTIVE:
            self.recorded = time.monotonic()  # but where all is over in a moment, not even its beginning is told

    def step(
        self, done: int, text: str = "", values: Mapping[str, Any] | None = None, *, total: int | None = None
    ) -> None:
        """Record progress, as often as somebody can see it; raises Stopped where the work should end now.

        `text` % `values` is put together when it is read, in the reader's language.
        """
        now = time.monotonic()
        if now - self.recorded >= PACE:
            self.recorded = self.looked = now
            goes_on = attempts.report_progress(self.job, done=done, text=text, values=values, total=total)
        elif now - self.looked >= LOOK:
            self.looked = now
            goes_on = attempts.goes_on(self.job)
        else:
            return
        if not goes_on:
            raise Stopped

    def finish(self, save: Callable[[], None]) -> None:
        """Done: `save` runs in the transaction that ends the job. Raises Stopped, nothing saved, if the job is lost."""
        if not attempts.finish(self.job, save=save):
            raise Stopped

    def checkpoint(self, save: Callable[[], None]) -> None:
        """`save` what was reached, for good. Raises Stopped, nothing saved, if the job is lost."""
        if not attempts.checkpoint(self.job, save=save):
            raise Stopped

    def give_back(self, done: int, save: Callable[[], None]) -> None:
        """Checkpoint: `save` what was reached and queue the rest."""
        if not attempts.give_back(self.job, done=done, save=save):
            raise Stopped


def do(job: Job) -> None:
    """The whole work of a claimed job, to whatever end it comes."""
    with holding(job), attempted(job):
        for _state in import_string(job.described.work)(Run(job)) or ():
            """What could be done in turns is done in one go."""


@contextmanager
def attempted(job: Job) -> Iterator[None]:
    """A piece of a job's work: what it raises ends the job."""
    try:
        yield
    except Stopped:
        attempts.end_cancelled(job)
        attempts.hand_over(job)
    except JobFailed as failure:
        attempts.fail(job, code=failure.code, message=failure.template, values=failure.values)
    except Exception:
        logger.exception("Job %s (%s) met a bug", job.pk, job.kind)
        attempts.fail(job, code="internal", message=BUG)


@contextmanager
def holding(job: Job) -> Iterator[None]:
    """Marks `job` as one that this process has, for the heartbeat, which renews its lease."""
    _held.append(job)
    try:
        yield
    finally:
        _held.remove(job)


def held_jobs() -> list[Job]:
    """What this process has at the moment, the latest last."""
    return list(_held)
