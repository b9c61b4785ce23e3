"""The slope of the loss by one weight of LeNet: nudged and divided, beside backpropagation's, and what each costs.

The error of a difference quotient is the sum of what is cut off (h for one side, h² for both) and of what rounding
leaves (the float's precision times the loss, divided by h): a V in log-log (Nocedal and Wright 2006, section 8.1).
"""

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from inference.course.layers import DIGITS, layers_of
from inference.course.packed import rounded
from inference.course.shipped import digits, floats, network
from inference.data.base import Pictures
from inference.networks.build import parameters
from inference.networks.threads import one_thread

STEPS = tuple(float(f"{10 ** (-half / 2):.6g}") for half in range(2, 17))  # h: 1e-1 to 1e-8, two a decade
DTYPES: Mapping[str, torch.dtype] = {"float32": torch.float32, "float64": torch.float64}
OTHER_END: Mapping[str, str] = {"central": "left", "one-sided": "here"}  # of the quotient, beside the right one
TIMED = 3


@one_thread()
def nudged(*, pictures: int = 50) -> dict[str, Any]:
    """Five weights of the trained LeNet, one of each layer that has weights: that with the steepest slope.

    The loss is the mean cross-entropy of the first `pictures` test pictures, in nats. weights: each {"layer", "place",
    "value", "slope": backpropagation's in float64, "quotients": one for each way and precision: {"way": "central" or
    "one-sided", "dtype", "h": [...], "slopes": [...], "errors": |slope - exact| / |exact|, "best": the h with the
    smallest}}. A step so small that the weight stays as it was has the slope 0 and the error 1.
    """
    loss = _loss_of(digits().test[:pictures])
    exact = slopes(loss, "float64")
    return {
        "pictures": pictures,
        "loss": rounded(loss(_copied("float64")).detach(), 6),
        "weights": [_nudged(loss, name, gradient) for name, gradient in exact.items() if gradient.ndim > 1],
    }


@one_thread()
def costs(*, pictures: int = 50) -> dict[str, Any]:
    """What all slopes cost: by nudging two passes a weight, by backpropagation one forwards and one back.

    seconds: of this machine, the quickest of three; of one pass forwards, of one forwards and back, and of nudging
    each weight at that rate.
    """
    loss = _loss_of(digits().test[:pictures])
    model, count = _copied("float32"), parameters(network(DIGITS).network)
    forward = _seconds(lambda: loss(model))
    both = _seconds(lambda: torch.autograd.grad(loss(model), list(model.parameters())))
    return {
        "parameters": count,
        "passes": 2 * count,
        "seconds": {"forward": forward, "backpropagation": both, "nudging": 2 * count * forward},
    }


def slopes(loss: Callable[[nn.Module], Tensor], dtype: str) -> dict[str, Tensor]:
    """Backpropagation's, for each of LeNet's tensors by name."""
    model = _copied(dtype)
    named = dict(model.named_parameters())
    return dict(zip(named, torch.autograd.grad(loss(model), list(named.values())), strict=True))


def quotients(
    value: Callable[[], float], weight: Tensor, place: tuple[int, ...], h: float, base: float
) -> dict[str, float]:
    """By name of the way: (value(w + h) - value(w - h)) / 2h, and (value(w + h) - value(w)) / h, where value(w) = base.

    The weight, ours to change, is as it was afterwards. Divided is by the distance that it really moved, which rounding
    makes another than h: 0 where it did not move.
    """
    before = weight[place].clone()
    ends = {"here": (float(before), base)}
    for name, end in (("right", before + h), ("left", before - h)):
        weight[place] = end
        ends[name] = (float(weight[place]), value())
    weight[place] = before
    return {way: _divided(ends["right"], ends[other]) for way, other in OTHER_END.items()}


def _divided(right: tuple[float, float], left: tuple[float, float]) -> float:
    return (right[1] - left[1]) / (right[0] - left[0]) if right[0] != left[0] else 0.0


def _nudged(loss: Callable[[nn.Module], Tensor], name: str, gradient: Tensor) -> dict[str, Any]:
    place = tuple(int(index) for index in torch.unravel_index(gradient.abs().argmax(), gradient.shape))
    found = [_told(*tried, float(gradient[place])) for dtype in DTYPES for tried in _tried(loss, name, place, dtype)]
    return {
        "layer": _layer_of(name),
        "place": list(place),
        "value": rounded(network(DIGITS).network.get_parameter(name)[place], 6),
        "slope": rounded(gradient[place], 8),
        "quotients": found,
    }


def _tried(
    loss: Callable[[nn.Module], Tensor], name: str, place: tuple[int, ...], dtype: str
) -> list[tuple[str, str, list[float]]]:
    """(way, dtype, a slope for each of STEPS), for each way."""
    model = _copied(dtype)
    with torch.no_grad():
        base, weight = float(loss(model)), model.get_parameter(name)
        found = [quotients(lambda: float(loss(model)), weight, place, h, base) for h in STEPS]
    return [(way, dtype, [slopes[way] for slopes in found]) for way in OTHER_END]


def _told(way: str, dtype: str, found: list[float], exact: float) -> dict[str, Any]:
    errors = [abs(slope - exact) / abs(exact) for slope in found]
    return {
        "way": way,
        "dtype": dtype,
        "h": _numbers(STEPS, 6),
        "slopes": _numbers(found, 8),
        "errors": _numbers(errors, 4),
        "best": STEPS[errors.index(min(errors))],
    }


def _numbers(values: Sequence[float], digits: int) -> list[float]:
    return [float(f"{value:.{digits}g}") for value in values]


def _loss_of(pictures: Pictures) -> Callable[[nn.Module], Tensor]:
    """The mean cross-entropy of a copy of the network, in its own precision."""
    pixels = floats(pictures.images)
    normalised = network(DIGITS).normalise(pixels)

    def loss(model: nn.Module) -> Tensor:
        dtype = next(model.parameters()).dtype
        return nn.functional.cross_entropy(model(normalised.to(dtype)), pictures.labels)

    return loss


def _copied(dtype: str) -> nn.Module:
    """The trained LeNet, ours to change."""
    return copy.deepcopy(network(DIGITS).network).to(DTYPES[dtype]).requires_grad_(True)


def _layer_of(name: str) -> str:
    """The slug of the layer that a tensor belongs to."""
    model = network(DIGITS).network
    module = model.get_submodule(name.rpartition(".")[0])
    return next(layer.slug for layer in layers_of(model) if module in layer.modules)


def _seconds(work: Callable[[], Any]) -> float:
    work()
    return float(f"{min(_timed(work) for _ in range(TIMED)):.3g}")


def _timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
