"""MI-FGSM against a known optimum, the paper's equations, another implementation, and others' mistakes."""

import pytest
import torch
from torch import Generator, nn

from attacks.bim import bim
from attacks.mi_fgsm import mi_fgsm
from inference.networks.classifier import load
from tests.support.datasets import data_of
from tests.support.networks import Flat, Linear, bent

EPSILON = 0.1


@pytest.fixture
def images():
    return torch.rand(12, 1, 6, 6, generator=Generator().manual_seed(1))


@pytest.fixture
def labels(images):
    return bent().eval()(images).argmax(1)


@pytest.mark.parametrize("targeted", [False, True])
def test_with_two_classes_its_steps_add_up_to_the_best_corner(images, targeted):
    weight, labels = torch.randn(2, 36, generator=Generator().manual_seed(2)), torch.arange(12) % 2
    away = (weight[1 - labels] - weight[labels]).sign().view_as(images)
    best = (images + EPSILON * away).clamp(0, 1)
    target = 1 - labels if targeted else None
    assert (mi_fgsm(Linear(weight), images, labels, epsilon=EPSILON, target=target) - best).abs().max() < 1e-6


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("decay", [1.0, 0.5])
def test_each_step_is_the_other_implementations(images, labels, targeted, decay, torchattacks):
    network, target, seen = bent().eval(), (labels + 1) % 5, []
    more = {"target": target} if targeted else {}
    mi_fgsm(network, images, labels, epsilon=EPSILON, steps=6, step_size=0.03, decay=decay, watch=seen.append, **more)
    for steps in range(1, 7):
        peer = torchattacks.MIFGSM(network, eps=EPSILON, alpha=0.03, steps=steps, decay=decay)
        if targeted:
            peer.set_mode_targeted_by_label(quiet=True)
        assert torch.allclose(seen[steps].images, peer(images, target if targeted else labels), atol=1e-6)


def test_without_momentum_it_is_bim_with_the_same_steps(images, labels):
    network = bent().eval()
    plain = bim(network, images, labels, epsilon=EPSILON, step_size=EPSILON / 10)
    assert torch.equal(mi_fgsm(network, images, labels, epsilon=EPSILON, decay=0.0), plain)
    assert not torch.equal(mi_fgsm(network, images, labels, epsilon=EPSILON), plain)


class Scaled(nn.Module):
    """Another network's logits, for the first picture of the batch many times as large, and its gradient with them."""

    def __init__(self, network, factor):
        super().__init__()
        self.network, self.factor = network, factor

    def forward(self, pixels):
        return self.network(pixels) * torch.tensor([self.factor] + [1.0] * (len(pixels) - 1))[:, None]


def test_each_picture_is_divided_by_its_own_gradients_length(images, labels):
    """Over the whole batch, one picture's large gradient would be the only one that counts."""
    network = bent().eval()
    alone = mi_fgsm(network, images[1:], labels[1:], epsilon=EPSILON)
    beside = mi_fgsm(Scaled(network, 1e6), images, labels, epsilon=EPSILON)[1:]
    assert torch.allclose(alone, beside, atol=1e-6)


def test_a_gradient_of_zero_leaves_numbers_and_the_picture(images):
    labels = torch.zeros(12, dtype=torch.int64)
    assert torch.equal(mi_fgsm(Flat(3), images, labels, epsilon=EPSILON), images)


class Cliff(nn.Module):
    """A slope for pictures as they are, none a step further."""

    def forward(self, pixels):
        height = pixels.flatten(1)[:, :1]
        return torch.cat([0 * height, torch.where(height < 0.505, height, height.detach()) - 2], dim=1)


def test_where_the_gradient_ends_the_momentum_goes_on():
    grey, labels = torch.full((1, 1, 2, 2), 0.5), torch.tensor([0])
    found = mi_fgsm(Cliff(), grey, labels, epsilon=EPSILON)
    assert (found - grey).flatten()[0] == pytest.approx(EPSILON, abs=1e-6)
    assert (bim(Cliff(), grey, labels, epsilon=EPSILON, step_size=0.01) - grey).abs().max() < 0.02


def test_without_a_step_there_is_no_attack(images, labels):
    with pytest.raises(ValueError, match="at least one step"):
        mi_fgsm(bent(), images, labels, epsilon=EPSILON, steps=0)


@pytest.mark.walk
@pytest.mark.parametrize(("slug", "levels"), [("digits", 25), ("digits-hardened", 90)])
def test_it_is_at_least_as_strong_as_torchattacks_on_our_own_classifiers(slug, levels, torchattacks):
    classifier, test, strength = load(slug, "cpu"), data_of("mnist").test[:100], levels / 255
    pixels, labels = test.images.float() / 255, test.labels
    peer = torchattacks.MIFGSM(classifier, eps=strength, alpha=strength / 10, steps=10)
    theirs = classifier(peer(pixels, labels)).argmax(1) != labels
    ours = classifier(mi_fgsm(classifier, pixels, labels, epsilon=strength)).argmax(1) != labels
    assert ours.sum() >= theirs.sum()
    assert 5 < ours.sum() < 95
