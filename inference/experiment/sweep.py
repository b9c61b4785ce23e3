"""The sweep: what becomes of a picture at every budget along one direction, put together from what was judged."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from attacks.options import Option
from inference.catalog.results import Class, PointControl, Scored, SweepPoint, SweepResult

ORIGINAL_CLASSES = 5  # so many of the unattacked picture's likeliest classes are followed along the curve


def assemble_sweep(
    labels: Sequence[str],
    option: Option,
    values: Sequence[int],
    attack_probs: np.ndarray,
    control_probs: np.ndarray,
    *,
    label_from: int,
    target: int | None,
) -> SweepResult:
    """values: of the swept option, ascending, the first is 0; the arrays are (values, classes).

    breaks_at: the first value with another class than `label_from` on top; reached_at: the first with `target` on
    top. Both are found by scanning all values, because a flip at one does not promise one at the next.
    """
    tops = attack_probs.argmax(axis=1)
    control_tops = control_probs.argmax(axis=1)
    breaks = _first(values, tops != label_from)
    new = target if target is not None else _class_at(values, tops, breaks)
    classes = _followed(attack_probs[0], [*tops, *control_tops], label_from, new)
    return SweepResult(
        option=option.name,
        unit=option.unit,
        values=[int(value) for value in values],
        classes=[Class(index, labels[index]) for index in classes],
        new=None if new is None else Class(new, labels[new]),
        breaks_at=breaks,
        reached_at=None if target is None else _first(values, tops == target),
        points=[
            SweepPoint(
                value=int(value),
                top=scored(labels, attack_probs[row], tops[row]),
                probabilities=[float(attack_probs[row, index]) for index in classes],
                control=PointControl(
                    top=scored(labels, control_probs[row], control_tops[row]),
                    p_original=float(control_probs[row, label_from]),
                ),
            )
            for row, value in enumerate(values)
        ],
    )


def top_classes(labels: Sequence[str], probabilities: np.ndarray, count: int = 10) -> list[Scored]:
    """The likeliest classes of one picture, likeliest first, with their probabilities."""
    order = np.argsort(-probabilities, kind="stable")[:count]
    return [scored(labels, probabilities, index) for index in order]


def scored(labels: Sequence[str], probabilities: np.ndarray, index: Any) -> Scored:
    """One class with its probability."""
    return Scored(int(index), labels[int(index)], float(probabilities[index]))


def _first(values: Sequence[int], hits: np.ndarray) -> int | None:
    return int(values[int(hits.argmax())]) if hits.any() else None


def _class_at(values: Sequence[int], tops: np.ndarray, value: int | None) -> int | None:
    return None if value is None else int(tops[list(values).index(value)])


def _followed(original: np.ndarray, tops: Sequence[Any], label_from: int, new: int | None) -> list[int]:
    """The classes the bars show, each once: the original's likeliest, then the points' in order, then the target."""
    likeliest = np.argsort(-original, kind="stable")[:ORIGINAL_CLASSES]
    last = [] if new is None else [new]
    return list(dict.fromkeys(int(index) for index in [*likeliest, label_from, *tops, *last]))
