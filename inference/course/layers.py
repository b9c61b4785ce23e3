"""Inside LeNet: what each layer makes of a digit, what one unit sees, and how far a layer has come along.

A *layer* here is a step one can draw: a convolution with the bend (ReLU) after it, a pooling, the flattening, a
connected layer with its bend. LeCun et al. 1998; the receptive field as in Araujo, Norris, Sim, Distill 2019.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from attacks.options import OptionError
from attacks.words import Listed, gettext_noop
from inference.course.packed import packed, rounded
from inference.course.shipped import SIDE, network, pixels_of
from inference.networks.classifier import Classifier
from inference.networks.threads import one_thread

DIGITS = "digits"  # the network that is looked into


class Field(NamedTuple):
    """Where a unit looks: the square of `size` pixels from `start` + `jump` times its row and its column."""

    size: int
    jump: int
    start: int


@dataclass
class Layer:
    """One step of the network: its modules, applied in this order, the first of which has the weights, if any."""

    slug: str  # "convolution-1"
    kind: str  # "convolution", "pooling", "flatten", "connected"
    modules: list[nn.Module] = field(default_factory=list)

    def __call__(self, values: Tensor) -> Tensor:
        for module in self.modules:
            values = module(values)
        return values


KINDS: Sequence[tuple[type | tuple[type, ...], str]] = (
    (nn.Conv2d, "convolution"),
    ((nn.MaxPool2d, nn.AvgPool2d), "pooling"),
    (nn.Flatten, "flatten"),
    (nn.Linear, "connected"),
)


def layers_of(lenet: nn.Module) -> list[Layer]:
    """The layers of a LeNet, as `inference.networks.build.lenet` makes it, in order."""
    numbers = {kind: count(1) for _type, kind in KINDS}
    layers: list[Layer] = []
    for module in lenet.children():
        kind = next((kind for types, kind in KINDS if isinstance(module, types)), None)
        if kind:
            layers.append(Layer(kind if kind == "flatten" else f"{kind}-{next(numbers[kind])}", kind))
        layers[-1].modules.append(module)  # what bends, and dropout, belongs to the layer before it
    return layers


def activations(classifier: Classifier, pixels: Tensor) -> dict[str, Tensor]:
    """What each layer gives out for pixels in [0, 1], (N, 1, 28, 28), by the layer's slug; the last are the scores."""
    given, values = {}, classifier.normalise(pixels)
    with torch.inference_mode():
        for layer in layers_of(classifier.network):
            values = given[layer.slug] = layer(values)
    return given


# --- What lessons ask for -----------------------------------------------------------------------------------------


@one_thread()
def inside(picture: np.ndarray) -> dict[str, Any]:
    """Every layer's activations for a digit (uint8, 28 × 28), below 16 kB as JSON.

    layers: in order, each {"slug", "kind", "parameters", "multiplications", "values": `packed`}; the last layer's
    values are the ten scores (logits). probabilities: softmax of them; label: the likeliest class.
    """
    classifier = network(DIGITS)
    given = activations(classifier, pixels_of(picture, classifier))
    facts = costs()["layers"]
    return {
        "layers": [fact | {"values": packed(given[fact["slug"]][0])} for fact in facts],
        **answer(given),
    }


@one_thread()
def unit(
    picture: np.ndarray, *, layer: str = "convolution-1", channel: int = 0, row: int = 0, column: int = 0
) -> dict[str, Any]:
    """One unit's sum, number by number; in flat layers `channel` is the unit's number, and row and column are 0.

    field: [top, left, height, width] in pixels of the digit, within the picture. given: what it was given; weights:
    what each of these is multiplied by (none in a pooling and in the flattening); both (channels, rows, columns) of a
    convolution or pooling, (units,) of a connected layer. bias; total: their sum; value: what the layer gives out.
    """
    classifier = network(DIGITS)
    layers = layers_of(classifier.network)
    place = _place_of(layer, layers)
    pixels = pixels_of(picture, classifier)
    outputs = activations(classifier, pixels)
    before = outputs[layers[place - 1].slug] if place else classifier.normalise(pixels)
    shape = [*outputs[layer].shape[1:], 1, 1][:3]
    for name, given, end in zip(("channel", "row", "column"), (channel, row, column), shape, strict=True):
        if not 0 <= given < end:
            template = gettext_noop("%(name)s must be a whole number from 0 to %(last)d in this layer.")
            raise OptionError(name, template, name=name, last=end - 1)
    value = outputs[layer][0].reshape(shape)[channel, row, column]
    return {
        "layer": layer,
        "field": _seen(layers[: place + 1], [*before.shape[1:]], channel, row, column),
        **_summed(layers[place].modules[0], before[0], channel, row, column),
        "value": rounded(value, 6),
    }


@one_thread()
def shifted(picture: np.ndarray, *, across: int = 2, down: int = 0) -> dict[str, Any]:
    """The digit moved by so many pixels (black moves in), and how far each layer moves along.

    Compared is what the digit causes: activations less those of a black picture. For each layer the cosine between
    the moved digit's and the first one's, `still` in place, and `moved` once the first one's maps are moved by as
    much (layers that keep places alone). It is 1 where a layer moves along: the same filters are lit elsewhere.
    shift: by how many units, rounded; exact: whether that is a whole number of them.
    """
    classifier = network(DIGITS)
    pixels = pixels_of(picture, classifier)
    moved_pixels = moved(pixels, across, down)
    black = activations(classifier, torch.zeros_like(pixels))
    first, second = activations(classifier, pixels), activations(classifier, moved_pixels)
    layers = layers_of(classifier.network)
    found: list[dict[str, Any]] = []
    for place, layer in enumerate(layers):
        ours, theirs = (given[layer.slug] - black[layer.slug] for given in (first, second))
        jump = field_of(layers[: place + 1]).jump
        steps = [round(across / jump), round(down / jump)]
        places = ours.ndim == 4
        found.append(
            {
                "slug": layer.slug,
                "still": cosine(ours, theirs),
                "moved": cosine(moved(ours, *steps), theirs) if places else None,
                "shift": steps if places else None,
                "exact": across % jump == 0 and down % jump == 0,
            }
        )
    return {
        "layers": found,
        "picture": packed(moved_pixels[0], low=0.0, high=1.0),
        "before": answer(first),
        "after": answer(second),
    }


