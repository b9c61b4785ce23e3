"""What stands behind a drawn sign: windows of photographs that come with Gibbon, or a sky over a ground, drawn."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

Array = np.ndarray

SKIES = ((150, 185, 225), (200, 205, 210), (235, 235, 230), (110, 140, 185), (225, 180, 150))
GROUNDS = ((70, 95, 55), (105, 100, 90), (60, 60, 65), (125, 100, 75), (40, 60, 40), (160, 150, 140))


def scenes(photographs: Sequence[Sequence[Array]], count: int, size: int, chance: Generator) -> Array:
    """float32 (count, 3, size, size) in 0..255, every other one a window of a photograph, the rest drawn.

    photographs: each at several sizes, uint8 (H, W, 3).
    """
    found = np.empty((count, 3, size, size), np.float32)
    for place in range(0, count, 2):
        found[place] = _window(photographs[int(chance.integers(len(photographs)))], size, chance)
    found[1::2] = _drawn(count // 2, size, chance)
    return found


def uniform(chance: Generator, low: float, high: float, shape: tuple[int, ...]) -> Array:
    """float32, evenly between the two."""
    return np.float32(low) + np.float32(high - low) * chance.random(shape, dtype=np.float32)


def patches(chance: Generator, shape: tuple[int, ...], *, cells: int, size: int) -> Array:
    """Smooth chance, float32 (*shape, size, size) in 0..1: so many cells a side, straight lines between them."""
    grid = chance.random((*shape, cells + 1, cells + 1), dtype=np.float32)
    place = np.arange(size, dtype=np.float32) * np.float32(cells) / np.float32(size)
    lower = place.astype(np.int64)
    part = place - lower
    rows = grid[..., lower, :] * (1 - part)[:, None] + grid[..., lower + 1, :] * part[:, None]
    return rows[..., lower] * (1 - part) + rows[..., lower + 1] * part


def _window(sizes: Sequence[Array], size: int, chance: Generator) -> Array:
    """A square of a photograph, mirrored or not, brighter or darker."""
    photograph = sizes[int(chance.integers(len(sizes)))]
    top, left = (chance.integers(side - size + 1) for side in photograph.shape[:2])
    window = photograph[top : top + size, left : left + size]
    if chance.random() < 0.5:
        window = window[:, ::-1]
    return window.transpose(2, 0, 1) * uniform(chance, 0.6, 1.2, (3, 1, 1))


def _drawn(count: int, size: int, chance: Generator) -> Array:
    """A sky above a ground, both uneven."""
    colours = [
        np.asarray(palette, np.float32)[chance.integers(len(palette), size=count)] for palette in (SKIES, GROUNDS)
    ]
    horizon = uniform(chance, -0.2, 1.2, (count, 1, 1))
    tilt = uniform(chance, -0.3, 0.3, (count, 1, 1))
    across = (np.arange(size, dtype=np.float32) / np.float32(size))[None, None, :]
    below = np.clip((across.transpose(0, 2, 1) - horizon + tilt * across) * np.float32(6), 0, 1)[:, None]
    sky, ground = (colour[:, :, None, None] for colour in colours)
    uneven = patches(chance, (count, 1), cells=6, size=size) - np.float32(0.5)
    fine = patches(chance, (count, 3), cells=size // 2, size=size) - np.float32(0.5)
    strength = uniform(chance, 20, 110, (count, 1, 1, 1))
    return (
        sky + (ground - sky) * below + strength * (uneven * (np.float32(0.4) + below) + np.float32(0.5) * fine * below)
    )
