"""Small trainings: what they are made of, and what lessons say they come to."""

import pytest
import torch

from inference.course import exam, overfitting, small
from inference.course.shipped import floats


def ended(steps):
    """(shares done, result) of a generator of partial results."""
    shares = []
    while True:
        try:
            shares.append(next(steps)[0])
        except StopIteration as end:
            return shares, end.value


def test_what_is_held_out_is_never_learnt():
    learnt, held_out = small.parts(500)
    assert (len(learnt), len(held_out)) == (500, small.HELD_OUT)
    known = {bytes(image.flatten().tolist()) for image in learnt.images}
    assert not known & {bytes(image.flatten().tolist()) for image in held_out.images}


def test_the_same_seed_is_the_same_training_and_nobody_elses_chance():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    runs = [ended(overfitting.variant(dropout=0.5, pictures=100, epochs=2, seed=3))[1] for _ in range(2)]
    assert torch.equal(torch.rand(3), expected)
    assert runs[0] == runs[1]
    assert runs[0] != ended(overfitting.variant(dropout=0.5, pictures=100, epochs=2, seed=4))[1]


def test_a_change_is_what_is_learnt_from():
    seen = []

    def noted(pixels):
        seen.append(pixels)
        return torch.zeros_like(pixels)

    learnt, _held_out = small.parts(100)
    model = small.lenet({})
    losses = [one["loss"] for one in small.taught(model, learnt, epochs=30, change=noted)]
    assert torch.cat(seen[:2]).sum() == pytest.approx(float(floats(learnt.images).sum()), rel=1e-5)
    counts = torch.bincount(learnt.labels, minlength=10) / len(learnt)
    assert losses[-1] == pytest.approx(-float((counts * counts.log()).sum()), abs=0.1)  # black tells nothing


@pytest.mark.parametrize(
    "options, more", [({}, 0), ({"one_by_one": True}, 6 * 7 + 16 * 17), ({"pooling": "average"}, 0)]
)
def test_what_a_variant_is_made_of(options, more):
    told = ended(overfitting.variant(pictures=50, epochs=1, **options))[1]
    assert told["parameters"] == 61706 + more
    extra = 6 * 6 * 14 * 14 + 16 * 16 * 5 * 5 if options.get("one_by_one") else 0
    assert told["multiplications"] == 416520 + extra


def test_a_convolution_costs_what_torchs_has():
    told = overfitting.convolutions(before=3, after=8, side=6)
    for cost in told["costs"]:
        layer = torch.nn.Conv2d(3, 8, cost["kernel"])
        assert cost["parameters"] == sum(tensor.numel() for tensor in layer.parameters())
        assert cost["multiplications"] == layer.weight.numel() * 6 * 6


@pytest.mark.walk
def test_true_labels_are_understood_and_random_ones_learnt_by_heart():
    shares, true = ended(exam.learnt(labels="true", pictures=300))
    _shares, random = ended(exam.learnt(labels="random", pictures=300))
    assert shares == sorted(shares)
    assert true["ended"] == random["ended"] == "by heart"
    assert true["epochs"][-1]["seen"] == random["epochs"][-1]["seen"] == 0
    assert true["epochs"][-1]["unseen"] < 0.2
    assert 0.85 < random["epochs"][-1]["unseen"] < 0.95
    assert len(random["epochs"]) > len(true["epochs"])


def test_drawn_labels_tell_nothing():
    labels = torch.arange(5000) % 10
    drawn = small.drawn_labels(labels, seed=0)
    assert torch.equal(drawn, small.drawn_labels(labels, seed=0))
    assert (drawn == labels).double().mean().item() == pytest.approx(0.1, abs=0.02)


@pytest.mark.walk
def test_dropout_errs_while_learning():
    """What is told as `learning` has dropout in it, what is told as `training` has not."""
    _shares, told = ended(overfitting.variant(dropout=0.5, pictures=200, epochs=25))
    last = told["epochs"][-1]
    assert last["learning"] > last["training"] + 0.03
