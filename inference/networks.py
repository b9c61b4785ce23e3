"""The networks: how each is built, and how it is filled with weights that fit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import timm
import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class NetworkRecord:
    """One network: its builder (so many classes -> module with logits) and how it wants pixels normalised."""

    build: Callable[[int], nn.Module]
    mean: float  # of pixels in 0..255
    std: float


def _efficientnet_lite0(classes: int) -> nn.Module:
    return timm.create_model("tf_efficientnet_lite0", num_classes=classes)


NETWORKS: Mapping[str, NetworkRecord] = MappingProxyType(
    {"tf_efficientnet_lite0": NetworkRecord(_efficientnet_lite0, mean=127.0, std=128.0)}
)


def load_tensors(network: nn.Module, tensors: Mapping[str, Tensor], *, in_order: bool = False) -> None:
    """Fills the network with `tensors`, one for each of its own, finite and of the same shape, or raises a ValueError.

    in_order: matched by place and not by name. The published EfficientNet-Lite weights use the names of the code they
    were trained with, timm's network its own; number, order and shapes agree.
    """
    own = network.state_dict()
    if in_order and len(own) == len(tensors):
        tensors = dict(zip(own, tensors.values(), strict=True))
    if own.keys() != tensors.keys():
        raise ValueError(f"the file holds {len(tensors)} tensors, not the {len(own)} of the network")
    for name, place in own.items():
        if place.shape != tensors[name].shape:
            raise ValueError(f"{name} has shape {tuple(tensors[name].shape)}, not {tuple(place.shape)}")
        if not torch.isfinite(tensors[name]).all():
            raise ValueError(f"{name} holds values that are no numbers")
    network.load_state_dict(tensors)
