"""From what an attack made, floats, to the bytes that are saved: within the budget after rounding too."""

from collections.abc import Callable

import numpy as np

from inference.experiment.distances import l2, within

HALVINGS = 12  # of the share of the change that is kept: to within 1/4096


def rounded(original: np.ndarray, attacked: np.ndarray, norm: str, budget: float | None) -> np.ndarray:
    """uint8, within `budget` of `original` (uint8, same shape): the nearest bytes to `attacked`, floats in [0, 1].

    L∞ is cut off at each value. In other norms rounding may lengthen the change: then the largest share of it is kept
    that rounds into the budget.
    """
    change = attacked * 255.0 - original
    if norm == "linf" and budget is not None:
        change = np.clip(np.rint(change), -budget, budget)
    whole = _applied(original, change)
    if within(norm, budget, original, whole):
        return whole
    return _applied(
        original, _most(1.0, lambda share: within(norm, budget, original, _applied(original, share * change))) * change
    )


def along(original: np.ndarray, direction: np.ndarray, length: float) -> np.ndarray:
    """uint8: `original` moved along `direction`, floats, until the bytes' change is as long (L2) as `length`, about.

    However short: where no value of the whole direction would move by half a level, only its largest do.
    """

    def fits(share: float) -> bool:
        return l2(original, _applied(original, share * direction)) <= length

    far = 1.0
    while fits(far) and not np.isin(_applied(original, far * direction)[direction != 0], (0, 255)).all():
        far *= 2
    return _applied(original, _most(far, fits) * direction)


def _most(far: float, fits: Callable[[float], bool]) -> float:
    """The largest share up to `far` that fits, about; 0 does."""
    low, high = 0.0, far
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _applied(original: np.ndarray, change: np.ndarray) -> np.ndarray:
    moved: np.ndarray = np.clip(np.rint(original + change), 0, 255).astype(np.uint8)
    return moved
