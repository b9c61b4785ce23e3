"""The slope by a pixel: numbers of one picture, of many, and of a linear model in closed form."""

import numpy as np
import pytest
import torch

from attacks.fgsm import gradient_sign
from inference.course import noise
from inference.course.packed import unpacked
from inference.course.shipped import digits, network, pixels_of, sample

EIGHT = sample("digit-8")


@pytest.fixture(scope="module")
def told():
    return noise.pixels(EIGHT, epsilon=25, row=9, column=12)


def test_a_pixels_numbers_follow_from_each_other(told):
    pixel = told["pixel"]
    assert pixel["step"] == 25 * pixel["sign"] and pixel["sum"] == pixel["level"] + pixel["step"]
    assert pixel["result"] == min(255, max(0, pixel["sum"]))
    assert np.sign(pixel["slope"]) == pixel["sign"]


def test_the_whole_picture_is_fgsms(told):
    lenet = network("digits")
    before = pixels_of(EIGHT, lenet)
    signs = gradient_sign(lenet, before, None).sign
    made = (before * 255 + 25 * signs).round().clamp(0, 255)[0, 0]
    assert torch.equal(unpacked(told["maps"]["attacked"]).round(), made)
    assert torch.equal(torch.tensor(told["slopes"]).sign(), signs[0, 0])


def test_for_tiny_steps_the_answer_moves_as_foretold():
    """The log odds are nearly linear over one level, but for what is clamped."""
    tiny = noise.pixels(EIGHT, epsilon=1)
    assert tiny["rise"] == pytest.approx(tiny["clamped"], rel=0.1)
    assert tiny["clamped"] < tiny["foretold"]


def test_noise_of_the_same_size_does_next_to_nothing(told):
    assert told["said"]["attacked"]["label"] != 8 == told["said"]["noise"]["label"]
    assert told["draws"]["of"] == 20 and told["draws"]["changed"] <= 2
    grain = unpacked(told["maps"]["noise"]).round() - unpacked(noise.pixels(EIGHT, epsilon=0)["maps"]["noise"]).round()
    assert grain.abs().max() == 25
    many = noise.crowd(epsilon=51, pictures=200)
    assert many["clean"]["right"] - many["noise"]["right"] <= 4
    assert many["attacked"]["right"] < 120
    assert many["attacked"]["interval"][0] < many["attacked"]["accuracy"] < many["attacked"]["interval"][1]


def test_a_linear_models_answer_moves_by_epsilon_times_the_sum_of_its_weights():
    """Closed form against the model itself, moved along its signs."""
    pixels = noise.averaged(digits().training[:500], 7)
    weights, bias = noise.regression(pixels, digits().training.labels[:500], steps=50, seed=0)
    difference = weights[3] - weights[5]
    one = pixels[0]

    def lead(x):
        scores = x @ weights.T + bias
        return float(scores[3] - scores[5])

    assert lead(one - 0.1 * difference.sign()) - lead(one) == pytest.approx(
        -0.1 * float(difference.abs().sum()), rel=1e-4
    )


def test_it_grows_with_the_pixels_and_noise_does_not():
    small, middle, large = (noise.linear(side=side, steps=200) for side in (7, 14, 28))
    for told in (small, middle, large):
        assert 1 < told["ratio"] <= told["pixels"] ** 0.5
        assert told["attacked"] <= told["clean"]
    assert 1.4 < middle["worst"] / small["worst"] < 2.6 and 1.4 < large["worst"] / middle["worst"] < 2.6
    assert 0.7 < large["random"] / small["random"] < 1.4


def test_the_shares_are_those_of_attacked_pictures():
    """No corner of the box around a picture is worse than the one that the closed form takes."""
    told = noise.linear(side=7, epsilon=3, steps=100)
    pixels, labels = noise.averaged(digits().test[:2000], 7), digits().test.labels[:2000]
    learnt = noise.averaged(digits().training[:10_000], 7), digits().training.labels[:10_000]
    weights, bias = noise.regression(*learnt, steps=100, seed=0)
    right = torch.ones(2000, dtype=torch.bool)
    for rival in range(10):
        moved = pixels - 3 / 255 * (weights[labels] - weights[rival]).sign()
        scores = moved @ weights.T + bias
        right &= (labels == rival) | (scores.gather(1, labels[:, None])[:, 0] > scores[:, rival])
    assert told["attacked"] == pytest.approx(right.double().mean().item(), abs=2e-3)
    assert 0.2 < told["attacked"] < told["clean"]
