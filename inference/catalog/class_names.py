"""What a class is called in the reader's language; a label stays the dataset's own name for it. Imports no torch.

The names of a dataset's classes, in their order, are `assets/names/<language>/<slug>.json`. Who brings own pictures
names their classes, and nobody else.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from inference.assets import ASSETS
from inference.catalog.classifiers import card
from inference.catalog.datasets import DATASETS

NAMES = ASSETS / "names"
FOLDERS = {"zh-hans": "zh_Hans"}  # language, as the site's settings write it, to folder
IMAGENET = "imagenet"  # no network is trained on it here, so that it has no record


def class_name(dataset: str, index: int, label: str, language: str | None) -> str:
    """The name to show for a class of the dataset with that slug; the label itself where there is none.

    dataset: "" where it is not known, or somebody's own. A label that is not this dataset's stays as it is.
    """
    names = _names(dataset, language)
    return names[index] if index < len(names) and _labels(dataset)[index] == label else label


def class_names(dataset: str, labels: Sequence[str], language: str | None) -> list[str]:
    """The names to show for all classes, in the order of their labels."""
    return [class_name(dataset, index, label, language) for index, label in enumerate(labels)]


def dataset_of(card: Mapping[str, Any]) -> str:
    """The slug of the dataset that a card's labels belong to; "" for somebody's own pictures."""
    learnt = card.get("dataset", {}).get("slug")
    if learnt:
        return learnt if learnt in DATASETS else ""
    return IMAGENET if tuple(card["labels"]) == _labels(IMAGENET) else ""


@lru_cache  # visitors name datasets as they like
def _names(dataset: str, language: str | None) -> tuple[str, ...]:
    """All names; none where there is no file, as for digits, English and own datasets."""
    if dataset not in (IMAGENET, *DATASETS) or language not in FOLDERS:
        return ()
    path = NAMES / FOLDERS[language] / f"{dataset}.json"
    return tuple(json.loads(path.read_text(encoding="utf-8"))["names"]) if path.is_file() else ()


@cache
def _labels(dataset: str) -> tuple[str, ...]:
    return tuple(card("imagenet-lite0")["labels"]) if dataset == IMAGENET else DATASETS[dataset].labels
