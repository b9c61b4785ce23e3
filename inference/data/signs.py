"""Drawn traffic signs, photographed by a program: the dataset `signs`, made in memory from sixteen small pictures.

The three parts differ in their seeds and in what stands behind the signs (docs/decisions/0012-drawn-signs.md).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from attacks.words import gettext_noop as _
from inference.assets import ASSETS
from inference.catalog.datasets import SIGNS
from inference.catalog.errors import BadDataset
from inference.data.base import Data, Pictures
from inference.data.sign_camera import Plates, photograph
from inference.data.sign_scenes import scenes

FOLDER = ASSETS / "signs"
AT_ONCE = 80  # pictures that are photographed together: more only leave the processor's caches


@dataclass(frozen=True)
class Sign:
    """One drawn sign: its file, its class, and the npm package's drawing it was rendered from."""

    file: str
    label: str
    icon: str
    sha256: str  # of the drawing, an SVG


@dataclass(frozen=True)
class Part:
    """One part of the dataset; photographs: files in assets/samples, which stand behind no other part's signs."""

    seed: int
    each: int  # pictures of every class
    photographs: tuple[str, ...]


TRAINING = Part(seed=1, each=400, photographs=("castle.jpg", "coffee.jpg", "palace.jpg"))
VALIDATION = Part(seed=2, each=50, photographs=("chelsea.jpg",))
TEST = Part(seed=3, each=100, photographs=("camera.jpg", "rocket.jpg", "stupa.jpg"))


def declared() -> tuple[Sign, ...]:
    """What signs.json says, in the order of the classes."""
    return tuple(Sign(**facts) for facts in json.loads((FOLDER / "signs.json").read_text(encoding="utf-8")))


def load() -> Data:
    """6,400 pictures to learn from, 800 to validate with, 1,600 to test with; BadDataset where a file is no picture."""
    plates = Plates([_picture(sign.file) for sign in declared()])
    training, validation, test = (photographed(plates, part) for part in (TRAINING, VALIDATION, TEST))
    return Data(SIGNS, training, test, validation)


def photographed(plates: Plates, part: Part) -> Pictures:
    """The pictures of one part. The classes take turns: of any first so many each has about as many."""
    images = torch.empty((part.each * len(plates), 3, SIGNS.size, SIGNS.size), dtype=torch.uint8)
    for first, batch in _batches(plates, part):
        images[first : first + len(batch)] = torch.from_numpy(batch)
    return Pictures(images, torch.arange(len(images)) % len(plates))


def _batches(plates: Plates, part: Part) -> Iterator[tuple[int, np.ndarray]]:
    """(place of the first, uint8 (n, 3, H, W)); each batch draws from a chance of its own."""
    grounds = [_ground(name) for name in part.photographs]
    count = part.each * len(plates)
    for first in range(0, count, AT_ONCE):
        chance = np.random.Generator(np.random.PCG64([part.seed, first]))
        classes = np.arange(first, min(first + AT_ONCE, count)) % len(plates)
        yield first, photograph(plates, classes, scenes(grounds, len(classes), SIGNS.size, chance), chance)


def _picture(name: str) -> np.ndarray:
    """A drawn sign, uint8 (H, W, 4)."""
    path = FOLDER / name
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            return np.asarray(picture.convert("RGBA"))
    except FileNotFoundError as error:
        raise BadDataset(_("%(file)s is missing."), file=str(path)) from error
    except OSError as error:
        raise BadDataset(_("%(file)s is damaged: %(error)s."), file=str(path), error=str(error)) from error


def _ground(name: str) -> list[np.ndarray]:
    """A photograph at two sizes, uint8 (H, W, 3): what is far away, and what is near."""
    path: Path = ASSETS / "samples" / name
    with Image.open(path) as picture:
        colours = picture.convert("RGB")
        return [np.asarray(colours.reduce(factor)) for factor in (3, 5)]
