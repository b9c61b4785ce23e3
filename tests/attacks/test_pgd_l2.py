"""PGD in L2 against the optimum where it is known, the step's equation, other implementations, and their mistakes."""

from itertools import pairwise

import pytest
import torch
from torch import Generator

from attacks.pgd_l2 import inwards, pgd_l2
from attacks.starts import random_start_l2
from inference.networks.classifier import load
from tests.support.datasets import data_of
from tests.support.networks import Flat, Linear, bent

RADIUS = 0.6


def seeded(seed=0) -> Generator:
    return Generator().manual_seed(seed)


@pytest.fixture
def images():
    return torch.rand(12, 1, 6, 6, generator=seeded(1))


@pytest.fixture
def labels(images):
    return bent().eval()(images).argmax(1)


def lengths(change):
    return change.flatten(1).norm(dim=1)


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("scale", [1.0, 1e-9])
def test_with_two_classes_it_goes_straight_away(targeted, scale):
    """The best is radius * w / |w|, to within 1e-3 of the radius: float32 cannot tell nearer margins apart."""
    grey = torch.full((12, 1, 6, 6), 0.5)
    weight, labels = torch.randn(2, 36, generator=seeded(2)), torch.arange(12) % 2
    away = (weight[1 - labels] - weight[labels]).view_as(grey)
    best = grey + RADIUS * away / lengths(away).view(-1, 1, 1, 1)
    target = 1 - labels if targeted else None
    found = pgd_l2(
        Linear(scale * weight), grey, labels, radius=RADIUS, step_size=RADIUS, target=target, generator=seeded()
    )
    assert lengths(found - best).max() < 1e-3 * RADIUS


def test_each_step_is_as_long_as_said_and_drawn_back_into_the_ball(images, labels):
    """x' is x + size * g / |g|, drawn back into ball and box; g is of the cross-entropy, in float64."""
    network, seen, size = bent().eval(), [], 0.3
    pgd_l2(network, images, labels, radius=RADIUS, steps=6, step_size=size, generator=seeded(), watch=seen.append)
    exact = bent().eval().double()
    for before, after in pairwise(seen):
        pixels = before.images.double().requires_grad_(True)
        loss = torch.nn.functional.cross_entropy(exact(pixels), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, pixels)
        gradient = inwards(gradient, before.images)
        change = pixels.detach() + size * gradient / lengths(gradient).view(-1, 1, 1, 1) - images
        share = (RADIUS / lengths(change)).clamp(max=1).view(-1, 1, 1, 1)
        assert torch.allclose(after.images, (images + share * change).clamp(0, 1).float(), atol=1e-4)
    assert (lengths(seen[-1].images - images) <= RADIUS + 1e-6).all()


def test_starts_fill_the_ball_evenly():
    """In d dimensions the share (length / radius)^d is evenly distributed; a length drawn evenly is far too short."""
    grey = torch.full((2000, 1, 6, 6), 0.5)
    change = random_start_l2(grey, RADIUS, seeded()) - grey
    share = (lengths(change) / RADIUS) ** 36
    assert share.max() <= 1 + 1e-4 and share.mean() == pytest.approx(0.5, abs=0.03)
    assert torch.quantile(share, 0.25) == pytest.approx(0.25, abs=0.04)
    assert change.flatten(1).mean(0).norm() < 0.1 * RADIUS  # from no side more than from another


def test_a_start_outside_the_range_is_brought_into_it():
    black = torch.zeros(4, 3, 5, 3)
    start = random_start_l2(black, 2.0, [seeded(row) for row in range(4)])
    assert start.min() == 0 and start.max() > 0 and (lengths(start - black) <= 2).all()
    assert torch.equal(start[2:], random_start_l2(black[2:], 2.0, [seeded(2), seeded(3)]))


def test_without_a_gradient_the_start_stays(images):
    found = pgd_l2(Flat(3), images, torch.zeros(12, dtype=torch.int64), radius=RADIUS, generator=seeded())
    assert torch.equal(found, random_start_l2(images, RADIUS, seeded()))


def test_no_length_is_spent_on_what_the_range_takes_back():
    """On a black picture only half of the weights lead anywhere: the best goes along them alone."""
    black, weight = torch.zeros(1, 1, 6, 6), torch.randn(2, 36, generator=seeded(2))
    rising = (weight[1] - weight[0]).clamp(min=0).view_as(black)
    found = pgd_l2(Linear(weight), black, torch.tensor([0]), radius=RADIUS, step_size=RADIUS, generator=seeded())
    assert lengths(found - RADIUS * rising / rising.norm()) < 1e-3 * RADIUS
    assert inwards(torch.tensor([-1.0, 1.0, -1.0, 1.0]), torch.tensor([0.0, 0.0, 1.0, 0.5])).tolist() == [0, 1, -1, 1]


def test_each_picture_has_its_own_radius(images, labels):
    radius = torch.linspace(0.1, 1.2, 12).view(-1, 1, 1, 1)
    for until_fooled in (False, True):
        found = pgd_l2(bent(), images, labels, radius=radius, restarts=2, until_fooled=until_fooled, generator=seeded())
        assert (lengths(found - images) <= radius.flatten() + 1e-6).all()
        assert until_fooled or (lengths(found - images)[-1] > 0.6)


def test_later_starts_are_for_those_that_hold(images, labels):
    network, seen = bent().eval(), []
    found = pgd_l2(
        network, images, labels, radius=RADIUS, steps=4, restarts=3, until_fooled=True, generator=seeded(),
        watch=seen.append,
    )  # fmt: skip
    fooled = network(found).argmax(1) != labels
    first = torch.cat([one.rows[one.logits.argmax(1) != labels[one.rows]] for one in seen if one.start == 0])
    later = torch.cat([one.rows for one in seen if one.start > 0])
    assert 0 < len(first) < 12 and not set(first.tolist()) & set(later.tolist()) and fooled[first].all()


@pytest.mark.parametrize("numbers", [{"steps": 0}, {"restarts": 0}])
def test_without_a_step_or_a_start_there_is_no_attack(images, labels, numbers):
    with pytest.raises(ValueError, match="at least one step and one start"):
        pgd_l2(bent(), images, labels, radius=RADIUS, **numbers)


@pytest.mark.walk
@pytest.mark.parametrize(("slug", "radius"), [("digits", 1.2), ("digits-hardened", 3.0)])
def test_it_is_at_least_as_strong_as_torchattacks_on_our_own_classifiers(slug, radius, torchattacks):
    classifier, test = load(slug, "cpu"), data_of("mnist").test[:100]
    pixels, labels = test.images.float() / 255, test.labels
    with torch.random.fork_rng():
        torch.manual_seed(0)
        peer = torchattacks.PGDL2(classifier, eps=radius, alpha=radius / 8, steps=20)
        theirs = classifier(peer(pixels, labels)).argmax(1) != labels
    found = pgd_l2(classifier, pixels, labels, radius=radius, generator=seeded())
    ours = classifier(found).argmax(1) != labels
    assert ours.sum() >= theirs.sum() - 2  # two pictures: other random starts
    assert 5 < ours.sum() < 95
