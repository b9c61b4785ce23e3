"""What a dataset's page shows, of small datasets whose grids can be looked up cell by cell."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from inference.catalog.datasets import CIFAR10, GTSRB, MNIST
from inference.data.base import Data, Pictures
from inference.data.preview import CELL, EACH, GAP, GROUND, VARIANTS, augmentation_grid, facts, sample_grid
from inference.images.pixels import read


def made(record, *, each: int = 12, size: int | None = None) -> Data:
    """`each` pictures of chance for every class, class after class in turns."""
    size = size or record.size
    labels = torch.arange(each * len(record.labels)) % len(record.labels)
    generator = torch.Generator().manual_seed(1)
    shape = (len(labels), record.channels, size, size)
    images = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
    whole = Pictures(images, labels)
    return Data(replace(record, size=size), whole, whole[: len(record.labels)])


def cell(grid: np.ndarray, row: int, column: int, size: int) -> np.ndarray:
    top, left = row * (size + GAP), column * (size + GAP)
    return grid[top : top + size, left : left + size]


def test_facts_are_plain_and_true():
    data = made(CIFAR10)
    told = facts(data)
    assert told["counts"] == {"training": [12] * 10, "test": [1] * 10}
    assert (told["size"], told["channels"], told["sha256"]) == (32, 3, data.sha256)
    assert told["mean"] == pytest.approx(data.training.images.double().mean((0, 2, 3)).tolist(), abs=1e-3)
    assert told["labels"] == list(CIFAR10.labels)


@pytest.mark.parametrize("record", [MNIST, CIFAR10])
def test_the_sample_grid_has_a_row_of_ten_for_each_class(record):
    data = made(record)
    grid = read(sample_grid(data))
    size = record.size
    assert grid.shape == (10 * (size + GAP) - GAP, EACH * (size + GAP) - GAP, record.channels)
    third = data.training.images[data.training.labels == 3][7]
    assert np.array_equal(cell(grid, 3, 7, size), third.permute(1, 2, 0))
    assert (grid[size : size + GAP] == GROUND).all()


def test_few_pictures_leave_gaps_and_many_classes_are_cut_at_twenty():
    few = read(sample_grid(made(MNIST, each=2)))
    assert (cell(few, 0, 2, 28) == GROUND).all()
    data = made(GTSRB, each=1)
    assert read(sample_grid(data)).shape[0] == 20 * (48 + GAP) - GAP
    assert facts(data)["sampled"] == list(GTSRB.labels[:20])


def test_large_pictures_are_shown_small():
    grid = read(sample_grid(made(CIFAR10, each=1, size=224)))
    assert grid.shape == (10 * (CELL + GAP) - GAP, EACH * (CELL + GAP) - GAP, 3)


@pytest.mark.parametrize("record", [MNIST, CIFAR10, GTSRB])
def test_each_sensible_augmentation_has_a_row_of_one_picture_changed(record):
    data, size = made(record), record.size
    grid = read(augmentation_grid(data))
    names = facts(data)["augmentations"]
    assert grid.shape[:2] == (len(names) * (size + GAP) - GAP, (1 + VARIANTS) * (size + GAP) - GAP)
    for row, name in enumerate(names):
        original = cell(grid, row, 0, size)
        assert np.array_equal(original, data.training.images[row].permute(1, 2, 0))
        variants = [cell(grid, row, column, size) for column in range(1, 1 + VARIANTS)]
        changed = [variant for variant in variants if not np.array_equal(variant, original)]
        assert len(changed) == VARIANTS or (name in ("flip", "erasing") and 0 < len(changed) < VARIANTS)
        if name == "flip":
            assert all(np.abs(variant[:, ::-1].astype(int) - original).max() <= 1 for variant in changed)
    assert augmentation_grid(data) == augmentation_grid(data)
