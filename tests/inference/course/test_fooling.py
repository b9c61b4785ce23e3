"""Where along the layers an attacked digit is taken for another."""

import json

import pytest
import torch

from inference.course import fooling
from inference.course.layers import activations
from inference.course.packed import unpacked
from inference.course.shipped import network, pixels_of, sample


def test_the_nearest_are_those_of_a_plain_search():
    known = torch.randn(40, 7, generator=torch.Generator().manual_seed(0))
    asked, labels = known[:3] + 0.01, torch.arange(40) % 10
    classes, places = fooling.votes(known, labels, asked)
    plain = [sorted(range(40), key=lambda row: float((known[row] - one).norm()))[:9] for one in asked]
    assert places.tolist() == plain
    assert torch.equal(classes, labels[places])


def test_most_votes_win_and_among_equals_the_nearest():
    classes = torch.tensor([[1, 2, 2, 3, 3, 3, 9, 9, 1], [4, 5, 5, 4, 6, 6, 7, 8, 9], [0, 2, 2, 2, 2, 0, 0, 0, 1]])
    assert fooling.elected(classes).tolist() == [3, 4, 0]


@pytest.mark.parametrize("after, first", [
    ([7, 7, 7, 7], None),
    ([7, 7, 7, 2], "answer"),
    ([7, 1, 2, 2], "second"),
    ([1, 7, 2, 2], "third"),  # the first came back
    ([1, 1, 1, 7], None),  # the network is not fooled
])  # fmt: skip
def test_fooled_is_who_never_comes_back(after, first):
    slugs = ["first", "second", "third", "answer"]
    assert fooling.fooled_from([(slug, 7, label) for slug, label in zip(slugs, after, strict=True)], 7) == first


def test_a_layer_that_was_wrong_before_is_no_witness():
    assert fooling.fooled_from([("first", 3, 2), ("second", 7, 2), ("answer", 7, 2)], 7) == "second"


def test_an_attacked_digit_layer_by_layer():
    picture = sample("digit-8")
    told = fooling.attacked(picture, epsilon=51)
    lenet = network("digits")
    moved = unpacked(told["layers"][0]["now"])[None]
    assert float((moved - pixels_of(picture, lenet)).abs().max()) <= 51 / 255 + 1e-2
    true = activations(lenet, pixels_of(picture, lenet))["connected-1"][0]
    layer = next(one for one in told["layers"] if one["slug"] == "connected-1")
    step = (layer["was"]["high"] - layer["was"]["low"]) / 255
    torch.testing.assert_close(unpacked(layer["was"]), true, rtol=0, atol=step / 2 + 1e-5)
    assert (told["before"]["label"], told["after"]["label"], told["fooled"]) == (8, 2, "connected-1")
    assert layer["change"] > 2 * layer["noise"]
    assert len(json.dumps(told)) < 40_000


def test_nothing_changes_at_no_strength():
    told = fooling.attacked(sample("digit-3"), epsilon=0)
    assert {layer["change"] for layer in told["layers"]} == {0.0}
    assert told["fooled"] is None


def test_of_many_the_convolutions_hold_and_the_connected_layers_fall():
    told = fooling.crowd(epsilon=51, pictures=200)
    assert told["fooled"] == sum(told["first"].values())
    assert told["known"]["connected-1"] > 0.98 > 0.9 > told["known"]["picture"]
    assert told["change"]["connected-2"] > 1.4 * told["change"]["picture"]  # the attack grows on its way,
    assert told["noise"]["connected-2"] < 0.8 * told["noise"]["picture"]  # noise is lost
