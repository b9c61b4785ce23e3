"""Pictures that were opened, kept for the next job about them: prediction, attack, sweep and draws ask for the same."""

from functools import lru_cache

import numpy as np

from inference.images import pixels

KEPT = 8  # a company of four, twice


@lru_cache(maxsize=KEPT)
def opened(png: bytes) -> np.ndarray:
    """The pixels of a canonical PNG, not to be written to."""
    return _kept(pixels.read(png))


@lru_cache(maxsize=KEPT)
def opened_sign(png: bytes, shape: tuple[int, int, int]) -> np.ndarray:
    """The map of signs of a picture of that shape, not to be written to; ValueError if it is of another."""
    sign = pixels.read_sign(png, shape[2])
    if sign.shape != shape:
        raise ValueError("The map of signs is not as large as the picture.")
    return _kept(sign)


def _kept(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
