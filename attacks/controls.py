"""The fair control: a random change of the same budget, as coarse as the network sees.

Noise drawn for each pixel of a large photograph would be averaged away by the resize before the network, and lose for
the wrong reason. So it is drawn once for each pixel of the network's input and enlarged without smoothing.
The same seed gives the same change on every machine (PCG64), for every budget.
"""

from collections.abc import Callable, Mapping

import numpy as np


def noise_signs(seed: int, *, channels: int, size: int, side: int) -> np.ndarray:
    """Signs -1 or 1, int8, (side, side, channels): one draw of (channels, size, size), enlarged to `side`."""
    drawn = _generator(seed).integers(0, 2, size=(channels, size, size), dtype=np.int8) * 2 - 1
    return _enlarged(drawn, size, side)


def gaussian_direction(seed: int, *, channels: int, size: int, side: int) -> np.ndarray:
    """A direction of length 1, float64, (side, side, channels): evenly from all directions of the network's input."""
    drawn = _enlarged(_generator(seed).standard_normal((channels, size, size)), size, side)
    return drawn / np.linalg.norm(drawn)


CONTROLS: Mapping[str, Callable[..., np.ndarray]] = {"signs": noise_signs, "gaussian": gaussian_direction}


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def _enlarged(drawn: np.ndarray, size: int, side: int) -> np.ndarray:
    nearest = np.arange(side) * size // side
    return drawn[:, nearest[:, None], nearest].transpose(1, 2, 0)
