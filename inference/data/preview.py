"""What the page of a dataset shows: figures and two PNGs. Computed once, by a worker; nothing here touches the disk."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from inference.catalog.configuration import TrainingConfig
from inference.data.augmentation import augment
from inference.data.base import Data, statistics
from inference.images import pixels

EACH = 10  # pictures of a class
MOST_CLASSES = 20  # rows of the sample grid
VARIANTS = 8  # of one picture, for each augmentation
CELL = 96  # pixels of a side at most
GAP, GROUND = 2, 128  # pixels between the pictures, and their grey level
SEED = 0
SHOWN: Mapping[str, Any] = {"rotation": 20, "scale": 25, "flip": True, "noise": 24, "erasing": True}


def facts(data: Data) -> dict[str, Any]:
    """Labels, pictures of each class in both parts, size, statistics and hash, as plain JSON."""
    record = data.record
    mean, std = statistics(data.training.images.split(1000))
    return {
        "labels": list(record.labels),
        "counts": dict(data.counts()),
        "size": record.size,
        "channels": record.channels,
        "mean": list(mean),
        "std": list(std),
        "sha256": data.sha256,
        "sampled": list(record.labels[:MOST_CLASSES]),
        "augmentations": list(record.augmentations),
    }


def sample_grid(data: Data) -> bytes:
    """A PNG: one row for each of facts["sampled"], its first 10 training pictures."""
    rows = []
    for label in range(min(len(data.record.labels), MOST_CLASSES)):
        places = (data.training.labels == label).nonzero().flatten()[:EACH]
        rows.append(_floats(data.training.images[places]))
    return _grid(rows, EACH)


def first_of_each_class(data: Data, most: int = EACH) -> list[tuple[int, str, bytes]]:
    """(place, label, PNG) of the first picture in the test part of each of the first so many classes, if it has one."""
    found = []
    for label, name in enumerate(data.record.labels[:most]):
        for place in (data.test.labels == label).nonzero().flatten()[:1].tolist():
            picture = data.test.images[place].permute(1, 2, 0)
            found.append((place, name, pixels.write(picture.contiguous().numpy())))
    return found


def augmentation_grid(data: Data) -> bytes:
    """A PNG: one row for each of facts["augmentations"], a training picture and 8 changed ones of it."""
    size, generator = data.record.size, torch.Generator().manual_seed(SEED)
    shown = {"shift": min(16, max(1, size // 8))} | dict(SHOWN)
    rows = []
    for row, name in enumerate(data.record.augmentations):
        original = _floats(data.training.images[_example(data, row)])
        config = TrainingConfig(**{name: shown[name]})
        rows.append(torch.cat([original, augment(original.repeat(VARIANTS, 1, 1, 1), config, generator)]))
    return _grid(rows, 1 + VARIANTS)


def _example(data: Data, row: int) -> slice:
    """The place of a picture of another class for each row."""
    label = row % len(data.record.labels)
    place = int((data.training.labels == label).nonzero()[0])
    return slice(place, place + 1)


def _floats(images: Tensor) -> Tensor:
    return images.float() / 255


def _grid(rows: list[Tensor], columns: int) -> bytes:
    """Rows of pictures in [0, 1], (n, C, H, W), n at most `columns`, on a ground of grey."""
    channels, cell = rows[0].shape[1], min(rows[0].shape[-1], CELL)
    step = cell + GAP
    canvas = torch.full((channels, len(rows) * step - GAP, columns * step - GAP), GROUND, dtype=torch.uint8)
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(_fitted(pictures, cell)):
            top, left = row * step, column * step
            canvas[:, top : top + cell, left : left + cell] = picture
    return pixels.write(canvas.permute(1, 2, 0).contiguous().numpy())


def _fitted(pictures: Tensor, cell: int) -> Tensor:
    """As bytes, brought down to the cell's size where they are larger."""
    if pictures.shape[-1] > cell and len(pictures):
        pictures = interpolate(pictures, (cell, cell), mode="bicubic", antialias=True)
    return (pictures * 255).round().clamp(0, 255).to(torch.uint8)
