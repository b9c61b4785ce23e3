"""From what an attack made, floats, to the bytes that are saved: within the budget after rounding too."""

import numpy as np

from inference.experiment.distances import within

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
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        share = (low + high) / 2
        fits = within(norm, budget, original, _applied(original, share * change))
        low, high = (share, high) if fits else (low, share)
    return _applied(original, low * change)


def _applied(original: np.ndarray, change: np.ndarray) -> np.ndarray:
    moved: np.ndarray = np.clip(np.rint(original + change), 0, 255).astype(np.uint8)
    return moved
