"""The networks: how each is built, and how it is filled with weights that fit."""

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from inference.catalog.networks import NETWORKS
from inference.networks.layers import MaxPool2x2, SmallConv2d


@dataclass(frozen=True)
class Shape:
    """What goes in and comes out: pictures of so many colours and pixels a side, so many classes."""

    channels: int
    size: int
    classes: int


def build(slug: str, shape: Shape, options: Mapping[str, Any]) -> nn.Module:
    """The network of that name, normalised pixels to logits, with weights as its initialisation draws them.

    Drawn from torch's global generator: whoever wants the same weights again seeds it.
    """
    module, _, name = NETWORKS[slug].builder.partition(":")
    return getattr(import_module(module), name)(
        shape, **{key: options[key] for key in NETWORKS[slug].options if key in options}
    )


# --- LeNet --------------------------------------------------------------------------------------------------------

ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
POOLINGS: Mapping[str, Callable[[], nn.Module]] = {"max": MaxPool2x2, "average": partial(nn.AvgPool2d, 2)}


def lenet(
    shape: Shape,
    *,
    width: int = 1,
    pooling: str = "max",
    one_by_one: bool = False,
    dropout: float = 0.0,
    activation: str = "relu",
    initialisation: str = "kaiming",
    sigma: float = 0.1,
) -> nn.Module:
    """LeNet-5 (LeCun et al. 1998) as textbooks draw it; at width 1: 6 and 16 channels, then 120, 84, classes."""
    bend, pool = ACTIVATIONS[activation], POOLINGS[pooling]
    first, second = 6 * width, 16 * width
    side = (shape.size // 2 - 4) // 2  # of what is flattened: 5 for 28 pixels

    def mixed(channels: int) -> list[nn.Module]:
        return [SmallConv2d(channels, channels, 1), bend()] if one_by_one else []

    layers = [
        *(SmallConv2d(shape.channels, first, 5, padding=2), bend(), pool(), *mixed(first)),
        *(SmallConv2d(first, second, 5), bend(), pool(), *mixed(second)),
        nn.Flatten(),
        *(nn.Linear(second * side * side, 120 * width), bend(), nn.Dropout(dropout)),
        *(nn.Linear(120 * width, 84 * width), bend(), nn.Dropout(dropout)),
        nn.Linear(84 * width, shape.classes),
    ]
    network = nn.Sequential(*layers)
    initialise(network, initialisation, sigma=sigma)
    return network


def initialise(network: nn.Module, how: str, *, sigma: float) -> None:
    """Draw the weights of every convolution and connected layer; biases begin at zero."""
    fill: Mapping[str, Callable[[Tensor], Any]] = {
        "kaiming": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),  # arXiv 1502.01852
        "xavier": nn.init.xavier_normal_,  # Glorot and Bengio 2010
        "normal": lambda weight: nn.init.normal_(weight, 0.0, sigma),
        "zeros": nn.init.zeros_,
    }
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            fill[how](module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


# --- A small modern network ---------------------------------------------------------------------------------------


def convnet(shape: Shape, *, width: int = 1, dropout: float = 0.0) -> nn.Module:
    """Three stages of two convolutions with batch norm, halved between them; averaged over all places at the end."""
    channels = [32 * width, 64 * width, 128 * width]
    blocks: list[tuple[str, nn.Module]] = []
    before = shape.channels
    for stage, after in enumerate(channels, start=1):
        blocks += [(f"stage{stage}a", _normed(before, after)), (f"stage{stage}b", _normed(after, after))]
        if stage < len(channels):
            blocks.append((f"pool{stage}", nn.MaxPool2d(2)))
        before = after
    tail = [("average", nn.AdaptiveAvgPool2d(1)), ("flat", nn.Flatten()), ("dropout", nn.Dropout(dropout))]
    network = nn.Sequential(OrderedDict([*blocks, *tail, ("scores", nn.Linear(before, shape.classes))]))
    initialise(network, "kaiming", sigma=0.0)
    return network


def strided(shape: Shape, *, width: int = 1, dropout: float = 0.0) -> nn.Module:
    """A quarter of the places after the first convolution, a sixteenth after the second: there the work is little."""
    first, second, third, fourth = (channels * width for channels in (16, 32, 64, 128))
    network = nn.Sequential(
        OrderedDict(
            stage1=_normed(shape.channels, first, kernel=5, stride=2),
            stage2=_normed(first, second, stride=2),
            stage3=_normed(second, third),
            pool3=nn.MaxPool2d(2),
            stage4=_normed(third, fourth),
            average=nn.AdaptiveAvgPool2d(1),
            flat=nn.Flatten(),
            dropout=nn.Dropout(dropout),
            scores=nn.Linear(fourth, shape.classes),
        )
    )
    initialise(network, "kaiming", sigma=0.0)
    return network


def _normed(before: int, after: int, *, kernel: int = 3, stride: int = 1) -> nn.Module:
    convolution = nn.Conv2d(before, after, kernel, stride=stride, padding=kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU())


# --- Filling ------------------------------------------------------------------------------------------------------


def load_tensors(network: nn.Module, tensors: Mapping[str, Tensor], *, in_order: bool = False) -> None:
    """Fills the network with `tensors`, one for each of its own, finite and of the same shape, or raises a ValueError.

    in_order: matched by place and not by name. The published EfficientNet-Lite weights use the names of the code they
    were trained with, timm's network its own; number, order and shapes agree.
    """
    own = network.state_dict()
    if in_order and len(own) == len(tensors):
        tensors = dict(zip(own, tensors.values(), strict=True))
    if other := own.keys() ^ tensors.keys():
        raise ValueError(
            f"of {len(tensors)} tensors in the file and {len(own)} in the network {len(other)} have no pair"
        )
    for name, place in own.items():
        if place.shape != tensors[name].shape:
            raise ValueError(f"{name} has shape {tuple(tensors[name].shape)}, not {tuple(place.shape)}")
        if not torch.isfinite(tensors[name]).all():
            raise ValueError(f"{name} holds values that are no numbers")
    network.load_state_dict(tensors)


def parameters(network: nn.Module) -> int:
    """How many numbers were learnt."""
    return sum(math.prod(tensor.shape) for tensor in network.parameters())
