"""Making a network quick without changing what it says: the same function, rearranged. For eval mode only."""

from typing import Any

import torch
from torch import Tensor, nn


def fused(network: nn.Module, *, channels_last: bool = True) -> nn.Module:
    """The same function of the pixels: batch norms folded, padding without copies, channels last. Uses up `network`."""
    quick = without_padding_copies(fold_batch_norms(network))
    return quick.to(memory_format=torch.channels_last) if channels_last else quick


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


class HalfTurned(nn.Module):
    """A network that was turned by 180 degrees, and the turn of the pixels that makes up for it."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        return self.network(pixels.flip(2, 3))


def without_padding_copies(network: nn.Module) -> nn.Module:
    """The same function with TensorFlow's "same" padding done inside the convolutions; for networks that end in a pool.

    At stride 2 and even sizes TensorFlow pads one row more below and right than above and left, which torch can only
    do by copying each picture into a larger one. With pictures and kernels turned by 180 degrees the extra row is
    above and left, where a symmetric padding of half the kernel gives the very same windows; at odd sizes both pad
    alike. The average over all places at the end does not see the turn.
    """
    if not any(map(_pads_the_same, network.modules())):
        return network
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.Conv2d):
            module.weight = nn.Parameter(module.weight.flip(2, 3))
        if _pads_the_same(module):
            network.set_submodule(name, _padding_inside(module))
    return HalfTurned(network)


def _pads_the_same(module: nn.Module) -> bool:
    """By its name, since only whoever builds such a network should have to import timm."""
    return type(module).__name__ == "Conv2dSame"


def _padding_inside(same: Any) -> nn.Conv2d:
    kernel, stride = same.kernel_size[0], same.stride[0]
    if same.kernel_size != (kernel, kernel) or kernel % 2 == 0 or stride > 2 or same.dilation != (1, 1):
        raise ValueError(f"No symmetric padding does what {same} does.")
    convolution = nn.Conv2d(
        same.in_channels, same.out_channels, kernel, stride=stride, padding=kernel // 2, groups=same.groups
    )
    convolution.weight, convolution.bias = same.weight, same.bias
    return convolution
