"""The part of a picture that the network sees, what it says of it, and the verdict on saved bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from inference.catalog.results import Distances
from inference.experiment.distances import distances
from inference.images import pixels
from inference.networks.classifier import Classifier
from inference.networks.threads import both

BATCH = {"cpu": 4}  # pictures judged at once: on a CPU more only leave its caches
GPU_BATCH = 32


@dataclass(frozen=True)
class Judged:
    """A picture that was written, read back, judged and measured."""

    png: bytes
    pixels: np.ndarray  # as they were read back
    unchanged: bool  # the file gives back what was written
    at_input: Tensor  # (1, C, side, side), what the network was given of it
    probabilities: np.ndarray
    distances: Distances  # from the original, of what the network sees


def batch_of(classifier: Classifier) -> int:
    """How many pictures are judged at once."""
    return BATCH.get(classifier.device.type, GPU_BATCH)


def square(classifier: Classifier, picture: np.ndarray) -> np.ndarray:
    """The part of the picture that the network sees, as a view."""
    top, left, side = classifier.square(*picture.shape[:2])
    return picture[top : top + side, left : left + side]


def with_square(classifier: Classifier, whole: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """A copy of `whole` with that in the part that the network sees."""
    copy = whole.copy()
    square(classifier, copy)[...] = inside
    return copy


def placed(classifier: Classifier, original: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """As large as the picture: `inside` where the network looks, zero elsewhere."""
    return with_square(classifier, np.zeros(original.shape, inside.dtype), inside)


def judge(classifier: Classifier, picture: np.ndarray) -> np.ndarray:
    """Probabilities of one picture, judged alone."""
    return classifier.probabilities(square(classifier, picture)[None])[0]


def judge_many(classifier: Classifier, seen: Sequence[np.ndarray]) -> np.ndarray:
    """Probabilities, float32 (N, classes), of the seen parts of pictures."""
    return classifier.probabilities(np.stack(seen))


def save_and_judge(classifier: Classifier, original: np.ndarray, made: np.ndarray) -> Judged:
    """Write the picture, read it back as an upload would be, and judge that, alone; both uint8 (H, W, C).

    What is to be read back is judged meanwhile; should the file give back a single other value, it is judged again.
    """

    def seen(picture: np.ndarray) -> tuple[Tensor, np.ndarray, Distances]:
        inside = square(classifier, picture)
        return *classifier.judged_alone(inside), distances(square(classifier, original), inside)

    (png, reread), found = both(lambda: _written(classifier, made), lambda: seen(made), classifier.device)
    unchanged = np.array_equal(reread, made)
    return Judged(png, reread, unchanged, *(found if unchanged else seen(reread)))


def _written(classifier: Classifier, made: np.ndarray) -> tuple[bytes, np.ndarray]:
    """A file, and the picture in it."""
    png = pixels.write(made)
    reread = pixels.reread(png, classifier.preparation)
    if reread.shape != made.shape:
        raise RuntimeError(f"A saved picture of shape {made.shape} was read back as {reread.shape}.")
    return png, reread
