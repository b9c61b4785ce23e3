"""The networks and pictures that come with Gibbon, loaded once in a process: what lessons state is stated of these."""

from functools import lru_cache

import numpy as np
from torch import Tensor

from inference.assets import ASSETS
from inference.data.base import Data, Pictures, load_data
from inference.experiment.opened import opened
from inference.networks.classifier import Classifier, load

SIDE = 28  # pixels of a digit


@lru_cache
def network(slug: str) -> Classifier:
    """The classifier of that slug, on the CPU: the numbers are the same on every machine, to the last digits."""
    return load(slug, "cpu")


@lru_cache(maxsize=1)
def digits() -> Data:
    """MNIST, as bytes."""
    return load_data("mnist")


def balanced(pictures: Pictures, each: int) -> Pictures:
    """The first `each` pictures of every class, in the order of the classes."""
    labels = pictures.labels
    places = [(labels == label).nonzero().flatten()[:each] for label in labels.unique()]
    return pictures[_joined(places)]


def sample(slug: str) -> np.ndarray:
    """A sample digit that comes with Gibbon, "digit-0" to "digit-9": uint8 (28, 28, 1)."""
    return opened((ASSETS / "samples" / f"{slug}.png").read_bytes())


def pixels_of(picture: np.ndarray, classifier: Classifier) -> Tensor:
    """A digit, uint8 (28, 28) or (28, 28, 1), as float pixels in [0, 1], (1, 1, 28, 28); ValueError for any other."""
    if picture.shape[:2] != (SIDE, SIDE) or picture.size != SIDE * SIDE:
        raise ValueError(f"A digit has {SIDE} x {SIDE} grey pixels; this picture has the shape {picture.shape}.")
    return classifier.to_pixels(picture.reshape(1, SIDE, SIDE, 1))


def floats(images: Tensor) -> Tensor:
    """Bytes as pixels in [0, 1], a new tensor."""
    return images.float().div_(255)


def _joined(places: list[Tensor]) -> Tensor:
    return places[0].new_tensor([place for some in places for place in some.tolist()])
