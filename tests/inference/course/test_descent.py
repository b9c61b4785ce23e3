"""The noise of a batch's gradient."""

import pytest
import torch

from inference.course import descent, small
from inference.course.shipped import floats
from tests.inference.course.test_small import ended


def test_a_gradient_is_torchs_and_the_mean_of_its_pictures():
    learnt, _held_out = small.parts(8)
    model, pixels = small.lenet({}), floats(learnt.images)
    whole = descent.gradient(model, pixels, learnt.labels)
    torch.nn.functional.cross_entropy(model(pixels), learnt.labels).backward()
    torch.testing.assert_close(whole, torch.cat([one.grad.flatten() for one in model.parameters()]))
    singles = [descent.gradient(model, pixels[[i]], learnt.labels[[i]]) for i in range(8)]
    torch.testing.assert_close(torch.stack(singles).mean(0), whole, rtol=1e-3, atol=1e-6)


def test_noise_and_angle_of_what_is_known():
    whole = torch.tensor([3.0, 4.0])
    told = descent.beside([torch.tensor([3.0, 4.0]), torch.tensor([-4.0, 3.0])], whole)
    assert told == {"noise": pytest.approx(1.0, rel=1e-3), "cosine": 0.5}  # errors of 0 and of √2 times the length


@pytest.mark.walk
def test_the_noise_falls_with_the_root_of_the_batch():
    shares, told = ended(descent.gradient_noise(draws=20))
    assert shares == sorted(shares) and shares[-1] < 1
    for one in told["sizes"]:
        assert one["noise"] == pytest.approx(one["foretold"], rel=0.25)
    noises = {one["size"]: one["noise"] for one in told["sizes"]}
    assert noises[4] / noises[64] == pytest.approx(4, rel=0.25)
    fair = next(one for one in told["sizes"] if one["size"] == 64)
    assert told["one_class"]["cosine"] < 0.7 < 0.9 < fair["cosine"]
    assert told["one_class"]["noise"] > 3 * fair["noise"]
