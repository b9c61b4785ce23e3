"""A job as the world sees it: the same JSON from the API, over the socket and inside the page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from webapp.jobs.models import Job, Status
from webapp.lab.models import Attack, Ladder, Level, Picture, Prediction


def picture_json(picture: Picture) -> dict[str, Any]:
    return {
        "id": str(picture.id),
        "preparation": picture.preparation,
        "width": picture.width,
        "height": picture.height,
        "url": picture.url(),
        "sha256": picture.sha256,
        "created": _time(picture.created),
        "expires": _time(picture.expires),
    }


def job_json(job: Job, *, share: str | None = None) -> dict[str, Any]:
    """The job and, once done, its result; with `share` its image addresses are those of that shared page."""
    return {
        "id": str(job.id),
        "kind": job.kind,
        "status": job.status,
        "progress": {"done": job.done, "total": job.total, "text": gettext(job.text) if job.text else ""},
        "position": job.position(),
        "created": _time(job.created),
        "started": _time(job.started),
        "finished": _time(job.finished),
        "attempts": job.attempts,
        "error": {"code": job.error_code, "message": gettext(job.error_message)} if job.error_code else None,
        "version": job.version.brief(),
        "about": _about(job),
        "result": _result(job, share) if job.status == Status.DONE else None,
    }


def _about(job: Job) -> dict[str, Any]:
    """What the job was asked to do."""
    row = job.result()
    match row:
        case Prediction():
            return {"image": str(row.picture_id)}
        case Attack():
            return {"image": str(row.picture_id), "attack": row.attack, "params": row.params}
        case Ladder() | Level():
            return {"of": str(row.attack_id)} | ({"k": row.k} if isinstance(row, Level) else {})
    return {}


def _result(job: Job, share: str | None) -> dict[str, Any] | None:
    row = job.result()
    return RESULTS[type(row)](row, share) if type(row) in RESULTS else None


def _prediction(row: Prediction, share: str | None) -> dict[str, Any]:
    return {"top": row.top}


def _attack(row: Attack, share: str | None) -> dict[str, Any]:
    ladder = row.current_ladder()
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
        "ladder_job": str(ladder.pk) if ladder else None,
        "seconds": row.seconds,
    }


def _ladder(row: Ladder, share: str | None) -> dict[str, Any] | None:
    return row.result


def _level(row: Level, share: str | None) -> dict[str, Any]:
    return {
        "k": row.k,
        "image_url": file_url(row.job, "level", share),
        "sha256": row.sha256,
        "top": row.top,
        "verified": row.verified,
        "linf_levels": row.linf_levels,
    }


RESULTS: dict[type, Callable[[Any, str | None], dict[str, Any] | None]] = {
    Prediction: _prediction,
    Attack: _attack,
    Ladder: _ladder,
    Level: _level,
}


def file_url(job: Job, which: str, share: str | None) -> str:
    """Where one of a job's pictures is served: to its owner, or below a shared address."""
    if share:
        return reverse("shared_file", args=[share, which])
    return reverse("result_file", args=[job.pk, which])


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
