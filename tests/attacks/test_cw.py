"""C&W against the distance to the boundary where it is known, its promises, and another library."""

import pytest
import torch
from torch import Generator, Tensor, nn

from attacks.cw import cw
from attacks.losses import margin
from attacks.nearest import lengths
from inference.networks.classifier import load
from tests.support.datasets import data_of
from tests.support.networks import Linear, bent, boundary_distances, central


@pytest.fixture
def images():
    return torch.rand(12, 1, 6, 6, generator=Generator().manual_seed(3))


@pytest.mark.parametrize(("classes", "targeted"), [(2, False), (5, False), (2, True)])
def test_on_a_linear_network_it_comes_within_three_percent_of_the_nearest_boundary(classes, targeted):
    """From outside. Of more than two classes it may meet another than the nearest: of two pictures in ten at most."""
    model, images, labels = central(classes)
    nearest = boundary_distances(model, images, labels).amin(1)
    target = 1 - labels if targeted else None
    found = cw(model, images, labels, binary_steps=6, steps=200, learning_rate=0.003, initial_c=0.1, target=target)
    far = nearest > 0.05  # the first steps are 0.01 long
    excess = lengths(found - images) / nearest - 1
    assert (model(found).argmax(1) != labels).all() and far.sum() >= 10
    assert (excess > -1e-3).all() and (excess[far] < 0.03).float().mean() >= (1 if classes == 2 else 0.8)


def test_pixels_that_are_exactly_black_or_white_move():
    """They are at the end of tanh, where it is nearly flat; the answer needs them."""
    images = torch.tensor([0.0, 1.0, 0.0, 1.0]).view(1, 1, 2, 2)
    model = nn.Sequential(Linear(torch.tensor([[0.0, 0.0, 0.0, 0.0], [1.0, -1.0, 1.0, -1.0]])), Shift())
    labels = model(images).argmax(1)
    found = cw(model, images, labels, binary_steps=5, steps=200)
    assert labels == 0 and model(found).argmax(1) == 1
    moved = (found - images).abs().flatten()
    assert torch.allclose(moved, torch.full((4,), 0.25), atol=0.03)  # of all that is needed each gives a quarter


class Shift(nn.Module):
    """The second class is one behind what it would be, and two black and two white pixels behind the first."""

    def forward(self, logits: Tensor) -> Tensor:
        return logits + torch.tensor([0.0, 1.0])


@pytest.mark.parametrize("confidence", [0.5, 2.0])
def test_a_success_is_ahead_by_the_confidence(images, confidence):
    model = bent().eval()
    labels = model(images).argmax(1)
    sure = cw(model, images, labels, steps=50, confidence=confidence)
    plain = cw(model, images, labels, steps=50)
    with torch.no_grad():
        ahead = margin(model(sure), labels)
    reached = ahead > confidence
    assert reached.sum() > 6 and (ahead[reached] < confidence + 0.5).all()
    assert (lengths(sure - images) > lengths(plain - images))[reached].all()


def test_each_weight_begins_anew_from_the_picture(images):
    """Adam's state, too: with the same weight it goes the same way."""
    model, seen = bent().eval(), []
    labels = model(images).argmax(1)
    cw(model, images, labels, binary_steps=3, steps=20, watch=seen.append)
    firsts = [next(one for one in seen if one.start == start) for start in range(3)]
    seconds = [[one for one in seen if one.start == start][1] for start in range(3)]
    for first in firsts:
        assert torch.allclose(first.images, images[first.rows], atol=1e-6)
    assert torch.allclose(seconds[0].images, seconds[2].images, atol=1e-3)  # Adam's first step is as long for any c


def test_whoever_gains_nothing_is_done_alone(images):
    model, seen = bent().eval(), []
    labels = model(images).argmax(1)
    cw(model, images, labels, binary_steps=1, steps=200, watch=seen.append)
    sizes = [len(one.rows) for one in seen]
    assert sizes[0] == 12 and sizes == sorted(sizes, reverse=True) and len(set(sizes)) > 2


@pytest.mark.parametrize("numbers", [{"steps": 0}, {"binary_steps": 0}])
def test_without_a_step_there_is_no_attack(images, numbers):
    with pytest.raises(ValueError, match="at least one step"):
        cw(bent(), images, torch.zeros(12, dtype=torch.int64), **numbers)


@pytest.mark.walk
def test_its_changes_are_shorter_than_torchattacks_with_as_many_passes(torchattacks):
    """Theirs does not look for the weight: they are told a good one."""
    classifier, test = load("digits", "cpu"), data_of("mnist").test[:5]
    pixels, labels = test.images.float() / 255, test.labels
    found = {
        "ours": cw(classifier, pixels, labels, binary_steps=4, steps=50),
        "theirs": torchattacks.CW(classifier, c=1.0, steps=200, lr=0.1)(pixels, labels),
    }
    with torch.no_grad():
        fooled = {whose: classifier(moved).argmax(1) != labels for whose, moved in found.items()}
    assert fooled["ours"].all()
    length = {whose: lengths(moved - pixels).masked_fill(~fooled[whose], torch.inf) for whose, moved in found.items()}
    assert length["ours"].median() <= 1.02 * length["theirs"].median()
