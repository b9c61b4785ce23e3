"""Verdicts by the quicker copy of the network: what the network itself says, alone and side by side."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from inference.networks import quick as module
from inference.networks.quick import quick

CLOSE = 1e-5


@pytest.fixture
def pictures(cat):
    """Nine windows of a photograph."""
    return np.stack([cat[5 * n : 5 * n + 250, 8 * n : 8 * n + 250] for n in range(9)])


def plain(classifier, pictures):
    """As the network says it."""
    with torch.inference_mode():
        return classifier(classifier.to_pixels(pictures)).softmax(dim=1).numpy()


def test_alone_and_together_it_says_what_the_network_says(classifier, pictures):
    assert classifier._quick.network, "there is no quicker copy here"
    together = classifier.probabilities(pictures)
    alone = np.concatenate([classifier.probabilities(one[None]) for one in pictures])
    expected = plain(classifier, pictures)
    assert np.abs(together - expected).max() < CLOSE and np.abs(alone - expected).max() < CLOSE
    assert expected.std(axis=0).max() > 0.01  # they do not all say the same


def test_it_is_no_part_of_the_network_and_takes_no_gradient_away(classifier, cat):
    assert not any(isinstance(part, module._Convolution) for part in classifier.modules())
    images = classifier.to_pixels(cat[None]).requires_grad_(True)
    (gradient,) = torch.autograd.grad(classifier(images).sum(), images)
    assert gradient.abs().sum() > 0


def test_a_copy_whose_weights_are_changed_says_so_in_its_verdicts(classifier, pictures):
    other = copy.deepcopy(classifier)
    with torch.no_grad():
        for parameter in other.network.parameters():
            parameter.mul_(0.9)
    assert np.abs(other.probabilities(pictures) - plain(other, pictures)).max() < CLOSE
    assert np.abs(other.probabilities(pictures) - classifier.probabilities(pictures)).max() > 0.01


def test_one_that_says_something_else_is_not_taken(classifier, monkeypatch):
    probe = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    assert quick(classifier.network, probe) is not None
    monkeypatch.setattr(module, "CAP", (0.0, 1.0))
    assert quick(classifier.network, probe) is None


def test_a_network_without_caps_keeps_its_own_verdicts():
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 3)).eval()
    before = copy.deepcopy(network.state_dict())
    assert quick(network, torch.rand(1, 1, 8, 8)) is None
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
