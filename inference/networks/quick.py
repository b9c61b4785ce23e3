"""Verdicts, quicker: each convolution and the cap after it in one of oneDNN's kernels.

For verdicts alone: no gradient goes through. On a CPU only, and only where it says what the network says.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

CLOSE = 1e-5  # probabilities
PACKED_FOR = 4  # pictures at once: oneDNN lays out the weights for a number of them
CAP = (0.0, 6.0)  # ReLU6's


def quick(network: nn.Module, probe: Tensor) -> nn.Module | None:
    """The same function of pictures like `probe`, (N, C, H, W), for `torch.inference_mode`; it has weights of its own.

    None where there is nothing to gain: without oneDNN, without convolutions that are capped, or where the
    probabilities of `probe` were not the same to 1e-5.
    """
    if not _there_is_a_kernel() or probe.device.type != "cpu":
        return None
    with torch.inference_mode():
        made = _joined(copy.deepcopy(network), probe[:1].expand(PACKED_FOR, -1, -1, -1))
        if made is None or not torch.allclose(made(probe).softmax(1), network(probe).softmax(1), rtol=0, atol=CLOSE):
            return None
    return made


class Quicker:
    """The network that gives the verdicts of another, or none; copied it is none, for a copy's weights may change."""

    def __init__(self, network: nn.Module | None = None) -> None:
        self.network = network

    def __deepcopy__(self, _memo: object) -> "Quicker":
        return Quicker()


def _there_is_a_kernel() -> bool:
    """It has no public name: what torch's own compiler uses."""
    return (
        torch.backends.mkldnn.is_available()
        and hasattr(torch.ops.mkldnn, "_convolution_pointwise")
        and hasattr(torch._C._nn, "mkldnn_reorder_conv2d_weight")
    )


class _Convolution(nn.Module):
    """A convolution, and a cap after it, of its weights as oneDNN wants them."""

    def __init__(self, plain: nn.Conv2d, shape: list[int], *, capped: bool) -> None:
        super().__init__()
        self.bias = plain.bias
        self.where = (plain.padding, plain.stride, plain.dilation, plain.groups)
        self.then = ("hardtanh", CAP) if capped else ("none", ())
        reorder: Any = torch._C._nn.mkldnn_reorder_conv2d_weight  # its stub lacks the last argument
        self.weight = reorder(plain.weight.to_mkldnn(), *self.where, shape)

    def forward(self, pictures: Tensor) -> Tensor:
        made: Tensor = torch.ops.mkldnn._convolution_pointwise(
            pictures, self.weight, self.bias, *self.where, self.then[0], self.then[1], ""
        )
        return made


def _joined(network: nn.Module, probe: Tensor) -> nn.Module | None:
    """In place. Relies, as the folding of batch norms does, on modules that are registered as they are applied."""
    shapes: dict[str, list[int]] = {}
    layers = [(name, one) for name, one in network.named_modules() if isinstance(one, nn.Conv2d | nn.ReLU6)]
    if not any(isinstance(layer, nn.ReLU6) for _, layer in layers):
        return None
    convolutions = {name: layer for name, layer in layers if isinstance(layer, nn.Conv2d)}

    def note(name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        return lambda _layer, given: shapes.update({name: list(given[0].shape)})

    hooks = [layer.register_forward_pre_hook(note(name)) for name, layer in convolutions.items()]
    network(probe)
    for hook in hooks:
        hook.remove()
    following = dict(zip([name for name, _ in layers], [*layers[1:], ("", None)], strict=True))
    for name, layer in convolutions.items():
        after, cap = following[name]
        capped = isinstance(cap, nn.ReLU6)
        network.set_submodule(name, _Convolution(layer, shapes[name], capped=capped))
        if capped:
            network.set_submodule(after, nn.Identity())
    return network
