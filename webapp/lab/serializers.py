"""What the lab's jobs came to, as JSON; jobs.serializers tells the rest of a job."""

from collections import Counter
from typing import Any

from django.urls import reverse

from webapp.jobs.models import Job, Status
from webapp.lab.models import Attack, Draws, Ladder, Level, Prediction


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
