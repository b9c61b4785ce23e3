"""What small trainings are made of."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from inference.catalog.datasets import DATASETS
from inference.data.base import Data, Pictures

QUICK = {"epochs": 2, "batch_size": 32, "robust_pictures": 20, "epsilon": 20}


def textures(*, side: int, training: int, test: int) -> Data:
    """So many patches for each class of scikit-image's brick, grass and gravel; the tests' lie in other rows."""
    from skimage import data

    names = ("brick", "grass", "gravel")
    parts = []
    for count, start in ((training, 0), (test, 256)):
        images = [_patches(torch.from_numpy(getattr(data, name)()), side, count, start) for name in names]
        labels = torch.arange(len(names)).repeat_interleave(count)
        parts.append(Pictures(torch.cat(images), labels))
    mean, std = (33.0,) * 3, (60.0,) * 3
    record = replace(
        DATASETS["cifar10"], slug="textures", name="Textures", labels=names, size=side, mean=mean, std=std, epsilon=8
    )
    return Data(record, *parts)


def _patches(texture: torch.Tensor, side: int, count: int, top: int) -> torch.Tensor:
    """uint8 (count, 3, side, side): squares beside and below each other, tinted so that there are colours."""
    grid = texture[top : top + 256].unfold(0, side, side).unfold(1, side, side).reshape(-1, side, side)
    tints = torch.tensor([1.0, 0.8, 0.6])[:, None, None]
    return (grid[:count, None] * tints).to(torch.uint8)


@contextmanager
def small_disk(most: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: writing more fails as it does on a full disk, with an OSError."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Canary:
    """Unpickled, it leaves a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)
