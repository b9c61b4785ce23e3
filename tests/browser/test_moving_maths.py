"""A changed digit and its values, in the browser, against what a training and a network do to it."""

import itertools
import json

import numpy as np
import pytest
import torch

from inference.catalog.datasets import MNIST
from inference.course.shipped import floats, sample
from inference.data.augmentation import warped
from inference.networks.normalise import Normalise
from webapp.learn.lessons.pictures import WAYS

STILL = {"right": 0, "down": 0, "angle": 0, "scale": 0, "mirror": False}
CHANGES = [
    {"right": 3, "down": -5},
    {"angle": 15},
    {"scale": -20},
    {"mirror": True},
    {"right": -2, "down": 1, "angle": -33, "scale": 35, "mirror": True},
    {"right": 8, "angle": 45, "scale": 50},
]
change = pytest.mark.parametrize("change", CHANGES, ids=json.dumps)


@pytest.fixture(scope="module")
def digit():
    return sample("digit-4")[..., 0]


@change
def test_a_changed_digit_is_what_a_trainings_map_makes_of_it(maths, digit, change):
    told = maths("moving.js", "mapOf", STILL | change)
    pixels = floats(torch.from_numpy(digit.copy()))[None, None]
    expected = warped(pixels, torch.tensor([told], dtype=torch.float32))[0, 0].mul(255)
    found = np.array(maths("moving.js", "moved", digit.flatten().tolist(), STILL | change)).reshape(28, 28)
    assert np.abs(found - expected.numpy()).max() < 0.51  # whole levels, and 32 bits


@change
def test_the_map_leads_back_through_mirror_turn_scale_and_shift(maths, change):
    how = STILL | change
    turn = np.radians(how["angle"])
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * (1 + how["scale"] / 100)
    matrix = matrix @ np.diag([-1 if how["mirror"] else 1, 1])
    forth = np.vstack([np.column_stack([matrix, [how["right"] / 14, how["down"] / 14]]), [0, 0, 1]])
    assert np.allclose(np.linalg.inv(forth)[:2], maths("moving.js", "mapOf", how))


def test_what_is_easy_to_say_is_so(maths, digit):
    def moved(**how):
        return np.array(maths("moving.js", "moved", digit.flatten().tolist(), STILL | how)).reshape(28, 28)

    assert (moved() == digit).all()
    assert (moved(mirror=True) == digit[:, ::-1]).all()
    assert (moved(angle=90) == np.rot90(digit, -1)).all()
    assert (moved(right=2, down=1)[1:, 2:] == digit[:-1, :-2]).all() and not moved(right=2)[:, :2].any()


@pytest.mark.parametrize("way", WAYS)
def test_values_are_normalised_and_measured_as_python_does(maths, digit, way):
    levels = digit.flatten().tolist()
    normalise = Normalise([WAYS[way]["mean"]], [WAYS[way]["deviation"]])
    expected = normalise(floats(torch.tensor(levels))).double().numpy()
    found = maths("moving.js", "normalised", levels, WAYS[way])
    assert np.allclose(found, expected, atol=1e-5)
    measured = {"mean": expected.mean(), "deviation": expected.std(), "low": expected.min(), "high": expected.max()}
    assert maths("moving.js", "measured", found) == pytest.approx(measured, abs=1e-5)
    assert (MNIST.mean[0], MNIST.std[0]) == tuple(WAYS["standard"].values())


def test_levels_are_counted_and_pictures_lie_apart_as_numpy_says(maths, digit):
    levels = digit.flatten().tolist()
    assert maths("moving.js", "histogram", levels, 32, 0, 255) == np.histogram(levels, 32, (0, 255))[0].tolist()
    pictures = [sample(f"digit-{place}").astype(float).flatten() for place in (4, 7, 9)]
    for one, other in itertools.combinations(pictures, 2):
        expected = np.sqrt(((one - other) ** 2).mean())
        assert maths("moving.js", "apart", one.tolist(), other.tolist()) == pytest.approx(expected)
