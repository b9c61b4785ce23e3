"""What makes a version itself, and not another. Imports no torch.

A version is its weights *and* what its card says of how they are used: the same weights with a class renamed are
another classifier. Figures, dates and names are not in it, so that they may be added or corrected later.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from inference.catalog.classifiers import CLASSIFIERS
from inference.catalog.datasets import DATASETS

FACTS = ("labels", "network", "options", "preparation", "input_size", "normalisation")


def identity_of(weights: str, card: Mapping[str, Any]) -> str:
    """64 hex digits: SHA-256 over the weights' own, the card's facts, and the hash of the dataset it learnt from."""
    facts = {name: card.get(name) for name in FACTS}
    facts |= {"weights": weights, "dataset": card.get("dataset", {}).get("sha256")}
    written = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def origin_of(card: Mapping[str, Any], *, shipped: str | None = None) -> str:
    """Which classifier a version belongs to: one that Gibbon ships, or that of a dataset, hardened or not.

    shipped: the slug of what comes with Gibbon as it is. Never a matter of names: a dataset that somebody calls
    "Digits" has another slug of its own.
    """
    if shipped:
        return f"shipped/{shipped}"
    return origin_taught(card["dataset"]["slug"], hardened=card.get("config", {}).get("adversarial", "off") != "off")


def origin_taught(dataset: str, *, hardened: bool) -> str:
    """The origin of what is trained on a dataset: it goes on with what comes with Gibbon where that was taught it."""
    continued = DATASETS[dataset].classifier + ("-hardened" if hardened else "") if dataset in DATASETS else ""
    if continued in CLASSIFIERS:
        return f"shipped/{continued}"
    return f"dataset/{dataset}" + ("/hardened" if hardened else "")
