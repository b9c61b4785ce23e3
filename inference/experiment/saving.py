"""What an attack made, as the bytes that are saved: rounded into the budget, read back, mended where that undid it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from attacks.record import AttackRecord
from attacks.shapes import Run
from attacks.words import gettext_noop
from inference.experiment.judging import Judged, placed, save_and_judge, square, with_square
from inference.experiment.noise import Goal
from inference.experiment.repair import Repaired, repaired
from inference.experiment.rounding import rounded
from inference.experiment.stages import Stages
from inference.images import pixels
from inference.networks.classifier import Classifier


def save(
    classifier: Classifier,
    original: np.ndarray,
    made: Run,
    sign: np.ndarray | None,
    record: AttackRecord,
    options: Mapping[str, Any],
    *,
    goal: Goal,
    step: Stages,
) -> tuple[Judged, Repaired | None]:
    """The attacked picture as it was read back; mended where rounding has undone it."""
    saved = save_and_judge(classifier, original, _as_bytes(classifier, original, made, sign, record, options))
    if sign is not None or goal.reached(saved.probabilities[None].argmax(axis=1)).all():
        return saved, None
    mended = _repaired(classifier, original, made, record, record.budget_of(options), goal, step)
    if mended.pixels is not None:
        saved = save_and_judge(classifier, original, with_square(classifier, original, mended.pixels))
    return saved, mended


def sign_of(classifier: Classifier, original: np.ndarray, made: Run) -> np.ndarray | None:
    """A ray's map of signs, int8, as large as the picture."""
    if made.direction is None:
        return None
    inside = made.direction.sign[0].permute(1, 2, 0).to("cpu").numpy().astype(np.int8)
    return placed(classifier, original, inside)


def floats_of(made: Run) -> np.ndarray:
    """The attacked picture before it is rounded, (H, W, C) in [0, 1]."""
    attacked: np.ndarray = made.adversarial[0].permute(1, 2, 0).cpu().double().numpy()
    return attacked


def _as_bytes(
    classifier: Classifier,
    original: np.ndarray,
    made: Run,
    sign: np.ndarray | None,
    record: AttackRecord,
    options: Mapping[str, Any],
) -> np.ndarray:
    """The attacked picture as bytes: along a map of signs exact, else rounded into the budget."""
    budget = record.budget_of(options)
    if sign is not None:
        return pixels.step(original, sign, budget)
    return with_square(
        classifier, original, rounded(square(classifier, original), floats_of(made), record.norm, budget)
    )


def _repaired(
    classifier: Classifier,
    original: np.ndarray,
    made: Run,
    record: AttackRecord,
    budget: Any,
    goal: Goal,
    step: Stages,
) -> Repaired:
    """Bytes with the answer that the attack found, where rounding has undone it."""
    return repaired(
        classifier,
        square(classifier, original),
        made.adversarial,
        norm=record.norm,
        budget=budget,
        label=goal.label,
        target=goal.target,
        on_step=lambda: step.after(1, gettext_noop("Looking for the nearest bytes with that answer")),
    )
