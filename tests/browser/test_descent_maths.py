"""The course's descent on a line's two weights against torch's, its batches, and what the lesson says of them."""

import math

import numpy as np
import pytest
import torch

CLOUD = {"count": 48, "tilt": 0.8, "height": 0.3, "noise": 0.5, "seed": 7}  # as static/js/learn/parts/descending.js
START, RATE = [-2.4, -1.4], 0.25


@pytest.fixture
def cloud(maths):
    return maths("descent.js", "points", CLOUD)


def lost(weights, chosen):
    x, y = (torch.tensor([point[name] for point in chosen], dtype=torch.float64) for name in "xy")
    return ((weights[1] + weights[0] * x - y) ** 2).mean() / 2


def test_each_step_is_torchs(maths, cloud):
    looked = maths("descent.js", "batches", cloud, {"size": 5, "steps": 30, "seed": 3})
    weights = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimiser, expected = torch.optim.SGD([weights], lr=RATE), [START]
    for batch in looked:
        optimiser.zero_grad()
        loss = lost(weights, batch)
        loss.backward()
        here = weights.tolist()
        assert maths("descent.js", "loss", here, batch) == pytest.approx(loss.item())
        assert maths("descent.js", "gradient", here, batch) == pytest.approx(weights.grad.tolist(), abs=1e-12)
        optimiser.step()
        expected.append(weights.tolist())
    assert np.allclose(maths("descent.js", "descend", START, RATE, looked), expected)


@pytest.mark.parametrize(("size", "lengths"), [(1, [1] * 48), (16, [16] * 3), (20, [20, 20, 8]), (48, [48])])
def test_an_epoch_has_every_point_once_and_the_mean_of_its_batches_is_exact(maths, cloud, size, lengths):
    steps = len(lengths)
    twice = maths("descent.js", "batches", cloud, {"size": size, "steps": 2 * steps, "seed": 1})
    epochs = twice[:steps], twice[steps:]
    for epoch in epochs:
        assert [len(batch) for batch in epoch] == lengths
        assert sorted(point["x"] for batch in epoch for point in batch) == sorted(point["x"] for point in cloud)
    assert size == 48 or epochs[0] != epochs[1]
    slopes = [maths("descent.js", "gradient", START, batch) for batch in epochs[0]]
    exact = maths("descent.js", "gradient", START, cloud)
    assert np.average(slopes, axis=0, weights=lengths) == pytest.approx(exact)


def test_the_lowest_place_is_numpys_and_a_contour_lies_as_high_as_it_says(maths, cloud):
    lowest = maths("descent.js", "lowest", cloud)
    x, y = (np.array([point[name] for point in cloud]) for name in "xy")
    assert lowest == pytest.approx(np.polyfit(x, y, 1))
    corners = maths("descent.js", "contour", cloud, 0.7)
    least = float(lost(torch.tensor(lowest, dtype=torch.float64), cloud))
    assert [float(lost(torch.tensor(one, dtype=torch.float64), cloud)) - least for one in corners] == pytest.approx(
        [0.7] * len(corners)
    )


def test_angles(maths):
    assert maths("descent.js", "angle", [1, 0], [0, 2]) == 90
    assert maths("descent.js", "angle", [1, 1], [-3, -3]) == 180
    assert maths("descent.js", "angle", [1, 1], [2, 0]) == pytest.approx(45)
    assert maths("descent.js", "angle", [0, 0], [2, 0]) == 0


def test_every_order_is_as_likely(maths, cloud):
    """Of three points, six orders."""
    drawn = maths("descent.js", "batches", cloud[:3], {"size": 3, "steps": 6000, "seed": 5})
    orders = [tuple(point["x"] for point in batch) for batch in drawn]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == math.factorial(3) and max(abs(count - 1000) for count in counts) < 120
