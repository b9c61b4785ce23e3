"""An attack at one budget of many, as a point of a sweep; inference.catalog.budgets says which budget comes next."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from attacks.catalog import find
from inference.catalog.results import Distances, PointControl, Scored
from inference.experiment.judging import judge
from inference.experiment.opened import opened
from inference.experiment.picture import OnStep, attack
from inference.experiment.sweep import Judged
from inference.images import pixels
from inference.networks.classifier import Classifier
from inference.networks.threads import one_thread


@dataclass(frozen=True)
class Tried:
    """What an attack came to at one budget of a search."""

    judged: Judged
    succeeded: bool
    png: bytes


@one_thread()
def try_budget(
    classifier: Classifier,
    png: bytes,
    slug: str,
    options: Mapping[str, Any],
    value: float,
    *,
    on_step: OnStep | None = None,
) -> Tried:
    """Run the attack with that budget, else with these options; judged on the saved bytes as `attack` does."""
    budget = find(slug).budget
    assert budget is not None  # noqa: S101 - an attack that runs again has one; this narrows the type
    made = attack(classifier, png, slug, {**options, budget: value}, on_step=on_step)
    return Tried(judged_as(asdict(made.result), made.probabilities, value), made.result.state == "success", made.png)


@one_thread()
def judge_again(classifier: Classifier, attacked: bytes, result: Mapping[str, Any], value: float) -> Judged:
    """The stored `result` (an AttackResult as JSON) of the attack whose saved picture is `attacked`."""
    return judged_as(result, judge(classifier, pixels.read(attacked)), value)


@one_thread()
def judge_original(classifier: Classifier, png: bytes) -> Judged:
    """Where every search begins: nothing is changed."""
    return Judged(0, judge(classifier, opened(png)), None)


def judged_as(result: Mapping[str, Any], probabilities: np.ndarray, value: float) -> Judged:
    """A result as a point of a sweep."""
    control, own = result["control"], result["label_from"]["index"]
    point = None
    if control:
        known = {entry["index"]: entry["probability"] for entry in control["top"]}
        point = PointControl(Scored(**control["top"][0]), known.get(own))
    return Judged(value, probabilities, point, Distances(**result["distances"]))
