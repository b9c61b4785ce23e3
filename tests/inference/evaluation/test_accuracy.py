"""What counts as right under attack, picture by picture."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from attacks.fgsm import fgsm
from inference.catalog.protocols import WORST, Protocol
from inference.data.base import Pictures
from inference.evaluation.accuracy import evaluate, outcomes
from inference.networks.classifier import load
from tests.support.datasets import data_of


class Bright(nn.Module):
    """Says 1 where the picture is bright on average, else 0; its margin is known in closed form."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(10.0))

    def forward(self, pixels):
        bright = (pixels.mean((1, 2, 3)) - 0.5) * self.weight
        return torch.stack([-bright, bright], 1)


GREYS = torch.arange(0, 250, 5, dtype=torch.uint8)


@pytest.fixture
def pictures() -> Pictures:
    """Flat greys; every fifth has the wrong label, so that an attack on it ends on the true side."""
    labels = (GREYS > 127).long()
    labels[::5] = 1 - labels[::5]
    return Pictures(GREYS[:, None, None, None].expand(-1, 1, 4, 4).clone(), labels)


@pytest.mark.parametrize("attack", ["fgsm", "pgd", "noise"])
@pytest.mark.parametrize("epsilon", [0, 30, 200])
def test_no_change_is_within_every_budget(pictures, attack, epsilon):
    clean = outcomes(Bright(), pictures)
    attacked = outcomes(Bright(), pictures, Protocol(attack, epsilon, 50, steps=4, restarts=2))
    assert not clean[::5].any() and not attacked[::5].any()
    assert not (attacked & ~clean).any()


def test_what_is_wrong_as_it_is_does_not_become_right_by_an_attack():
    """FGSM at 128/255 makes `digits-hardened` right about five pictures of the first thousand that it got wrong."""
    model, pictures = load("digits-hardened", "cpu"), data_of("mnist").test[:1000]
    parts = [pictures[start : start + 250] for start in range(0, 1000, 250)]
    attacked = [fgsm(model, part.images.float() / 255, part.labels, epsilon=128 / 255) for part in parts]
    named = torch.cat([model(pixels).argmax(1) for pixels in attacked]) == pictures.labels
    clean, counted = outcomes(model, pictures), outcomes(model, pictures, Protocol("fgsm", 128, 1000))
    assert (named & ~clean).sum() >= 1
    assert torch.equal(counted, named & clean)


def test_right_are_those_whose_margin_is_larger_than_epsilon(pictures):
    """The optimum in closed form: a flat grey falls when it is within epsilon of the threshold of 127.5."""
    far = (GREYS.float() - 127.5).abs() > 30
    far[::5] = False
    assert torch.equal(outcomes(Bright(), pictures, WORST.at(30, 50)), far)


def test_another_start_never_adds_a_right_picture(pictures):
    left = [outcomes(Bright(), pictures, Protocol("noise", 140, 50, restarts=count)) for count in (1, 2, 6)]
    assert not (left[1] & ~left[0]).any() and not (left[2] & ~left[1]).any()
    assert left[2].sum() < left[0].sum()


def test_a_pictures_outcome_does_not_depend_on_those_beside_it(pictures, monkeypatch):
    protocol = Protocol("noise", 140, 50, restarts=2, seed=3)
    together = outcomes(Bright(), pictures, protocol)
    monkeypatch.setattr("inference.evaluation.accuracy.AT_ONCE", 7)
    assert torch.equal(outcomes(Bright(), pictures, protocol), together)


def test_at_no_strength_it_is_the_clean_figure_and_progress_ends_at_its_total(pictures):
    told: list[tuple[int, int]] = []
    protocol = Protocol("pgd", 30, 50, steps=3, restarts=2)
    assert evaluate(Bright(), pictures, replace(protocol, epsilon=0)) == evaluate(Bright(), pictures)
    evaluate(Bright(), pictures, protocol, on_step=lambda *step: told.append(step))
    assert told[-1] == (100, 100) and [done for done, _ in told] == sorted(done for done, _ in told)


class Fractions(nn.Module):
    """Says 1 where any value lies between two levels, 0 else."""

    def __init__(self):
        super().__init__()
        self.none = nn.Parameter(torch.zeros(1))

    def forward(self, pixels):
        levels = 255 * pixels.flatten(1)
        between = (levels - levels.round()).abs().amax(1) > 0.1
        return torch.stack([~between, between], dim=1).float() + self.none * pixels.flatten(1).sum(1, keepdim=True)


def test_what_lies_between_levels_fools_as_floats_and_not_as_it_is_saved():
    pictures = Pictures(torch.full((3, 1, 4, 4), 100, dtype=torch.uint8), torch.zeros(3, dtype=torch.int64))
    floats = Protocol("pgd", 8, 3, steps=2)
    assert outcomes(Fractions(), pictures, floats).tolist() == [False] * 3
    assert outcomes(Fractions(), pictures, replace(floats, saved=True)).tolist() == [True] * 3
