"""Softmax and cross-entropy of the course against torch's, in the precision that each claims."""

import math

import pytest
import torch
from torch.nn.functional import cross_entropy

SCORES = [
    [-3, 1, 2, 3, -2, 0, -4, 1.5, 0.5, -1],
    [1001, 1002, 1003],
    [-80.5, 0, 80.5],
    [0.1] * 10,
    [-1e4, 1e4],
]


@pytest.mark.parametrize("temperature", [0.1, 1, 10])
@pytest.mark.parametrize("scores", SCORES, ids=str)
def test_the_shares_are_torchs_in_single_precision(maths, scores, temperature):
    found = maths("softmax.js", "softmax", scores, {"temperature": temperature})
    expected = torch.softmax(torch.tensor(scores, dtype=torch.float32) / temperature, 0)
    assert found["probabilities"] == pytest.approx(expected.tolist(), rel=3e-6, abs=1e-38)
    assert sum(found["probabilities"]) == pytest.approx(1, abs=1e-6)


def test_without_subtracting_the_largest_it_overflows_where_single_precision_does(maths):
    for scores in ([88.7, 0], [88.8, 0], [1001, 1002, 1003], [1.0, 2.0]):
        found = maths("softmax.js", "softmax", scores, {"shifted": False})
        exponentials = torch.tensor(scores, dtype=torch.float32).exp()
        expected = exponentials / exponentials.sum()
        assert found["total"] == pytest.approx(float(exponentials.sum()), rel=1e-6)
        assert found["probabilities"] == pytest.approx(expected.tolist(), rel=1e-6, nan_ok=True)
    assert math.isnan(maths("softmax.js", "softmax", [1000], {"shifted": False})["probabilities"][0])


@pytest.mark.parametrize("scores", SCORES, ids=str)
def test_cross_entropy_is_torchs(maths, scores):
    for truth in range(len(scores)):
        expected = cross_entropy(torch.tensor([scores], dtype=torch.float64), torch.tensor([truth]))
        assert maths("softmax.js", "crossEntropy", scores, truth) == pytest.approx(
            float(expected), rel=1e-12, abs=1e-15
        )


def test_the_first_of_several_largest_leads(maths):
    assert maths("softmax.js", "argmax", [1, 3, 3, -1]) == 1