@one_thread()
def costs() -> dict[str, Any]:
    """Parameters and multiplications of each layer for one digit, and their sums."""
    layers, values = layers_of(network(DIGITS).network), torch.zeros(1, 1, SIDE, SIDE)
    told: list[dict[str, Any]] = []
    for layer in layers:
        parameters = sum(tensor.numel() for module in layer.modules for tensor in module.parameters())
        with torch.inference_mode():
            values = layer(values)
        told.append(
            {
                "slug": layer.slug,
                "kind": layer.kind,
                "parameters": parameters,
                "multiplications": multiplications(layer.modules[0], values),
            }
        )
    sums = {name: sum(one[name] for one in told) for name in ("parameters", "multiplications")}
    return {"layers": told, **sums}


# --- Helpers ------------------------------------------------------------------------------------------------------


def answer(given: dict[str, Tensor]) -> dict[str, Any]:
    """{"probabilities": (10,), "label"} of the first picture, from its activations."""
    probabilities = list(given.values())[-1][0].softmax(0)
    return {"probabilities": rounded(probabilities, 6), "label": int(probabilities.argmax())}


def multiplications(module: nn.Module, outputs: Tensor) -> int:
    """For one picture: each output of a convolution or connected layer is a sum over all that it looks at."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        return outputs[0].numel() * module.weight[0].numel()
    return 0


def moved(planes: Tensor, across: int, down: int) -> Tensor:
    """(N, C, H, W) moved right and down by whole places, or left and up by negative ones; zeros move in."""
    height, width = planes.shape[-2:]
    padded = torch.nn.functional.pad(planes, [abs(across), abs(across), abs(down), abs(down)])
    top, left = abs(down) - down, abs(across) - across
    return padded[..., top : top + height, left : left + width]


def cosine(one: Tensor, other: Tensor) -> float:
    """Between two tensors, as one long vector each; 0 where one of them is zero."""
    return round(float(torch.nn.functional.cosine_similarity(one.flatten(), other.flatten(), dim=0)), 4)


def field_of(layers: Sequence[Layer]) -> Field:
    """Of a unit of the last of these layers, which keep places: beyond the picture's rim where there is padding."""
    size, jump, start = 1, 1, 0
    for layer in layers:
        window, stride, padding = _window(layer.modules[0])
        start -= padding * jump
        size += (window - 1) * jump
        jump *= stride
    return Field(size, jump, start)


def _window(module: nn.Module) -> tuple[int, int, int]:
    """(side, stride, padding) of what a unit looks at; of a layer without places, one place."""
    if isinstance(module, nn.Conv2d):
        return module.kernel_size[0], module.stride[0], int(module.padding[0])
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        return _side(module.kernel_size), _side(module.stride), 0
    return 1, 1, 0


def _side(size: int | tuple[int, ...]) -> int:
    return size if isinstance(size, int) else size[0]


def _place_of(slug: str, layers: Sequence[Layer]) -> int:
    slugs = [layer.slug for layer in layers]
    if slug not in slugs:
        template = gettext_noop("There is no such layer. The layers are: %(known)s.")
        raise OptionError("layer", template, known=Listed(slugs))
    return slugs.index(slug)


def _seen(layers: Sequence[Layer], before: Sequence[int], channel: int, row: int, column: int) -> list[int]:
    """[top, left, height, width] of the pixels that reach a unit of the last layer."""
    if layers[-1].kind == "connected":
        return [0, 0, SIDE, SIDE]
    if layers[-1].kind == "flatten":
        _channels, rows, columns = before
        row, column = channel % (rows * columns) // columns, channel % columns
    looked = field_of(layers)
    top, left = (max(0, looked.start + looked.jump * place) for place in (row, column))
    bottom, right = (min(SIDE, looked.start + looked.jump * place + looked.size) for place in (row, column))
    return [top, left, bottom - top, right - left]


def _summed(module: nn.Module, before: Tensor, channel: int, row: int, column: int) -> dict[str, Any]:
    """What a unit is given, (C, H, W) or (units,) of the layer before, its weights, and their sum."""
    if isinstance(module, nn.Linear | nn.Conv2d):
        given = before
        if isinstance(module, nn.Conv2d):
            around = torch.nn.functional.pad(before, [int(module.padding[0])] * 4)
            side = module.kernel_size[0]
            given = around[:, row : row + side, column : column + side]
        weights, bias = module.weight[channel].detach(), _bias(module, channel)
        total = (given * weights).sum() + bias
        return {"given": rounded(given), "weights": rounded(weights), "bias": rounded(bias), "total": rounded(total, 6)}
    if isinstance(module, nn.Flatten):
        return {"given": rounded(before.flatten()[channel : channel + 1]), "weights": None, "bias": None, "total": None}
    side, stride, _padding = _window(module)
    top, left = row * stride, column * stride
    given = before[channel : channel + 1, top : top + side, left : left + side]
    return {"given": rounded(given), "weights": None, "bias": None, "total": None}


def _bias(module: nn.Linear | nn.Conv2d, channel: int) -> Tensor:
    return torch.zeros(()) if module.bias is None else module.bias[channel].detach()
