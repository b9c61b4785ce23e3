"""The mathematics of the lesson against overfitting, against numpy's and torch's, and what the lesson says of it."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import avg_pool2d, max_pool2d

from inference.course.overfitting import convolutions
from inference.networks.build import parameters
from webapp.learn.lessons.overfitting import LESSON

[STAFF] = (part.settings["values"] for part in LESSON.widgets() if part.slug == "absent")


@pytest.mark.parametrize("p", [0, 0.25, 0.5, 0.9])
def test_over_all_ways_to_be_absent_nothing_is_lost_on_average_if_it_is_scaled(maths, p):
    """Exactly, by summing over every subset, each by its probability."""
    values = STAFF[:7]
    told: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for present in itertools.product([True, False], repeat=len(values)):
        chance = (1 - p) ** sum(present) * p ** (len(values) - sum(present))
        for scaled, answers in told.items():
            answers.append((chance, maths("dropout.js", "left", values, present, p, scaled)))
    for scaled, answers in told.items():
        mean = sum(chance * answer for chance, answer in answers)
        variance = sum(chance * (answer - mean) ** 2 for chance, answer in answers)
        assert mean == pytest.approx(sum(values) * (1 if scaled else 1 - p))
        spread = maths("dropout.js", "spread", values, p, scaled)
        assert spread == pytest.approx(math.sqrt(variance), abs=1e-9)


def test_draws_are_even_and_none_depends_on_how_many_there_are(maths):
    drawn = np.array(maths("dropout.js", "draws", 4000, 12, 0.3, 5))
    assert drawn.mean(axis=0) == pytest.approx(np.full(12, 0.7), abs=0.03)
    assert np.abs(np.corrcoef(drawn.T) - np.eye(12)).max() < 0.06
    assert maths("dropout.js", "draws", 3, 12, 0.3, 5) == drawn[:3].tolist()
    fewer = np.array(maths("dropout.js", "draws", 4000, 12, 0.6, 5))
    assert not (fewer & ~drawn).any()


def test_torch_drops_out_likewise(maths):
    """What is left is divided by 1 − p while learning, and nothing is done when judging."""
    layer, values = nn.Dropout(0.25), torch.tensor(STAFF, dtype=torch.float64)
    torch.manual_seed(0)
    for _ in range(3):
        dropped = layer(values)
        present = (dropped != 0).tolist()
        assert maths("dropout.js", "left", STAFF, present, 0.25, True) == pytest.approx(dropped.sum().item())
    assert torch.equal(layer.eval()(values), values)


@pytest.mark.parametrize(("how", "torchs"), [("max", max_pool2d), ("average", avg_pool2d)])
def test_pooling_is_torchs(maths, how, torchs):
    grid = np.random.default_rng(2).integers(0, 9, (8, 6)).astype(float)
    expected = torchs(torch.tensor(grid)[None], 2)[0]
    assert maths("pooling.js", "pooled", grid.tolist(), how) == pytest.approx(expected.numpy())


@pytest.mark.parametrize(("across", "down"), [(0, 0), (1, 0), (-2, 1), (0, -3), (9, 0)])
def test_a_map_is_moved_and_zeros_come_in(maths, across, down):
    grid = np.arange(1, 49).reshape(6, 8)
    expected = np.zeros_like(grid)
    for row, column in itertools.product(range(6), range(8)):
        if 0 <= row - down < 6 and 0 <= column - across < 8:
            expected[row, column] = grid[row - down, column - across]
    found = maths("pooling.js", "moved", grid.tolist(), across, down)
    assert found == expected.tolist()
    assert maths("pooling.js", "changed", grid.tolist(), found) == int((grid != expected).sum())


def test_convolutions_cost_what_the_course_computes_and_torch_counts(maths):
    for before, after, side in ((16, 16, 10), (6, 16, 14), (256, 256, 14)):
        for cost in convolutions(before=before, after=after, side=side)["costs"]:
            found = maths("kernels.js", "convolution", cost["kernel"], before, after, side)
            assert found == {name: cost[name] for name in ("parameters", "multiplications")}
            assert found["parameters"] == parameters(nn.Conv2d(before, after, cost["kernel"]))
    found = maths("kernels.js", "squeezed", 3, 256, 128, 64, 7)
    three = nn.Sequential(nn.Conv2d(256, 64, 1), nn.Conv2d(64, 64, 3), nn.Conv2d(64, 128, 1))
    assert found["parameters"] == parameters(three)
    assert found["multiplications"] == sum(layer.weight.numel() for layer in three.children()) * 49
