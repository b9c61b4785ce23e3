"""What a training came to, in the visitor's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from inference.configuration import TrainingConfig
from inference.verdict import NAMES, Told, verdict
from webapp.training.datasets import record_of
from webapp.training.models import TrainingRun
from webapp.training.services import settings_of


def verdict_json(row: TrainingRun, epochs: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """The verdict on the epochs so far with its reason and what to try; None before the first."""
    if not epochs:
        return None
    found = verdict(epochs, TrainingConfig(**settings_of(row)), classes=len(record_of(row.dataset).labels))
    return {
        "code": found.code,
        "title": gettext(NAMES[found.code]),
        "message": _words(found.reason),
        "advice": _words(found.advice),
    }


def _words(told: Told) -> str:
    return gettext(told.message) % told.params
