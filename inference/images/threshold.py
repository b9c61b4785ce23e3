"""The level that parts numbers into two kinds: ink and ground, paper and desk."""

import numpy as np


def otsu(values: np.ndarray) -> float:
    """The value that parts them best into two classes (Otsu 1979)."""
    counts, edges = np.histogram(values, 128)
    centres = (edges[1:] + edges[:-1]) / 2
    below, mass = np.cumsum(counts), np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (mass * below[-1] - mass[-1] * below) ** 2 / (below * (below[-1] - below))
    return float(edges[1:][np.argmax(np.nan_to_num(spread[:-1], posinf=0.0))])
