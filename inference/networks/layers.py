"""Convolution and max pooling of small networks, quick on a CPU; elsewhere and in channels-last order torch's own run.

Both are torch's layers, with the same weights under the same names and the same values; only the way to them differs.
What they gain: docs/decisions/0009-quick-layers.md.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.functional import conv2d
from torch.nn.grad import conv2d_weight

FEW = 3  # channels of a picture


class SmallConv2d(nn.Conv2d):
    """nn.Conv2d for few channels, with stride 1; the gradients to the last digits that float32 leaves open."""

    def __init__(self, before: int, after: int, size: int, *, padding: int = 0) -> None:
        super().__init__(before, after, size, padding=padding)

    def forward(self, planes: Tensor) -> Tensor:
        if _plain(planes) and _plain(self.weight):
            return _Convolved.apply(planes, self.weight, self.bias, self.padding[0])
        return super().forward(planes)


class MaxPool2x2(nn.MaxPool2d):
    """nn.MaxPool2d(2), values and gradients bit for bit, ties included."""

    def __init__(self) -> None:
        super().__init__(2)

    def forward(self, planes: Tensor) -> Tensor:
        even = planes.shape[-1] % 2 == 0 and planes.shape[-2] % 2 == 0
        return _Halved.apply(planes) if even and _plain(planes) else super().forward(planes)


def _plain(tensor: Tensor) -> bool:
    return tensor.device.type == "cpu" and tensor.is_contiguous()


# --- Convolution --------------------------------------------------------------------------------------------------


class _Convolved(Function):
    """Both gradients of a convolution are convolutions again, and oneDNN is quicker at those than at the gradients."""

    @staticmethod
    def forward(ctx: Any, planes: Tensor, weight: Tensor, bias: Tensor, padding: int) -> Tensor:
        ctx.save_for_backward(planes, weight)
        ctx.padding = padding
        return conv2d(planes, weight, bias, padding=padding)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        planes, weight = ctx.saved_tensors
        of_planes = of_weight = of_bias = None
        if ctx.needs_input_grad[0]:
            turned = weight.flip(2, 3).transpose(0, 1)
            of_planes = conv2d(gradient, turned, padding=weight.shape[-1] - 1 - ctx.padding)
        if ctx.needs_input_grad[1]:
            of_weight = _gradient_of_weight(planes, weight, gradient, ctx.padding)
        if ctx.needs_input_grad[2]:
            of_bias = gradient.sum((0, 2, 3))
        return of_planes, of_weight, of_bias, None


def _gradient_of_weight(planes: Tensor, weight: Tensor, gradient: Tensor, padding: int) -> Tensor:
    if weight.shape[1] <= FEW:  # here oneDNN's own is the quicker one
        return conv2d_weight(planes, list(weight.shape), gradient, padding=padding)
    return conv2d(planes.transpose(0, 1), gradient.transpose(0, 1), padding=padding).transpose(0, 1)


# --- Pooling ------------------------------------------------------------------------------------------------------


class _Halved(Function):
    """The larger of each two columns, then of each two rows: whole rows of numbers at once, unlike torch's own loop."""

    @staticmethod
    def forward(ctx: Any, planes: Tensor) -> Tensor:
        columns = torch.maximum(*_pairs_of_columns(planes))
        ctx.save_for_backward(planes, columns)
        return torch.maximum(*_pairs_of_rows(columns))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        planes, columns = ctx.saved_tensors
        of_columns, of_planes = torch.empty_like(columns), torch.empty_like(planes)
        _deal(gradient, _pairs_of_rows(columns), _pairs_of_rows(of_columns))
        _deal(of_columns, _pairs_of_columns(planes), _pairs_of_columns(of_planes))
        return of_planes


def _pairs_of_rows(planes: Tensor) -> tuple[Tensor, Tensor]:
    return planes[..., ::2, :], planes[..., 1::2, :]


def _pairs_of_columns(planes: Tensor) -> tuple[Tensor, Tensor]:
    return planes[..., ::2], planes[..., 1::2]


def _deal(gradient: Tensor, values: tuple[Tensor, Tensor], shares: tuple[Tensor, Tensor]) -> None:
    """Writes the gradient into the share of the larger value, of the first of equals; zero into the other."""
    second = torch.ops.aten.threshold_backward(gradient, values[1] - values[0], 0)  # the gradient where that is > 0
    shares[1].copy_(second)
    torch.sub(gradient, second, out=shares[0])
