"""What a training came to, in the visitor's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from inference.catalog.configuration import TrainingConfig
from inference.catalog.diagnosis import NAMES, Message, verdict
from webapp.core.errors import worded
from webapp.core.words import run_on
from webapp.training.datasets import record_of
from webapp.training.models import Dataset, TrainingRun
from webapp.training.services import settings_of


def verdict_json(row: TrainingRun, epochs: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """The verdict on the epochs so far with its reason and what to try; None before the first."""
    if not epochs:
        return None
    config = TrainingConfig(**settings_of(row))
    pictures = learnt_from(row.dataset, config)
    found = verdict(epochs, config, classes=len(record_of(row.dataset).labels), pictures=pictures)
    advice = [found.few, found.advice] if found.few else [found.advice]
    return {
        "code": found.code,
        "title": gettext(NAMES[found.code]),
        "message": _words(found.reason),
        "advice": run_on(map(_words, advice)),
    }


def learnt_from(dataset: Dataset, config: TrainingConfig) -> int | None:
    """How many of its pictures a training learns from; None until the dataset was looked at."""
    counts = (dataset.facts or {}).get("counts")
    if not counts:
        return None
    pictures = sum(counts["training"])
    return pictures if "validation" in counts else round(pictures * (1 - config.validation_share))


def _words(message: Message) -> str:
    return worded(message.message, message.params)
