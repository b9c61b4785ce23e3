"""The parabola's descent in the browser, held against torch's own SGD on the same loss."""

import itertools

import pytest
import torch


@pytest.mark.parametrize(("rate", "momentum"), [(0.1, 0), (0.25, 0), (0.49, 0), (0.51, 0), (0.01, 0.9), (0.01, 0.99)])
def test_each_step_is_torchs(maths, rate, momentum):
    places = maths("parabola.js", "descend", 2, {"rate": rate, "momentum": momentum, "curvature": 4, "steps": 40})
    x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([x], lr=rate, momentum=momentum)
    expected = [2.0]
    for _step in range(40):
        optimiser.zero_grad()
        (4 * x**2 / 2).backward()
        optimiser.step()
        expected.append(x.item())
    assert places == pytest.approx(expected, rel=1e-9, abs=1e-12)
    crossed = sum(a * b < 0 for a, b in itertools.pairwise(expected))
    assert maths("parabola.js", "crossings", places) == crossed


@pytest.mark.parametrize(("momentum", "curvature"), [(0, 4), (0.9, 4), (0.5, 1)])
def test_beyond_the_edge_it_gets_further_away_and_before_it_nearer(maths, momentum, curvature):
    edge = maths("parabola.js", "edge", curvature, momentum)
    way = {"momentum": momentum, "curvature": curvature, "steps": 2000}
    near, far = (abs(maths("parabola.js", "descend", 2, {**way, "rate": edge * by})[-1]) for by in (0.99, 1.01))
    assert near < 0.1 < 100 < far
