"""The sweep: what becomes of a picture at each of many budgets, put together from what was judged."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from attacks.options import Option
from inference.catalog.results import Class, Distances, PointControl, Scored, SweepPoint, SweepResult

ORIGINAL_CLASSES = 5  # so many of the unattacked picture's likeliest classes are followed along the curve


class Judged(NamedTuple):
    """The picture at one budget."""

    value: float
    probabilities: np.ndarray  # (classes,)
    control: PointControl | None
    distances: Distances | None = None


def assemble_ray(
    labels: Sequence[str],
    option: Option,
    values: Sequence[int],
    attack_probs: np.ndarray,
    control_probs: np.ndarray,
    *,
    label_from: int,
    target: int | None,
) -> SweepResult:
    """values: of the swept option, ascending, the first is 0; the arrays are (values, classes)."""
    controls = [PointControl(scored(labels, row, row.argmax()), float(row[label_from])) for row in control_probs]
    judged = [Judged(int(value), *both) for value, *both in zip(values, attack_probs, controls, strict=True)]
    return assemble_sweep(labels, option, judged, label_from=label_from, target=target)


def assemble_sweep(
    labels: Sequence[str], option: Option, judged: Sequence[Judged], *, label_from: int, target: int | None
) -> SweepResult:
    """judged: with ascending values of `option`, the first is 0, the picture itself.

    breaks_at: the first value with another class than `label_from` on top; reached_at: the first with `target` on
    top. Both are found by scanning all values, because a flip at one does not promise one at the next.
    """
    values = [one.value for one in judged]
    tops = np.array([one.probabilities.argmax() for one in judged])
    breaks = _first(values, tops != label_from)
    new = target if target is not None else _class_at(values, tops, breaks)
    also = [one.control.top.index for one in judged if one.control]
    classes = _followed(judged[0].probabilities, [*tops, *also], label_from, new)
    return SweepResult(
        option=option.name,
        unit=option.unit,
        values=values,
        classes=[Class(index, labels[index]) for index in classes],
        new=None if new is None else Class(new, labels[new]),
        breaks_at=breaks,
        reached_at=None if target is None else _first(values, tops == target),
        points=[
            SweepPoint(
                value=one.value,
                top=scored(labels, one.probabilities, top),
                probabilities=[float(one.probabilities[index]) for index in classes],
                control=one.control,
                distances=one.distances,
            )
            for one, top in zip(judged, tops, strict=True)
        ],
    )


def top_classes(labels: Sequence[str], probabilities: np.ndarray, count: int = 10) -> list[Scored]:
    """The likeliest classes of one picture, likeliest first, with their probabilities."""
    order = np.argsort(-probabilities, kind="stable")[:count]
    return [scored(labels, probabilities, index) for index in order]


def scored(labels: Sequence[str], probabilities: np.ndarray, index: Any) -> Scored:
    """One class with its probability."""
    return Scored(int(index), labels[int(index)], float(probabilities[index]))


def _first(values: Sequence[float], hits: np.ndarray) -> float | None:
    return values[int(hits.argmax())] if hits.any() else None


def _class_at(values: Sequence[float], tops: np.ndarray, value: float | None) -> int | None:
    return None if value is None else int(tops[list(values).index(value)])


def _followed(original: np.ndarray, tops: Sequence[Any], label_from: int, new: int | None) -> list[int]:
    """The classes the bars show, each once: the original's likeliest, then the points' in order, then the target."""
    likeliest = np.argsort(-original, kind="stable")[:ORIGINAL_CLASSES]
    last = [] if new is None else [new]
    return list(dict.fromkeys(int(index) for index in [*likeliest, label_from, *tops, *last]))
