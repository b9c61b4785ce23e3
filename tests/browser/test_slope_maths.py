"""The first lesson's functions against torch's derivatives."""

import math

import pytest
import torch

PLACES = (-2.6, -1.67, -1, 0, 0.203, 1.47, 2.6)


@pytest.mark.parametrize("w", PLACES)
def test_the_curves_slope_is_torchs(maths, w):
    place = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    value = place**4 / 10 - place**2 / 2 + place / 5 + 1
    value.backward()
    assert maths("slopes.js", "curve", w) == pytest.approx(value.item())
    assert maths("slopes.js", "curveSlope", w) == pytest.approx(place.grad.item(), abs=1e-12)


def test_the_valleys_gradient_is_torchs_and_its_angle_is_right(maths):
    place = torch.tensor([3.0, 1.0], dtype=torch.float64, requires_grad=True)
    value = (place[0] ** 2 + 10 * place[1] ** 2) / 2
    value.backward()
    assert maths("slopes.js", "valley", 3, 1) == pytest.approx(value.item())
    assert maths("slopes.js", "valleyGradient", 3, 1) == pytest.approx(place.grad.tolist())
    cosine = torch.nn.functional.cosine_similarity(place.grad, place.detach(), dim=0)
    assert maths("slopes.js", "astray", 3, 1) == pytest.approx(math.degrees(math.acos(cosine)))
    for x, y in ((4, 0), (0, -2)):  # on the valley's axes the steepest way leads home
        assert maths("slopes.js", "astray", x, y) == pytest.approx(0, abs=1e-6)
