"""A standard and a hardened network under the same budget, picture by picture, and another norm that breaks both.

Madry, Makelov, Schmidt, Tsipras, Vladu 2017 (arXiv 1706.06083) for hardening; Wilson 1927 for the intervals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from torch import Tensor

from inference.catalog.classifiers import card_of
from inference.catalog.comparison import Measured, compare
from inference.catalog.protocols import Protocol
from inference.course.alone import alone
from inference.course.shipped import network
from inference.course.small import Steps
from inference.data.base import Pictures, load_data
from inference.evaluation.accuracy import predictions, right_after
from inference.networks.classifier import Classifier

PART = 10  # pictures between two results


@dataclass(frozen=True)
class Subject:
    """Two networks that were taught alike but for the hardening, and the test pictures they are judged on."""

    standard: str
    hardened: str
    dataset: str


SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    {
        "digits": Subject("digits-plain", "digits-hardened", "mnist"),
        "signs": Subject("signs", "signs-hardened", "signs"),  # drawn, photographed by a program
    }
)


def compared(
    *, subject: str = "digits", epsilon: int = 51, radius: float = 4.0, pictures: int = 200, seed: int = 0
) -> Steps:
    """Both networks on the first test pictures; yields (share done, what there is) after each part of them.

    subject: a key of SUBJECTS. epsilon: L∞, grey levels; radius: L2, in pixels of [0, 1]. networks: "standard" and
    "hardened", each {"slug", "figures": of "clean", "noise" (random signs, ε), "fgsm" (ε), "pgd" (20 steps, ε),
    "pgd-l2" (20 steps, radius)}, each figure {"right", "of", "accuracy", "interval": Wilson's, at 95 %}. A picture
    that is wrong as it is counts as wrong under every attack. price: the standard network's accuracy less the hardened
    one's on all test pictures, from their cards, with its interval (paired) and p.
    """
    return alone(_compared(subject, epsilon, radius, pictures, seed), seed=seed)


def _compared(subject: str, epsilon: int, radius: float, pictures: int, seed: int) -> Steps:
    chosen = SUBJECTS[subject]
    judged = _test(chosen.dataset)[:pictures]
    slugs = {"standard": chosen.standard, "hardened": chosen.hardened}
    protocols = _protocols(epsilon, radius, pictures, seed)
    price = _price(chosen)
    right: dict[str, dict[str, list[bool]]] = {name: {key: [] for key in ("clean", *protocols)} for name in slugs}
    for first in range(0, len(judged), PART):
        part, places = judged[first : first + PART], range(first, min(first + PART, len(judged)))
        for name, slug in slugs.items():
            for key, outcomes in _outcomes(network(slug), part, protocols, list(places)).items():
                right[name][key] += outcomes.tolist()
            found = {
                "epsilon": epsilon,
                "radius": radius,
                "of": len(judged),
                "networks": {one: {"slug": slugs[one], "figures": _figures(right[one])} for one in slugs},
                "price": price,
            }
            yield places.stop / len(judged), found
    return found


@lru_cache(maxsize=len(SUBJECTS))
def _test(dataset: str) -> Pictures:
    """The test part, kept: signs are drawn anew whenever they are loaded, which takes seconds."""
    return load_data(dataset).test


def _protocols(epsilon: int, radius: float, pictures: int, seed: int) -> dict[str, Protocol]:
    return {
        "noise": Protocol("noise", epsilon, pictures, seed=seed),
        "fgsm": Protocol("fgsm", epsilon, pictures),
        "pgd": Protocol("pgd", epsilon, pictures, steps=20, seed=seed),
        "pgd-l2": Protocol("pgd-l2", 0, pictures, steps=20, seed=seed, within=radius),
    }


def _outcomes(
    classifier: Classifier, part: Pictures, protocols: Mapping[str, Protocol], places: list[int]
) -> dict[str, Tensor]:
    """(n,) bool for each protocol, and for "clean": right as they are, and under it."""
    clean = predictions(classifier, part) == part.labels
    still = clean.nonzero().flatten()
    found = {"clean": clean}
    for name, protocol in protocols.items():
        found[name] = clean.clone()
        if len(still):
            found[name][still] = right_after(classifier, part[still], protocol, 0, [places[i] for i in still.tolist()])
    return found


def _figures(right: Mapping[str, list[bool]]) -> dict[str, Any]:
    told = {name: Measured(sum(each), len(each)).as_json() for name, each in right.items() if each}
    return {
        name: {key: figure[key] for key in ("right", "of", "accuracy", "interval")} for name, figure in told.items()
    }


def _price(subject: Subject) -> dict[str, Any] | None:
    paired = compare(card_of(subject.standard)["test"], card_of(subject.hardened)["test"])
    if paired is None:
        return None
    return {
        "difference": paired.difference,
        "interval": list(paired.interval()),
        "p": paired.p,
        "of": paired.of,
    }
