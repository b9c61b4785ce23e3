"""Which classifiers come with Gibbon. Imports no torch.

A classifier's one declaration is its card, `assets/cards/<slug>.json`: name, levels, labels, licence, weights with
their SHA-256, and the accuracy that was measured, with on what. The records here are read from the cards.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attacks.words import Listed, gettext_noop
from inference.assets import ASSETS
from inference.catalog.cards import is_card
from inference.catalog.errors import Failure
from inference.catalog.preparations import PREPARATIONS, preparation_of

CARDS = ASSETS / "cards"
NO_CLASSIFIER = gettext_noop("There is no classifier called %(name)s. The classifiers are: %(known)s.")


@dataclass(frozen=True)
class ClassifierRecord:
    """What the site needs to know of a classifier without loading it."""

    slug: str
    name: str
    preparation: str  # a key of PREPARATIONS
    levels: int  # the largest epsilon, in grey levels of 255; the sweep judges 0 to this
    input_size: int  # the network sees a square of so many pixels
    network: str  # a key of inference.catalog.networks.NETWORKS
    classes: int
    dataset: str  # slug of the one it was taught here; empty: it came ready-made
    sha256: str  # of the weights file
    card: Path


class UnknownClassifier(Failure, LookupError):
    """No classifier has that name; the message is a sentence listing those there are."""

    code = "unknown_classifier"


class Unclear(Failure, LookupError):
    """A name that stands for no version, or for several; the message is a sentence that says what to do."""

    code = "unclear"


def card(slug: str) -> dict[str, Any]:
    """The card of a classifier that comes with Gibbon, as a copy of one's own."""
    path = CARDS / f"{slug}.json"
    if path not in CARDS.glob("*.json"):
        raise UnknownClassifier(NO_CLASSIFIER, name=slug, known=Listed(known()))
    return json.loads(path.read_text(encoding="utf-8"))


def card_of(slug_or_path: str | Path) -> dict[str, Any]:
    """The card of a slug, or of a version's folder, where it is called card.json; Unclear if that is no card."""
    written = Path(slug_or_path) / "card.json"
    if str(slug_or_path) not in known() and written.is_file():
        facts = written_in(written)
        return facts | {"preparation": preparation_of(facts)}
    return card(str(slug_or_path))


def known() -> list[str]:
    """The slugs of the classifiers that come with Gibbon."""
    return sorted(path.stem for path in CARDS.glob("*.json"))


def written_in(path: Path) -> dict[str, Any]:
    """The card in a file that somebody else may have written, word for word; Unclear if that is no card."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        facts = None
    if not is_card(facts):
        template = gettext_noop("%(file)s is not the card of a version: name another folder.")
        raise Unclear(template, file=str(path))
    return facts


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
        dataset=facts.get("dataset", {}).get("slug", ""),
        sha256=facts["weights"]["sha256"],
        card=path,
    )


def _in_order() -> list[ClassifierRecord]:
    """As they are offered, the first by default: in the order of PREPARATIONS, then by slug."""
    records = [_record(CARDS / f"{slug}.json") for slug in known()]
    return sorted(records, key=lambda record: list(PREPARATIONS).index(record.preparation))


CLASSIFIERS: Mapping[str, ClassifierRecord] = MappingProxyType({record.slug: record for record in _in_order()})
