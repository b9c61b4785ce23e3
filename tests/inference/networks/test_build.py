"""The networks: their shapes, their first weights, and what may be filled into them."""

import pytest
import torch
from torch import nn

from inference.catalog.networks import NETWORKS, input_size
from inference.networks.build import Shape, build, load_tensors, parameters
from inference.networks.fuse import fused
from inference.networks.layers import MaxPool2x2, SmallConv2d

DIGITS = Shape(channels=1, size=28, classes=10)


def lenet(shape=DIGITS, **options):
    return build("lenet", shape, options)


def shapes_within(network, pixels):
    """Of what leaves each layer."""
    seen = []
    for layer in network:
        pixels = layer(pixels)
        seen.append(tuple(pixels.shape[1:]))
    return seen


def test_lenet_is_the_textbooks_network():
    network = lenet()
    shapes = shapes_within(network, torch.rand(2, 1, 28, 28))
    assert [shape for shape, before in zip(shapes, [None, *shapes], strict=False) if shape != before] == [
        (6, 28, 28),
        (6, 14, 14),
        (16, 10, 10),
        (16, 5, 5),
        (400,),
        (120,),
        (84,),
        (10,),
    ]
    assert parameters(network) == 61_706
    assert [type(layer) for layer in network if not isinstance(layer, nn.ReLU | nn.Dropout)] == [
        *(SmallConv2d, MaxPool2x2, SmallConv2d, MaxPool2x2, nn.Flatten),
        *(nn.Linear, nn.Linear, nn.Linear),
    ]


@pytest.mark.parametrize("slug", ["lenet", "convnet", "strided"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [28, 32, 48])
def test_small_networks_take_every_size_and_colour(slug, channels, size):
    assert input_size(NETWORKS[slug], size) == size
    network = build(slug, Shape(channels, size, 7), {}).eval()
    assert network(torch.rand(2, channels, size, size)).shape == (2, 7)


@pytest.mark.parametrize("slug", NETWORKS)
def test_the_smallest_and_the_largest_input_work(slug):
    record = NETWORKS[slug]
    for size in {input_size(record, 1), input_size(record, 5000)}:
        network = build(slug, Shape(3, size, 2), {}).eval()
        with torch.inference_mode():
            assert network(torch.rand(1, 3, size, size)).shape == (1, 2)


def test_each_option_changes_what_it_says():
    assert any(isinstance(layer, nn.AvgPool2d) for layer in lenet(pooling="average"))
    assert any(isinstance(layer, nn.Tanh) for layer in lenet(activation="tanh"))
    assert [layer.p for layer in lenet(dropout=0.25) if isinstance(layer, nn.Dropout)] == [0.25, 0.25]
    assert lenet(width=2)[0].out_channels == 12 and lenet(width=2)[-1].in_features == 168
    assert build("convnet", DIGITS, {"width": 2}).scores.in_features == 256
    assert build("strided", DIGITS, {"width": 2}).scores.in_features == 256
    assert build("convnet", DIGITS, {"dropout": 0.5}).dropout.p == 0.5


def test_one_by_one_convolutions_follow_each_pooling():
    network = lenet(one_by_one=True)
    mixing = [place for place, layer in enumerate(network) if getattr(layer, "kernel_size", None) == (1, 1)]
    assert [type(network[place - 1]) for place in mixing] == [MaxPool2x2, MaxPool2x2]
    assert parameters(network) == 61_706 + (6 * 6 + 6) + (16 * 16 + 16)


def test_options_of_other_networks_are_not_passed_on():
    assert parameters(build("convnet", DIGITS, {"pooling": "average", "sigma": 3.0})) > 0


@pytest.mark.parametrize(
    "how, deviation",
    [
        ("kaiming", (2 / 400) ** 0.5),
        ("xavier", (2 / (400 + 120)) ** 0.5),
        ("normal", 0.03),
        ("zeros", 0.0),
    ],
)
def test_first_weights_have_the_spread_of_their_paper(how, deviation):
    torch.manual_seed(0)
    layer = next(layer for layer in lenet(initialisation=how, sigma=0.03) if isinstance(layer, nn.Linear))
    assert layer.weight.std().item() == pytest.approx(deviation, rel=0.02)
    assert abs(layer.weight.mean().item()) < 0.001 and not layer.bias.any()


def test_the_seed_decides_the_first_weights():
    def drawn(seed):
        torch.manual_seed(seed)
        return lenet()[0].weight

    assert torch.equal(drawn(1), drawn(1)) and not torch.equal(drawn(1), drawn(2))


def test_folding_the_batch_norms_changes_no_answer():
    torch.manual_seed(0)
    network, pixels = build("convnet", Shape(3, 32, 5), {}), torch.rand(8, 3, 32, 32)
    for _ in range(3):
        network(pixels)  # so that the batch norms have seen something
    network.eval()
    before = network(pixels)
    quick = fused(network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in quick.modules())
    assert (quick(pixels) - before).abs().max() < 1e-4


# --- Filling ------------------------------------------------------------------------------------------------------


def test_only_tensors_that_fit_are_filled_in():
    network, other = lenet(), lenet()
    load_tensors(network, other.state_dict())
    assert all(torch.equal(one, two) for one, two in zip(network.parameters(), other.parameters(), strict=True))


def without(state, name):
    return {key: tensor for key, tensor in state.items() if key != name}


UNFIT = {
    "one is missing": (lambda state: without(state, "0.bias"), "have no pair"),
    "one too many": (lambda state: state | {"99.bias": torch.zeros(1)}, "have no pair"),
    "another name": (lambda state: without(state, "0.bias") | {"0.bais": state["0.bias"]}, "2 have no pair"),
    "another shape": (lambda state: state | {"0.bias": torch.zeros(7)}, r"0\.bias has shape \(7,\), not \(6,\)"),
    "not a number": (lambda state: state | {"0.bias": torch.full((6,), torch.nan)}, "no numbers"),
    "infinite": (lambda state: state | {"0.bias": torch.full((6,), torch.inf)}, "no numbers"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_leaves_the_network_as_it_was(name):
    change, sentence = UNFIT[name]
    network = lenet()
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    with pytest.raises(ValueError, match=sentence):
        load_tensors(network, change(lenet().state_dict()))
    assert all(torch.equal(tensor, before[key]) for key, tensor in network.state_dict().items())


@pytest.mark.parametrize(("slug", "millions"), [("convnet", 87), ("strided", 7)])
def test_a_picture_of_48_pixels_takes_so_many_multiplications(slug, millions):
    """Of the convolutions, which are nearly all: what a pass costs, on whatever machine."""
    network, counted = build(slug, Shape(3, 48, 16), {}).eval(), []
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(lambda one, _in, out: counted.append(one.weight.numel() * out[0, 0].numel()))
    with torch.inference_mode():
        network(torch.rand(1, 3, 48, 48))
    assert round(sum(counted) / 1e6) == millions
