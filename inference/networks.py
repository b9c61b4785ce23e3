"""The networks: how each is built, and how it is made quick without changing what it says."""

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


def fold_batch_norms(network: nn.Module) -> nn.Module:
    """The same function in eval mode with every batch norm folded into the convolution before it, in place.

    Relies on modules being registered in the order they are applied, as timm's are; a test compares the logits.
    """
    convolution: nn.Conv2d | None = None
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.Conv2d):
            convolution = module
        elif isinstance(module, nn.BatchNorm2d) and convolution is not None:
            _fold(convolution, module)
            # timm's batch norms carry the activation that follows them.
            network.set_submodule(name, getattr(module, "act", nn.Identity()))
            convolution = None
    return network


@torch.no_grad()
def _fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    # In float64: folding in float32 would lose the last digits of every weight.
    assert norm.running_var is not None and norm.running_mean is not None  # noqa: S101 (for mypy: inference statistics)
    scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    before = 0.0 if convolution.bias is None else convolution.bias.double()
    shift = norm.bias.double() + (before - norm.running_mean.double()) * scale
    convolution.weight.copy_(convolution.weight.double() * scale[:, None, None, None])
    convolution.bias = nn.Parameter(shift.to(convolution.weight.dtype))
