"""Inside LeNet: what is sent is what torch computes, and what a unit sees is what its gradient reaches."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from attacks.options import OptionError
from inference.course import layers
from inference.course.packed import packed, unpacked
from inference.course.shipped import network, pixels_of, sample

SEVEN = sample("digit-7")


@pytest.fixture(scope="module")
def lenet():
    return network("digits")


def through(lenet, pixels):
    """Torch's own pass, by the places of the modules in the network."""
    values, all_of_them = lenet.normalise(pixels), []
    for module in lenet.network:
        values = module(values)
        all_of_them.append(values)
    return all_of_them


def test_every_layer_is_sent_as_torch_computes_it(lenet):
    told = layers.inside(SEVEN)
    kept = through(lenet, pixels_of(SEVEN, lenet))
    after = [1, 2, 4, 5, 6, 8, 11, 13]  # ReLU, pool, ReLU, pool, flatten, ReLU, ReLU (dropout between), scores
    assert len(told["layers"]) == len(after)
    for layer, place in zip(told["layers"], after, strict=True):
        true = kept[place][0]
        step = (layer["values"]["high"] - layer["values"]["low"]) / 255
        torch.testing.assert_close(unpacked(layer["values"]), true, rtol=0, atol=step / 2 + 1e-5)
    torch.testing.assert_close(torch.tensor(told["probabilities"]), kept[-1][0].softmax(0), rtol=1e-4, atol=1e-6)
    assert told["label"] == 7
    assert len(json.dumps(told)) < 16_000


def test_counts_are_the_textbooks():
    told = layers.costs()
    assert [one["parameters"] for one in told["layers"]] == [156, 0, 2416, 0, 0, 48120, 10164, 850]
    assert [one["multiplications"] for one in told["layers"]] == [117600, 0, 240000, 0, 0, 48000, 10080, 840]
    assert told["parameters"] == 61706 and told["multiplications"] == 416520


@pytest.mark.parametrize("layer, square", [
    ("convolution-1", 5), ("pooling-1", 6), ("convolution-2", 14), ("pooling-2", 16),
])  # fmt: skip
def test_a_field_is_what_the_gradient_reaches(layer, square, lenet):
    """With weights of one and averages in place of maxima every pixel of the field has a slope, and no other."""
    told = layers.unit(SEVEN, layer=layer, channel=1, row=2, column=2)
    top, left, height, width = told["field"]
    plain = {nn.Conv2d: nn.Conv2d, nn.MaxPool2d: lambda *_a, **_k: nn.AvgPool2d(2)}
    pixels, values = torch.zeros(1, 1, 28, 28, requires_grad=True), None
    values = pixels
    for one in layers.layers_of(lenet.network):
        module = one.modules[0]
        if isinstance(module, nn.Conv2d):
            copy = plain[nn.Conv2d](module.in_channels, module.out_channels, 5, padding=module.padding)
            nn.init.ones_(copy.weight)
            values = copy(values)
        else:
            values = nn.AvgPool2d(2)(values)
        if one.slug == layer:
            break
    values[0, 1, 2, 2].backward()
    reached = (pixels.grad[0, 0] != 0).nonzero()
    (low_row, low_column), (high_row, high_column) = reached.amin(0).tolist(), reached.amax(0).tolist()
    assert [top, left, height, width] == [low_row, low_column, high_row - low_row + 1, high_column - low_column + 1]
    assert len(reached) == height * width
    assert max(height, width) <= square


@pytest.mark.parametrize("layer, place", [
    ("convolution-1", (3, 0, 27)), ("convolution-2", (15, 9, 4)), ("connected-1", (119, 0, 0)),
    ("connected-3", (7, 0, 0)),
])  # fmt: skip
def test_a_units_numbers_sum_up_to_what_it_gives_out(layer, place, lenet):
    told = layers.unit(SEVEN, layer=layer, channel=place[0], row=place[1], column=place[2])
    total = (torch.tensor(told["given"]) * torch.tensor(told["weights"])).sum() + told["bias"]
    assert float(total) == pytest.approx(told["total"], rel=1e-2, abs=1e-2)
    bent = told["total"] if layer == "connected-3" else max(0.0, told["total"])
    assert told["value"] == pytest.approx(bent, rel=1e-4, abs=1e-5)
    given = layers.activations(lenet, pixels_of(SEVEN, lenet))[layer][0]
    assert told["value"] == pytest.approx(float(given[place if given.ndim == 3 else place[0]]), rel=1e-4, abs=1e-5)


def test_a_pooling_keeps_the_largest_and_the_flattening_every_value():
    pooled = layers.unit(SEVEN, layer="pooling-1", channel=2, row=4, column=9)
    assert pooled["value"] == pytest.approx(max(map(max, pooled["given"][0])), rel=1e-3)
    flat = layers.unit(SEVEN, layer="flatten", channel=3 * 25 + 2 * 5 + 4)
    kept = layers.unit(SEVEN, layer="pooling-2", channel=3, row=2, column=4)
    assert (flat["value"], flat["field"]) == (kept["value"], kept["field"])


@pytest.mark.parametrize("wrong", [{"layer": "attention"}, {"channel": 6}, {"row": -1}, {"column": 28}])
def test_a_unit_that_is_not_there_is_refused(wrong):
    with pytest.raises(OptionError):
        layers.unit(SEVEN, **wrong)


def test_a_picture_that_is_no_digit_is_refused():
    with pytest.raises(ValueError, match="28 x 28"):
        layers.inside(np.zeros((32, 32, 1), np.uint8))


def test_a_moved_digit_lights_the_same_filters_elsewhere():
    told = {layer["slug"]: layer for layer in layers.shifted(SEVEN, across=4)["layers"]}
    for slug in ("convolution-1", "pooling-1", "convolution-2", "pooling-2"):
        assert told[slug]["exact"]
        assert told[slug]["moved"] > 0.97 > 0.6 > told[slug]["still"]
    assert told["pooling-2"]["shift"] == [1, 0]
    assert told["connected-1"]["moved"] is None
    assert not layers.shifted(SEVEN, across=1)["layers"][1]["exact"]


@pytest.mark.parametrize("across, down", [(0, 0), (3, -2), (-28, 1), (40, 0)])
def test_moving_is_torchs_roll_without_what_comes_round(across, down):
    planes = torch.arange(1.0, 785).reshape(1, 1, 28, 28)
    rolled = planes.roll((down, across), (2, 3))
    rows, columns = torch.arange(28)[:, None] - down, torch.arange(28)[None] - across
    inside = (rows >= 0) & (rows < 28) & (columns >= 0) & (columns < 28)
    assert torch.equal(layers.moved(planes, across, down), torch.where(inside, rolled, torch.zeros(())))


def test_packing_keeps_all_but_half_a_step():
    values = torch.linspace(-3, 5, 50).reshape(2, 25)
    told = packed(values)
    assert told["shape"] == [2, 25]
    torch.testing.assert_close(unpacked(told), values, rtol=0, atol=8 / 255 / 2 + 1e-6)
    assert torch.equal(unpacked(packed(torch.full((3,), 2.0))), torch.full((3,), 2.0))
