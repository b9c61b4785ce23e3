"""The quick layers of small networks: what torch's own say, and the same gradients."""

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck

from inference.networks.layers import MaxPool2x2, SmallConv2d, _Convolved, _Halved

SEED = 0


def drawn(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(SEED), dtype=dtype)


def both(layer: nn.Module, other: nn.Module, planes: torch.Tensor) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Values and every gradient, of planes and weights, of one layer and of the other."""
    found = []
    for module in (layer, other):
        leaf = planes.clone().requires_grad_(True)
        values = module(leaf)
        upstream = torch.linspace(-1, 1, values.numel(), dtype=values.dtype).reshape(values.shape)
        found.append([values, *torch.autograd.grad(values, [leaf, *module.parameters()], upstream)])
    return found[0], found[1]


@pytest.mark.parametrize("shape", [(4, 6, 28, 28), (1, 1, 2, 2), (3, 5, 7, 6), (3, 5, 6, 7), (0, 2, 4, 4)])
@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("steps", [1, 4, 1000], ids=["nearly all tied", "many ties", "few ties"])
def test_pooling_is_torchs_bit_for_bit(shape, order, steps):
    planes = ((drawn(*shape) * steps).round() / steps).relu().contiguous(memory_format=order)
    for mine, torchs in zip(*both(MaxPool2x2(), nn.MaxPool2d(2), planes), strict=True):
        assert torch.equal(mine, torchs)


def test_pooling_passes_on_what_is_no_number():
    planes = torch.zeros(1, 1, 2, 4)
    planes[0, 0, 1, 0] = torch.nan
    assert torch.equal(MaxPool2x2()(planes).isnan(), torch.tensor([[[[True, False]]]]))


@pytest.mark.parametrize("before, after, size, padding", [(1, 6, 5, 2), (3, 12, 5, 2), (6, 16, 5, 0), (6, 6, 1, 0)])
@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_convolution_is_torchs(before, after, size, padding, order):
    layer = SmallConv2d(before, after, size, padding=padding).double().to(memory_format=order)
    other = nn.Conv2d(before, after, size, padding=padding).double()
    other.load_state_dict(layer.state_dict())
    planes = drawn(3, before, 12, 12, dtype=torch.float64).contiguous(memory_format=order)
    for mine, torchs in zip(*both(layer, other, planes), strict=True):
        torch.testing.assert_close(mine, torchs, rtol=1e-12, atol=1e-12)


def test_gradients_are_the_slopes():
    planes = drawn(2, 4, 6, 6, dtype=torch.float64).requires_grad_(True)
    weight, bias = drawn(3, 4, 3, 3, dtype=torch.float64).requires_grad_(True), torch.zeros(3).double()
    assert gradcheck(lambda *given: _Convolved.apply(*given, 1), (planes, weight, bias.requires_grad_(True)))
    assert gradcheck(_Halved.apply, (planes,))


def test_frozen_weights_get_no_gradient():
    layer = SmallConv2d(1, 2, 3).requires_grad_(False)
    planes = drawn(1, 1, 5, 5).requires_grad_(True)
    layer(planes).sum().backward()
    assert planes.grad is not None and layer.weight.grad is None and layer.bias.grad is None


def test_a_second_derivative_is_refused_and_not_wrong():
    planes = drawn(1, 1, 4, 4).requires_grad_(True)
    (gradient,) = torch.autograd.grad(MaxPool2x2()(planes).square().sum(), planes, create_graph=True)
    with pytest.raises(RuntimeError, match="differentiate twice"):
        gradient.sum().backward()
