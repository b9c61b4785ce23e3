"""What the page of a dataset shows, in words: its classes, how its pictures can be changed, what was left out of it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from inference.configuration import SETTINGS

Json = Mapping[str, Any]


def dataset_story(facts: Json | None) -> dict[str, Any]:
    """Everything the template needs of a dataset's facts; empty while there are none."""
    if not facts:
        return {"classes": [], "augmentations": [], "refused": {}}
    return {
        "classes": _classes(facts),
        "augmentations": [gettext(SETTINGS[name].label) for name in facts["augmentations"]],
        "refused": _left_out(facts.get("own", {}).get("refused", {"count": 0, "reasons": [], "named": []})),
    }


def _classes(facts: Json) -> list[dict[str, Any]]:
    """How many pictures there are of each, and how long its bar is, in per cent of the largest class."""
    training, test = facts["counts"]["training"], facts["counts"]["test"]
    most = max(training)
    return [
        {"label": label, "training": f"{many:,}", "test": f"{tested:,}", "width": f"{100 * many / most:.1f}%"}
        for label, many, tested in zip(facts["labels"], training, test, strict=True)
    ]


def _left_out(refused: Json) -> dict[str, Any]:
    return {
        "count": refused["count"],
        "reasons": [reason | {"sentence": _words(reason)} for reason in refused["reasons"]],
        "named": [one | {"sentence": _words(one)} for one in refused["named"]],
    }


def _words(told: Json) -> str:
    return gettext(told["message"]) % told["params"]
