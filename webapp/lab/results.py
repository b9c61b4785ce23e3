"""A job as the world sees it: the same JSON from the API, over the socket and inside the page."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext

from webapp.jobs.models import Job, JobQuerySet, Outcome, Status
from webapp.jobs.services import positions
from webapp.lab.models import Attack, Draws, Ladder, Level, Picture, Prediction


def picture_json(picture: Picture) -> dict[str, Any]:
    return {
        "id": str(picture.id),
        "preparation": picture.preparation,
        "width": picture.width,
        "height": picture.height,
        "url": picture.url(),
        "thumbnail": picture.thumbnail_url(),
        "sha256": picture.sha256,
        "created": _time(picture.created),
        "expires": _time(picture.expires),
    }


def jobs_json(jobs: JobQuerySet) -> list[dict[str, Any]]:
    """All these jobs, in a number of queries that does not grow with theirs."""
    ladders = Prefetch("attack__ladders", Ladder.objects.newest_first().only("attack"), to_attr="newest_ladders")
    rows = jobs.with_version().with_rows().defer("ladder__partial").prefetch_related(ladders)
    places = positions()
    return [job_json(job, place=places.get(job.pk)) for job in rows]


def job_json(job: Job, *, share: str | None = None, place: int | None = None) -> dict[str, Any]:
    """The job and, once done, its result; with `share` its image addresses are those of that shared page.

    `place` is its place in the queue, where that is known already.
    """
    row = job.result()
    return {
        "id": str(job.id),
        "kind": job.kind,
        "status": job.status,
        "progress": {"done": job.done, "total": job.total, "text": gettext(job.text) if job.text else ""},
        "position": place or job.position(),
        "created": _time(job.created),
        "started": _time(job.started),
        "finished": _time(job.finished),
        "attempts": job.attempts,
        "error": {"code": job.error_code, "message": gettext(job.error_message)} if job.error_code else None,
        "version": job.version.brief() if job.version else None,
        "about": row.about() if row else {},
        "result": _result(job, row, share),
    }


def _result(job: Job, row: Outcome | None, share: str | None) -> dict[str, Any] | None:
    kind = settings.JOB_KINDS[job.kind]
    if row is None or not (kind.told_early or job.status == Status.DONE):
        return None
    return import_string(kind.told)(row, share)


def prediction(row: Prediction, share: str | None) -> dict[str, Any]:
    return {"top": row.top}


def attack(row: Attack, share: str | None) -> dict[str, Any]:
    current = row.current_ladder()
    return {
        "original": {"top": row.original_top},
        "adversarial": {
            "top": row.adversarial_top,
            "image_url": file_url(row.job, "adversarial", share),
            "sha256": row.adversarial_sha256,
        },
        "control": {"top": row.control_top},
        "sign_url": file_url(row.job, "sign", share),
        "label_from": row.label_from,
        "target": row.target,
        "fooled": row.fooled,
        "reached": row.reached,
        "verified": row.verified,
        "zero_gradient": row.zero_gradient,
        "linf_levels": row.linf_levels,
        "l2": row.l2,
        "ssim": row.ssim,
        "changed_pixels": row.changed_pixels,
        "attacked_pixels": row.attacked_pixels,
        "attacked_values": row.attacked_values,
        "zero_gradient_pixels": row.zero_gradient_pixels,
        "flat_from": row.flat_from,
        "control_l2": row.control_l2,
        "control_reach": row.control_reach,
        "ladder_job": str(current.pk) if current else None,
        "seconds": row.seconds,
    }


def ladder(row: Ladder, share: str | None) -> dict[str, Any] | None:
    return row.result


def level(row: Level, share: str | None) -> dict[str, Any]:
    return {
        "k": row.k,
        "image_url": file_url(row.job, "level", share),
        "sha256": row.sha256,
        "top": row.top,
        "verified": row.verified,
        "linf_levels": row.linf_levels,
    }


def draws(row: Draws, share: str | None) -> dict[str, Any]:
    """How many draws there were, under how many the answer was another, and which classes were named how often."""
    said, labels = row.said or [], row.job.answered_by.labels
    own = (row.attack.label_from or {}).get("index")
    named = [{"index": index, "label": labels[index], "draws": count} for index, count in Counter(said).most_common()]
    return {"k": row.k, "of": len(said), "changed": sum(index != own for index in said), "named": named}


def drawn(attack: Attack, share: str | None = None) -> list[dict[str, Any]]:
    """The draws of an attack that are done, at whichever levels."""
    rows = attack.draws.filter(job__status=Status.DONE).select_related("job__version", "attack")
    return [draws(row, share) for row in rows]


def file_url(job: Job, which: str, share: str | None) -> str:
    """Where one of a job's pictures is served: to its owner, or below a shared address."""
    if share:
        return reverse("shared_file", args=[share, which])
    return reverse("result_file", args=[job.pk, which])


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
