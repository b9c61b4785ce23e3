"""What the page of a dataset shows, in words: its classes, how its pictures can be changed, what was left out of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, gettext

from inference.catalog.class_names import class_names
from inference.catalog.configuration import SETTINGS
from inference.catalog.names import shortened

Json = Mapping[str, Any]
PARTS = ("training", "test", "validation")  # in the order of the table's columns


def dataset_view(slug: str, facts: Json | None, report: Json | None) -> dict[str, Any]:
    """Everything the template needs of a dataset's facts and the report on its ZIP; empty while there are none."""
    names = class_names(slug, facts["labels"], get_language()) if facts else []
    return {
        "classes": _classes(facts, names) if facts else [],
        "validated": bool(facts and "validation" in facts["counts"]),
        "augmentations": [gettext(SETTINGS[name].label) for name in facts["augmentations"]] if facts else [],
        "sampled": [shortened(names[facts["labels"].index(label)]) for label in facts["sampled"]] if facts else [],
        "refused": _with_short_labels(report) if report else {},
    }


def _classes(facts: Json, names: Sequence[str]) -> list[dict[str, Any]]:
    """How many pictures there are of each, and how long its bar is, in per cent of the largest class."""
    most = max(facts["counts"]["training"])
    counts = zip(*(facts["counts"][part] for part in PARTS if part in facts["counts"]), strict=True)
    return [
        {
            "label": label,
            "shown": shortened(name),
            "counts": [f"{many:,}" for many in each],
            "width": f"{100 * each[0] / most:.1f}%",
        }
        for label, name, each in zip(facts["labels"], names, counts, strict=True)
    ]


def _with_short_labels(report: Json) -> dict[str, Any]:
    classes = [{**one, "shown": shortened(one["label"])} for one in report["classes"]]
    return {**report, "classes": classes}
