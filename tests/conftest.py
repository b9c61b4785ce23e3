"""What many tests share. The classifier is loaded once: it is real, frozen and gives the same answers to everyone."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import numpy as np

    from inference.data.base import Data

if "PYTEST_XDIST_WORKER" in os.environ:  # one of several processes, with `-n`: more threads wait for each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import inference  # noqa: F401 - before any test imports torch: it tells OpenMP how long to spin

pytest_plugins = ["tests.support.services", "tests.support.live", "tests.support.dealing", "tests.support.alone"]


@pytest.fixture(autouse=True)
def same_numbers_by_chance():
    """What a test draws does not depend on the tests before it."""
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)


@pytest.fixture(scope="session")
def classifier():
    """imagenet-lite0 as it is served, on the CPU."""
    from inference.networks.classifier import load

    return load("imagenet-lite0", device="cpu")


@pytest.fixture(scope="session")
def timm_network():
    """The same network as timm builds it, with the same weights, nothing folded."""
    import timm
    import torch

    from inference.catalog.classifiers import card
    from inference.networks.build import load_tensors
    from inference.networks.classifier import package_folder

    weights = card("imagenet-lite0")["weights"]
    network = timm.create_model("tf_efficientnet_lite0")
    path = package_folder(weights["package"]) / weights["file"]
    load_tensors(network, torch.load(path, map_location="cpu", weights_only=True), in_order=True)
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="session")
def cat() -> np.ndarray:
    """A photograph of a cat, uint8 (300, 451, 3): scikit-image's `chelsea`, CC0."""
    import numpy as np
    from skimage import data

    return np.ascontiguousarray(data.chelsea())


@pytest.fixture(scope="session")
def cat_png(cat) -> bytes:
    """The cat as a canonical picture."""
    from inference.images.pixels import write

    return write(cat)


@pytest.fixture(scope="session")
def samples() -> list[tuple[bytes, int]]:
    """(canonical PNG, true class) of the sample photographs whose truth is one of ImageNet's classes."""
    from inference.images import canonicalise

    folder = Path(__file__).parents[1] / "inference" / "assets" / "samples"
    facts = json.loads((folder / "samples.json").read_text(encoding="utf-8"))
    photos = [sample for sample in facts if sample["dataset"] == "imagenet" and sample["truth"] is not None]
    files = [(folder / sample["file"], sample["truth"]) for sample in photos]
    return [(canonicalise(path.read_bytes(), "photo").png, truth) for path, truth in files]


@pytest.fixture(scope="session")
def few() -> Data:
    """The first 600 training and 200 test pictures of MNIST."""
    from inference.data.base import Data
    from tests.support.datasets import data_of

    whole = data_of("mnist")
    return Data(whole.record, whole.training[:600], whole.test[:200])


@pytest.fixture(scope="session")
def torchattacks():
    """The peer that our FGSM is compared with."""
    import torchattacks

    return torchattacks
