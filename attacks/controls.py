"""The fair control: a random change of the same budget, as coarse as the network sees.

Noise drawn for each pixel of a large photograph would be averaged away by the resize before the network, and lose for
the wrong reason. So it is drawn once for each pixel of the network's input and enlarged without smoothing.
The same seed gives the same change on every machine (PCG64), for every budget. Of an attack on few pixels, the control
is random pixels of the picture itself, as that attack's are.
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


def drawn_pixels(rng: np.random.Generator, count: int, *, pixels: int, channels: int) -> np.ndarray:
    """Candidates of `pixels` random pixels each, float64 in [0, 1], (count, pixels * (2 + channels)).

    Of each pixel row and column, evenly, and the colours around mid-grey, of which many are cut off at black or full:
    so the one pixel attack begins (arXiv 1710.08864).
    """
    places = rng.random((count, pixels, 2))
    colours = rng.normal(128, 127, (count, pixels, channels)).clip(0, 255) / 255
    return np.concatenate([places, colours], axis=2).reshape(count, -1)


def decoded(candidates: np.ndarray, *, channels: int, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Places (count, pixels, 2), row and column as int64, and colours (count, pixels, channels), uint8."""
    each = candidates.reshape(len(candidates), -1, 2 + channels)
    sides = np.array([height, width])
    places = np.minimum(each[..., :2] * sides, sides - 1).astype(np.int64)
    return places, np.rint(each[..., 2:] * 255).astype(np.uint8)


def random_pixels(picture: np.ndarray, pixels: int, seed: int, number: int) -> np.ndarray:
    """A copy of `picture` (height, width, channels), uint8, with so many random pixels in random colours.

    number: which of the tries with that seed; each is drawn for itself, so that it matters not how many are made.
    Of two at one place the later counts.
    """
    height, width, channels = picture.shape
    drawn = drawn_pixels(np.random.default_rng([seed, number]), 1, pixels=pixels, channels=channels)
    (places,), (colours,) = decoded(drawn, channels=channels, height=height, width=width)
    copy = picture.copy()
    for (row, column), colour in zip(places, colours, strict=True):
        copy[row, column] = colour
    return copy


CONTROLS: Mapping[str, Callable[..., np.ndarray]] = {"signs": noise_signs, "gaussian": gaussian_direction}


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def _enlarged(drawn: np.ndarray, size: int, side: int) -> np.ndarray:
    nearest = np.arange(side) * size // side
    across = np.ascontiguousarray(drawn.transpose(1, 2, 0)).take(nearest, axis=1)  # whole rows are quick to repeat
    return across.take(nearest, axis=0)
