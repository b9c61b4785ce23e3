"""DDN against the distance to the boundary where it is known, and its promises."""

from itertools import pairwise

import pytest
import torch
from torch import Generator

from attacks.ddn import ddn
from attacks.deepfool import deepfool
from attacks.nearest import lengths
from inference.networks.classifier import load
from tests.support.datasets import data_of
from tests.support.networks import Flat, bent, boundary_distances, central


@pytest.fixture
def images():
    return torch.rand(12, 1, 6, 6, generator=Generator().manual_seed(3))


@pytest.mark.parametrize(("classes", "targeted"), [(2, False), (5, False), (2, True)])
def test_on_a_linear_network_it_comes_within_three_percent_of_the_nearest_boundary(classes, targeted):
    """From outside: its last lengths are γ = 2 % apart. The network is sure, so that one other class counts alone.

    Of more than two classes it may meet another than the nearest first: of one picture in ten at most.
    """
    model, images, labels = central(classes)
    model.weight.data *= 100
    nearest, target = boundary_distances(model, images, labels).amin(1), 1 - labels if targeted else None
    found = ddn(model, images, labels, steps=400, gamma=0.02, target=target)
    far = nearest > 0.02  # the last steps of the direction are 0.01 long
    excess = lengths(found - images) / nearest - 1
    assert (model(found).argmax(1) != labels).all() and far.sum() > 10
    assert (excess > -1e-3).all() and (excess[far] < 0.03).float().mean() >= (1 if classes == 2 else 0.9)


def test_the_nearest_success_is_kept_not_the_last(images):
    model, seen = bent().eval(), []
    labels = model(images).argmax(1)
    found = ddn(model, images, labels, watch=seen.append)
    for row in range(len(images)):
        tried = [(one, (one.rows == row).nonzero()[0, 0]) for one in seen if row in one.rows]
        fooled = [
            float((one.images[place] - images[row]).norm())
            for one, place in tried
            if one.logits[place].argmax() != labels[row]
        ]
        assert float((found[row] - images[row]).norm()) == pytest.approx(min(fooled), abs=1e-6)


def test_the_length_grows_by_gamma_after_a_failure_and_shrinks_by_it_after_a_success():
    model, images, labels = central(2)
    seen = []
    ddn(model, images, labels, steps=20, gamma=0.1, watch=seen.append)
    length, place = 1.0, 0
    for before, after in pairwise(seen):
        length *= 0.9 if before.logits[place].argmax() != labels[place] else 1.1
        assert float((after.images[place] - images[place]).norm()) == pytest.approx(length, rel=1e-2)
        if length > 1.2:  # further on [0, 1] shortens it
            break


def test_without_a_gradient_it_tries_random_directions_of_each_pictures_own(images):
    own = [Generator().manual_seed(row) for row in range(12)]
    found = ddn(Flat(3), images, torch.zeros(12, dtype=torch.int64), steps=2, generator=own)
    alone = ddn(
        Flat(3), images[4:5], torch.zeros(1, dtype=torch.int64), steps=2, generator=[Generator().manual_seed(4)]
    )
    assert torch.equal(found[4:5], alone) and torch.equal(found, images)  # none came closer than the picture itself
    seen = []
    ddn(Flat(3), images, torch.zeros(12, dtype=torch.int64), steps=2, generator=own, watch=seen.append)
    assert torch.isfinite(seen[2].images).all() and (lengths(seen[2].images - images) > 0.5).all()


def test_without_a_step_there_is_no_attack(images):
    with pytest.raises(ValueError, match="at least one step"):
        ddn(bent(), images, torch.zeros(12, dtype=torch.int64), steps=0)


def test_on_hardened_digits_it_is_much_nearer_than_deepfool():
    """As the literature finds of networks hardened in L∞: one straight line is not the nearest way."""
    classifier, test = load("digits-hardened", "cpu"), data_of("mnist").test[:5]
    pixels, labels = test.images.float() / 255, test.labels
    found = ddn(classifier, pixels, labels)
    with torch.no_grad():
        assert (classifier(found).argmax(1) != labels).all()
    assert lengths(found - pixels).median() < 0.8 * lengths(deepfool(classifier, pixels, labels) - pixels).median()
