"""Datasets so small that a training takes a second, and one training that many tests look at."""

from __future__ import annotations  # PyTorch is imported where it is used: whoever runs no test here reads this too

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from inference.data.base import Data


@pytest.fixture(autouse=True)
def no_site(monkeypatch):
    """Nobody has promoted anything here: other tests' sites share this process."""
    monkeypatch.setenv("GIBBON_MEDIA", "/nowhere/media")


@pytest.fixture(scope="session")
def colourful() -> Data:
    """Patches of brick, grass and gravel, 32 pixels a side, in colour: 60 to learn from, 30 to test with."""
    from tests.support.small import textures

    return textures(side=32, training=20, test=10)


@pytest.fixture
def one_thread(monkeypatch):
    """Sums are added up in the same order whatever else this process does."""
    import torch

    before = torch.get_num_threads()
    monkeypatch.setenv("GIBBON_TORCH_THREADS", "1")
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def trained(few, tmp_path_factory):
    """(configuration, folder, epochs, version) of a training of LeNet."""
    from inference.catalog.configuration import validate
    from inference.training.loop import train
    from inference.training.versions import conclude
    from tests.support.small import QUICK

    folder: Path = tmp_path_factory.mktemp("trained")
    config = validate(QUICK | {"epochs": 3})
    epochs = list(train(config, few, folder=folder))
    return config, folder, epochs, conclude(config, few, folder=folder)
