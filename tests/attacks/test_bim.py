"""BIM against the optimum where it is known, the paper's equation, another implementation, and others' mistakes."""

from itertools import pairwise

import pytest
import torch
from torch import Generator

from attacks import run
from attacks.bim import bim
from inference.networks.classifier import load
from tests.support.datasets import data_of
from tests.support.networks import Linear, bent

EPSILON = 0.1


@pytest.fixture
def images():
    return torch.rand(12, 1, 6, 6, generator=Generator().manual_seed(1))


@pytest.fixture
def labels(images):
    return bent().eval()(images).argmax(1)


@pytest.mark.parametrize("targeted", [False, True])
def test_with_two_classes_it_reaches_the_best_corner_of_ball_and_box(images, targeted):
    weight, labels = torch.randn(2, 36, generator=Generator().manual_seed(2)), torch.arange(12) % 2
    away = (weight[1 - labels] - weight[labels]).sign().view_as(images)
    best = (images + EPSILON * away).clamp(0, 1)
    target = 1 - labels if targeted else None
    assert (bim(Linear(weight), images, labels, epsilon=EPSILON, target=target) - best).abs().max() < 1e-6


@pytest.mark.parametrize("targeted", [False, True])
def test_each_step_is_the_other_implementations(images, labels, targeted, torchattacks):
    network, target = bent().eval(), (labels + 1) % 5
    seen = []
    more = {"target": target} if targeted else {}
    bim(network, images, labels, epsilon=EPSILON, steps=6, step_size=0.03, watch=seen.append, **more)
    for steps in range(1, 7):
        peer = torchattacks.BIM(network, eps=EPSILON, alpha=0.03, steps=steps)
        if targeted:
            peer.set_mode_targeted_by_label(quiet=True)
        assert torch.allclose(seen[steps].images, peer(images, target if targeted else labels), atol=1e-6)
    assert torch.equal(seen[0].images, images)


def test_the_watched_loss_is_the_papers(images, labels):
    network, seen = bent().eval(), []
    bim(network, images, labels, epsilon=EPSILON, steps=2, watch=seen.append)
    for one in seen:
        expected = -network(one.images).softmax(1).gather(1, labels[one.rows, None])[:, 0].log()
        assert torch.allclose(one.loss, expected, atol=1e-5)


@pytest.mark.parametrize("steps", [1, 2, 3, 10])
def test_no_step_is_longer_than_the_budget(images, labels, steps):
    """With a fixed step of 2/255 a budget of 1/255 is overshot and every step is the same corner."""
    seen = []
    bim(bent().eval(), images, labels, epsilon=1 / 255, steps=steps, watch=seen.append)
    change = (seen[1].images - images).abs().max()
    assert change == pytest.approx(min(1, 2.5 / steps) / 255, abs=1e-6)


def test_a_step_in_levels_is_one_for_all_pictures(images, labels):
    made = run("bim", bent(), images, labels, {"epsilon": 26, "steps": 3, "step_size": 1})
    assert (made.adversarial - images).abs().max() <= 3 / 255 + 1e-6
    assert (made.forwards, made.gradients) == (48, 36)


def test_a_picture_that_fools_takes_no_further_step(images, labels):
    network, seen = bent().eval(), []
    whole = bim(network, images, labels, epsilon=EPSILON)
    found = bim(network, images, labels, epsilon=EPSILON, until_fooled=True, watch=seen.append)
    fooled = network(found).argmax(1) != labels
    assert torch.equal(fooled, network(whole).argmax(1) != labels) and 0 < fooled.sum() < 12
    for before, after in pairwise(seen):
        still = before.logits.argmax(1) == labels[before.rows]
        assert torch.equal(before.rows[still], after.rows) and len(after.rows)


def test_without_a_step_there_is_no_attack(images, labels):
    with pytest.raises(ValueError, match="at least one step"):
        bim(bent(), images, labels, epsilon=EPSILON, steps=0)


@pytest.mark.walk
@pytest.mark.parametrize(("slug", "levels"), [("digits", 25), ("digits-hardened", 90)])
def test_it_is_at_least_as_strong_as_torchattacks_on_our_own_classifiers(slug, levels, torchattacks):
    classifier, test, strength = load(slug, "cpu"), data_of("mnist").test[:100], levels / 255
    pixels, labels = test.images.float() / 255, test.labels
    peer = torchattacks.BIM(classifier, eps=strength, alpha=strength / 4, steps=10)
    theirs = classifier(peer(pixels, labels)).argmax(1) != labels
    ours = classifier(bim(classifier, pixels, labels, epsilon=strength)).argmax(1) != labels
    assert ours.sum() >= theirs.sum()
    assert 5 < ours.sum() < 95


def test_at_a_large_strength_it_fools_every_picture_of_a_plain_network():
    """Where it left a quarter (a step that did not grow with the budget), the attack was at fault, not the network."""
    classifier, test = load("digits", "cpu"), data_of("mnist").test[:100]
    pixels, labels = test.images.float() / 255, test.labels
    found = bim(classifier, pixels, labels, epsilon=77 / 255, until_fooled=True)
    assert (classifier(found).argmax(1) != labels).all()
