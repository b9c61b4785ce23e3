"""The stop sign that comes along, attacked by the lab's own pipeline: judged on bytes that were saved and read back.

Drawn, and photographed by a program.
"""

import base64
from functools import lru_cache
from typing import Any

from inference import experiment
from inference.assets import ASSETS
from inference.catalog.results import Scored
from inference.course.cameras import SUBJECTS
from inference.course.packed import figure
from inference.course.shipped import network
from inference.images import canonicalise
from inference.networks.threads import one_thread

ATTACK = "pgd"
STOP = "Stop"  # what it shows


@one_thread()
def attacked(*, hardened: bool = False, epsilon: int = 3, seed: int = 0) -> dict[str, Any]:
    """PGD with the lab's usual values on the standard or the hardened network for signs.

    epsilon: grey levels. pictures: "before", "change" (magnified, mid-grey where there is none) and "after", each a
    PNG in base64, RGB, 48 × 48. said: what the network says of "before", "after" and "control" (random signs of the
    same size), each {"index", "label", "probability"}. levels: how far the value that moved most did; share: how many
    of all pixels have changed. fooled: whether the saved picture has another answer.
    """
    subject = SUBJECTS["signs"]
    classifier = network(subject.hardened if hardened else subject.standard)
    made = experiment.attack(classifier, _picture(), ATTACK, {"epsilon": epsilon, "seed": seed}, truth=STOP)
    result = made.result
    assert made.change_png and result.control  # noqa: S101 - of an attack of many steps both are there
    pictures = {"before": _picture(), "change": made.change_png, "after": made.png}
    answers = {"before": result.original, "after": result.adversarial, "control": result.control}
    return {
        "hardened": hardened,
        "epsilon": epsilon,
        "pictures": {name: base64.b64encode(png).decode() for name, png in pictures.items()},
        "said": {name: _said(answer.top[0]) for name, answer in answers.items()},
        "levels": result.distances.linf_levels,
        "share": figure(result.distances.changed_pixels / result.distances.attacked_pixels),
        "fooled": result.fooled,
    }


@lru_cache(maxsize=1)
def _picture() -> bytes:
    """As the lab keeps it."""
    return canonicalise((ASSETS / "samples" / "sign-stop.png").read_bytes(), "photo").png


def _said(first: Scored) -> dict[str, Any]:
    return {"index": first.index, "label": first.label, "probability": round(first.probability, 6)}
