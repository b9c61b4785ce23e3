"""What classes are called in the reader's language: beside each `label` of a result stands the `name` to show."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language

from inference.catalog.class_names import class_name, class_names, dataset_of
from webapp.core.shown import shown
from webapp.registry.models import ModelVersion, facts_of


def with_names(found: Any, version: ModelVersion) -> Any:
    """The same JSON, where whatever has an index and a label also has its name."""
    return _with_names(found, _dataset(version.identity), get_language())


def names_of(version: ModelVersion) -> list[str]:
    """Of all its classes, in their order."""
    return class_names(_dataset(version.identity), version.labels, get_language())


def called(entry: Mapping[str, Any]) -> str:
    """How a sentence names the class."""
    return str(entry.get("name", entry["label"]))


def _with_names(found: Any, dataset: str, language: str | None) -> Any:
    if isinstance(found, list):
        deep = bool(found) and isinstance(found[0], dict | list)  # thousands of probabilities are no classes
        return [_with_names(one, dataset, language) for one in found] if deep else found
    if not isinstance(found, dict):
        return found
    inner = {key: _with_names(value, dataset, language) for key, value in found.items()}
    if "label" not in found or "index" not in found:
        return inner
    index, label = found["index"], found["label"]
    return inner | {"name": shown(label) if index is None else class_name(dataset, index, label, language)}


@lru_cache(maxsize=256)  # jobs are read without the cards, and an identity always has the same
def _dataset(identity: str) -> str:
    """The slug of the dataset whose classes it knows; "" for somebody's own pictures."""
    return dataset_of(facts_of(identity))
