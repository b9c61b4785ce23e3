"""Which classifiers come with Gibbon and what a picture can be prepared for. Imports no torch.

A classifier's one declaration is its card, `cards/<slug>.json`: name, levels, labels, licence, weights with their
SHA-256, and the accuracy that was measured, with on what. The records here are read from the cards.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attacks.words import gettext_noop

CARDS = Path(__file__).with_name("cards")

PREPARATIONS: Mapping[str, str] = MappingProxyType(
    {"photo": gettext_noop("a photograph"), "digit": gettext_noop("a handwritten digit")}
)


@dataclass(frozen=True)
class ClassifierRecord:
    """What the site needs to know of a classifier without loading it."""

    slug: str
    name: str
    preparation: str  # a key of PREPARATIONS
    levels: int  # the largest epsilon, in grey levels of 255; the ladder judges 0 to this
    input_size: int  # the network sees a square of so many pixels
    network: str  # a key of inference.networks.NETWORKS
    classes: int
    sha256: str  # of the weights file
    card: Path


@cache
def card(slug: str) -> Mapping[str, Any]:
    """The card of a classifier that comes with Gibbon; a KeyError with a sentence otherwise."""
    path = CARDS / f"{slug}.json"
    if path not in CARDS.glob("*.json"):
        known = ", ".join(sorted(file.stem for file in CARDS.glob("*.json")))
        raise KeyError(f"There is no classifier called {slug}. The classifiers are: {known}.")
    return MappingProxyType(read_card(path))


def read_card(path: Path) -> dict[str, Any]:
    """A card as it is written."""
    return json.loads(path.read_text(encoding="utf-8"))


def _record(path: Path) -> ClassifierRecord:
    facts = card(path.stem)
    if facts["preparation"] not in PREPARATIONS:
        raise ValueError(f"{path} names the preparation {facts['preparation']}; known: {', '.join(PREPARATIONS)}.")
    return ClassifierRecord(
        slug=path.stem,
        name=facts["name"],
        preparation=facts["preparation"],
        levels=facts["levels"],
        input_size=facts["input_size"],
        network=facts["network"],
        classes=len(facts["labels"]),
        sha256=facts["weights"]["sha256"],
        card=path,
    )


CLASSIFIERS: Mapping[str, ClassifierRecord] = MappingProxyType(
    {path.stem: _record(path) for path in sorted(CARDS.glob("*.json"))}
)
