"""What the lab's jobs came to, as JSON; jobs.serializers tells the rest of a job.

Each is the stored result (inference.catalog.results) with addresses and, in the reader's language, the words of it.
"""

from collections import Counter
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.urls import reverse

from webapp.jobs.models import Status
from webapp.lab import sweep_words, wording
from webapp.lab.class_words import with_names
from webapp.lab.models import Attack, Draws, Point, Prediction, Sweep
from webapp.lab.wording import Shown
from webapp.registry.describe import name_of


def prediction(row: Prediction, share: str | None) -> dict[str, Any]:
    version = row.job.answered_by
    result = with_names(row.result, version)
    words = wording.start_words(result, name_of(version))
    return result | {"start": asdict(words), "notes": wording.picture_notes(result)}


def attack(row: Attack, share: str | None) -> dict[str, Any]:
    current, shown = row.current_sweep(), Shown.of(row, row.job.answered_by)
    result: dict[str, Any] = dict(shown.result)
    saved, verified = result["adversarial"], result["verified"]
    return result | {
        "adversarial": saved
        | {"image_url": file_url(row.pk, "adversarial", share)}
        | {"file_words": wording.file_words(saved["top"][0], result, verified=verified)},
        "sign_url": file_url(row.pk, "sign", share) if row.sign_file else None,
        "perturbation_url": file_url(row.pk, "change", share) if row.change_file else None,
        "float_distances": result.get("float_distances"),
        "trace": _trace(row, shown, share),
        "sweep_job": str(current.pk) if current else None,
        "search": "" if current else sweep_words.search_line(row),
        "start": asdict(wording.at_start(shown)),
        "words": asdict(wording.at_own(shown)),
        "notes": wording.picture_notes(result),
    }


def _trace(row: Attack, shown: Shown, share: str | None) -> dict[str, Any] | None:
    if not (trace := shown.result.get("trace")):
        return None
    url = file_url(row.pk, "trace", share, ending="jpg") if row.trace_file else None
    return trace | {"previews_url": url, "sentence": wording.trace_line(shown, trace)}


def sweep(row: Sweep, share: str | None) -> dict[str, Any]:
    shown = Shown.of(row.attack, row.job.answered_by, row.result)
    judged: dict[str, Any] = dict(shown.sweep or {})
    title, rest = sweep_words.breaks_line(shown)
    files = {one["value"]: tried_file(place) for place, one in enumerate(row.tried) if one["file"]}
    points = [
        point
        | {"words": asdict(wording.at_point(shown, point)), "budget": shown.budget(point["value"])}
        | {"image_url": None, "file_words": ""}
        for point in judged["points"]
    ]
    for point in points:
        if name := files.get(point["value"]):
            point["image_url"] = file_url(row.attack_id, name, share)
            point["file_words"] = wording.file_words(point["top"], row.attack.result, verified=True)
    return judged | {"points": points, "breaks": {"title": title, "rest": rest}}


def point(row: Point, share: str | None) -> dict[str, Any]:
    result = with_names(row.result, row.job.answered_by)
    top, verified = result["top"][0], result["verified"]
    words = wording.file_words(top, row.attack.result, verified=verified)
    url = file_url(row.pk, "point", share)
    return result | {"value": row.plain_value, "image_url": url, "file_words": words}


def draws(row: Draws, share: str | None) -> dict[str, Any]:
    """How many draws there were, under how many the answer was another, and which classes were named how often."""
    named, labels = row.named or [], row.job.answered_by.labels
    own = (row.attack.result or {}).get("label_from", {}).get("index")
    changed = sum(index != own for index in named)
    counts = Counter(named).most_common()
    classes = [{"index": index, "label": labels[index], "draws": count} for index, count in counts]
    return {
        "value": row.plain_value,
        "of": len(named),
        "changed": changed,
        "named": with_names(classes, row.job.answered_by),
        "sentence": sweep_words.draws_line(len(named), changed),
    }


def tried_file(place: int) -> str:
    """What the saved picture of a search is called in addresses, by its place among the budgets tried."""
    return f"tried-{place}"


def drawn(attack: Attack, share: str | None = None) -> list[dict[str, Any]]:
    """The draws of an attack that are done, at whichever values."""
    rows = attack.draws.filter(job__status=Status.DONE).select_related("job")
    for row in rows:
        row.job.version = attack.job.version  # the same, read already
    return [draws(row, share) for row in rows]


def file_url(job: UUID, which: str, share: str | None, *, ending: str = "png") -> str:
    """Where one of a job's pictures is served: to its owner, or below a shared address."""
    if share:
        return reverse("shared_file", args=[share, which, ending])
    return reverse("result_file", args=[job, which, ending])
