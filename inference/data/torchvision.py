"""CIFAR-10 and the German traffic signs, read and if need be downloaded by torchvision's own code."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes
from torch import Tensor
from torchvision import datasets

from inference.catalog.datasets import CIFAR10, GTSRB
from inference.data.base import Data, Pictures, statistics
from inference.data.download import downloading
from inference.networks.checkpoints import write_atomically

SIGNS = {"train": 26_640, "test": 12_630}  # pictures; torchvision takes a half-unpacked folder for a whole one


def load_cifar10() -> Data:
    """50,000 pictures to learn from, 10,000 to test with (Krizhevsky 2009)."""
    with downloading(CIFAR10) as folder:
        return Data(CIFAR10, _cifar10(folder, train=True), _cifar10(folder, train=False))


def _cifar10(folder: Path, *, train: bool) -> Pictures:
    part = datasets.CIFAR10(folder, train=train, download=True)  # (N, H, W, C)
    images = torch.from_numpy(np.ascontiguousarray(part.data.transpose(0, 3, 1, 2)))
    return Pictures(images, torch.tensor(part.targets))


def load_gtsrb() -> Data:
    """26,640 pictures to learn from, 12,630 to test with (Stallkamp et al. 2012), with the statistics of the former."""
    with downloading(GTSRB) as folder:
        training, test = _signs(folder, "train"), _signs(folder, "test")
    mean, std = statistics(training.images.split(1000))
    return Data(replace(GTSRB, mean=mean, std=std), training, test)


def _signs(folder: Path, name: str) -> Pictures:
    """One part, decoded once: that takes longer than an epoch, and what came of it is kept beside the files."""
    part = datasets.GTSRB(folder, split=name, download=True)
    if len(part) != SIGNS[name]:
        raise ValueError(f"{len(part)} pictures in place of {SIGNS[name]}")
    kept = folder / GTSRB.folders[0] / f"{name}-{GTSRB.size}.safetensors"
    try:
        tensors = load_file(kept)
    except (FileNotFoundError, SafetensorError):
        tensors = _decoded(part)
        write_atomically(kept, to_bytes(tensors))
    return Pictures(tensors["images"], tensors["labels"])


def _decoded(part: datasets.GTSRB) -> dict[str, Tensor]:
    """images, uint8 (N, C, H, W), all of one size; labels."""
    side = GTSRB.size
    images, labels = np.empty((len(part), side, side, 3), np.uint8), []
    for place in range(len(part)):
        picture, label = part[place]
        images[place] = picture.resize((side, side), Image.Resampling.BICUBIC)
        labels.append(label)
    planes = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
    return {"images": planes, "labels": torch.tensor(labels)}
