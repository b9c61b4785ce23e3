"""Verdicts by the quicker copy of the network: what the network itself says, alone and side by side."""

import copy
import threading

import numpy as np
import pytest
import torch
from torch import nn

from inference.networks import fuse
from inference.networks import quick as module
from inference.networks.quick import as_onnx, quick

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
    assert np.abs(alone - expected).max() < CLOSE and np.array_equal(together, alone)
    assert expected.std(axis=0).max() > 0.01  # they do not all say the same


def test_it_takes_no_gradient_away(classifier, cat):
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
    lower = {nn.ReLU6: lambda _layer: ("Clip", {}, [torch.tensor(0.0), torch.tensor(1.0)])}
    monkeypatch.setattr(module, "WRITTEN", {**module.WRITTEN, **lower})
    assert quick(classifier.network, probe) is None


class Odd(nn.Module):
    """Goes its own way by what it is given."""

    def forward(self, pixels):
        return pixels if pixels.sum() > 0 else -pixels


class Doubled(nn.Module):
    def forward(self, pixels):
        return pixels + pixels


@pytest.mark.parametrize(
    "layer",
    [
        nn.Tanh(),
        nn.Conv2d(1, 4, 3, padding="same"),
        nn.Conv2d(1, 4, 3, padding=1, padding_mode="reflect"),
        nn.AdaptiveAvgPool2d(2),
        Odd(),
        Doubled(),
    ],
)
def test_what_is_not_written_as_onnx_keeps_its_own_verdicts(layer):
    network = nn.Sequential(layer, nn.Flatten(), nn.LazyLinear(3)).eval()
    pixels = torch.rand(1, 1, 8, 8)
    before = network(pixels)
    assert as_onnx(network) is None and quick(network, pixels) is None
    assert torch.equal(network(pixels), before)


def test_each_layer_that_is_written_says_the_same():
    turned = fuse.HalfTurned(nn.Conv2d(2, 4, 3, stride=2, padding=1, dilation=1, groups=2))
    network = nn.Sequential(
        turned, nn.ReLU6(), Twice(nn.Conv2d(4, 4, 3, padding=2, dilation=2)), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(4, 3, bias=False),
    ).eval()  # fmt: skip
    pictures = 9 * torch.randn(5, 2, 9, 12, generator=torch.Generator().manual_seed(0))
    made = module.Quick(as_onnx(network))
    assert torch.allclose(made(pictures), network(pictures), atol=1e-4)


class Twice(nn.Module):
    """Its layer beside what it is given."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, pixels):
        return self.layer(pixels) + pixels


def test_while_a_network_is_looked_through_other_threads_compute():
    other, found = nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), []

    class Looked(nn.Module):
        """Somebody else asks for another network in the middle of it."""

        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 2)

        def forward(self, pictures):
            asking = threading.Thread(target=lambda: found.append(other(torch.ones(1, 2, 2))))
            asking.start()
            asking.join()
            return self.layer(pictures)

    as_onnx(Looked())
    assert torch.equal(found[0], other(torch.ones(1, 2, 2)))
