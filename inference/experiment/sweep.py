"""The sweep: what becomes of a picture at each of many budgets, put together from what was judged."""

from collections.abc import Mapping, Sequence
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


class Step(NamedTuple):
    """One picture of a ray's sweep: the attack at a value of its budget, or the control there."""

    value: int
    control: bool = False


def steps_of(values: Sequence[int], own: int) -> list[Step]:
    """The pictures to judge for a sweep over `values`, ascending from 0, of an attack whose own budget is `own`.

    The attack at every value. One draw of the noise says little of the values between, and twenty follow wherever the
    slider rests: so the control is judged at powers of two, at the last value and at the attack's own. At 0 it is the
    picture itself.
    """
    controlled = {2**power for power in range(max(values).bit_length())} | {own, max(values)}
    pairs = ((Step(value), Step(value, control=True)) for value in values)
    return [step for pair in pairs for step in pair if not step.control or (step.value and step.value in controlled)]


def assemble_ray(
    labels: Sequence[str],
    option: Option,
    judged: Mapping[Step, np.ndarray],
    *,
    label_from: int,
    target: int | None,
) -> SweepResult:
    """judged: the probabilities, (classes,), of every step of a sweep; its values ascend, the first is 0."""

    def control_at(value: int) -> PointControl | None:
        row = judged.get(Step(value, control=value > 0))
        return None if row is None else PointControl(scored(labels, row, row.argmax()), float(row[label_from]))

    points = [Judged(value, row, control_at(value)) for (value, control), row in sorted(judged.items()) if not control]
    return assemble_sweep(labels, option, points, label_from=label_from, target=target)


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
