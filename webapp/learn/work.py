"""What a worker does for the course: look the function up, call it, save. Only workers import this (it needs torch)."""

import time
from collections.abc import Generator, Iterator
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from django.utils.translation import gettext_noop as _

from inference.images import pixels
from webapp.core import files
from webapp.jobs import failures
from webapp.jobs.run import PACE, JobFailed, Run
from webapp.learn.models import Computation
from webapp.learn.services import SIDE
from webapp.registry.loading import classifier_of

GONE = _("The picture was deleted.")
PARTS = 1000  # of the whole, as progress is counted
failures_worded = partial(failures.failures_worded, disk_full=files.DISK_FULL, gone=GONE)


def compute(run: Run) -> None:
    """In one go."""
    row = _row_of(run)
    with failures_worded():
        found = _function(row)(**_arguments(run, row))
        run.finish(lambda: _update(row, result=found))


def compute_in_turns(run: Run) -> Iterator[None]:
    """What there is so far is on the row as often as somebody can see it. Another worker begins anew."""
    row, told = _row_of(run), float("-inf")
    with failures_worded():
        work: Generator[tuple[float, Any], None, Any] = _function(row)(**_arguments(run, row))
        while True:
            try:
                share, so_far = next(work)
            except StopIteration as end:
                found = end.value
                break
            if time.monotonic() - told >= PACE:
                told = time.monotonic()
                _update(row, live=so_far)
            run.step(round(share * PARTS), total=PARTS)
            yield
        run.finish(lambda: _update(row, result=found, live=None))


def _function(row: Computation) -> Any:
    module, _, name = row.record.function.partition(":")
    return getattr(import_module(module), name)


def _arguments(run: Run, row: Computation) -> dict[str, Any]:
    given = dict(row.options)
    if row.record.classifier:
        given["classifier"] = classifier_of(run.job.answered_by)
    if row.picture:
        given["picture"] = pixels.read(files.read(row.picture.file))
    elif row.drawing:
        given["picture"] = np.frombuffer(bytes(row.drawing), np.uint8).reshape(SIDE, SIDE)
    return given


def _row_of(run: Run) -> Computation:
    row = Computation.objects.select_related("picture").filter(pk=run.job.pk).first()
    if row is None:
        raise JobFailed("picture_gone", GONE)
    return row


def _update(row: Computation, **columns: Any) -> None:
    Computation.objects.filter(pk=row.pk).update(**columns)
