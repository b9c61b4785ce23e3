"""A job as the world sees it: the same JSON from the API, over the socket and inside the page."""

import math
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.utils.module_loading import import_string

from webapp.core.times import isoformat
from webapp.jobs.line import positions, seconds_left
from webapp.jobs.models import Job, JobQuerySet, Outcome, Status, outcome_models


def jobs_json(jobs: JobQuerySet) -> list[dict[str, Any]]:
    """All these jobs, in a number of queries that does not grow with theirs."""
    rows = jobs.with_version().with_rows()
    for model in outcome_models():
        row = model.__name__.lower()
        rows = rows.defer(*(f"{row}__{column}" for column in model.UNLISTED))
        rows = rows.prefetch_related(*(_seen_from(row, along) for along in model.listed_with()))
    places, seconds = positions(), seconds_left(rows)
    return [job_json(job, place=places.get(job.pk), seconds=seconds) for job in rows]


def job_json(
    job: Job, *, share: str | None = None, place: int | None = None, seconds: Mapping[UUID, float] | None = None
) -> dict[str, Any]:
    """The job and, once done, its result; with `share` its image addresses are those of that shared page.

    `place` is its place in the queue, `seconds` the answer of seconds_left, where they are known already.
    """
    left = (seconds_left([job]) if seconds is None else seconds).get(job.pk)
    row = job.result()
    return {
        "id": str(job.id),
        "kind": job.kind,
        "status": job.status,
        "progress": {"done": job.done, "total": job.total, "text": job.progress_text()},
        "position": place or job.position(),
        "expected_seconds": left and math.ceil(left),
        "created": isoformat(job.created),
        "started": isoformat(job.started),
        "finished": isoformat(job.finished),
        "attempts": job.attempts,
        "error": {"code": job.error_code, "message": job.why()} if job.error_code else None,
        "version": job.version.brief() if job.version else None,
        "about": row.about() if row else {},
        "live": row.so_far() if row and not job.ended else None,
        "page": row.page() if row else None,
        "result": _result(job, row, share),
    }


def _result(job: Job, row: Outcome | None, share: str | None) -> dict[str, Any] | None:
    kind = job.described
    if row is None or not (kind.partial or job.status == Status.DONE):
        return None
    return import_string(kind.serializer)(row, share)


def _seen_from(row: str, along: Prefetch) -> Prefetch:
    """What a kind's model reads along, as a job reaches it."""
    along.add_prefix(row)
    return along
