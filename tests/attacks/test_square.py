"""Square Attack: the optimum of linear models, its schedule, what it asks, and another implementation."""

import pytest
import torch
from torch import Generator, nn

from attacks.losses import cross_entropy, margin
from attacks.square import HALVINGS, side, square
from inference.networks.classifier import load
from tests.support.datasets import data_of

EPSILON = 0.1


def seeded(seed=0) -> Generator:
    return Generator().manual_seed(seed)


class Linear(nn.Module):
    """logits = W x + b on flattened pixels; remembers what it was asked."""

    def __init__(self, weight, bias=0.0):
        super().__init__()
        self.weight, self.bias, self.asked = nn.Parameter(weight), bias, []

    def forward(self, pixels):
        assert not torch.is_grad_enabled()  # it may know scores alone
        self.asked.append(pixels.clone())
        return pixels.flatten(1) @ self.weight.T + self.bias


@pytest.fixture
def images():
    return torch.rand(8, 2, 3, 5, generator=seeded(1)).mul(1.4).sub(0.2).clamp(0, 1)


def never(images, classes=2):
    """A linear network that nothing within epsilon makes leave class 0, whose margin is told all the same."""
    weight = torch.randn(classes, images[0].numel(), generator=seeded(2))
    return Linear(weight, torch.tensor([1000.0] + [0.0] * (classes - 1)))


@pytest.mark.parametrize("targeted", [False, True])
def test_with_two_classes_it_reaches_the_best_corner_of_ball_and_box(images, targeted):
    """The margin is linear: each value alone is best at the end of what it may be. Squares of one pixel find it."""
    model, labels = never(images), torch.zeros(8, dtype=torch.int64)
    target = 1 - labels if targeted else None
    best = (images + EPSILON * (model.weight[1] - model.weight[0]).sign().view_as(images[0])).clamp(0, 1)
    found = square(model, images, labels, epsilon=EPSILON, queries=2500, target=target, generator=seeded())
    assert (found - best).abs().max() < 1e-6
    assert ((best == 0) | (best == 1)).any()  # the box counts, too


def test_each_query_is_another_picture_in_ball_and_box_that_differs_by_one_square(images):
    """From edge to edge: all rows and columns, the last ones too, are reached as often."""
    model, labels, kept = never(images[:1], classes=3), torch.zeros(1, dtype=torch.int64), []
    square(model, images[:1], labels, epsilon=EPSILON, queries=3000, share=0.3, generator=seeded(), watch=kept.append)
    assert len(model.asked) == len(kept) == 3000
    best, touched = kept[0], torch.zeros(3, 5)
    for number, seen in enumerate(kept[1:]):
        changed = (seen.images != best.images)[0].any(0)
        rows, columns = changed.any(1), changed.any(0)
        length = side(number, 0.3, 3, 5)
        assert changed.any() and rows.sum() <= length and columns.sum() <= length
        touched += changed if length == 1 else 0
        best = seen if seen.loss < best.loss else best
        assert (seen.images - images[:1]).abs().max() <= EPSILON + 1e-6
        assert seen.images.min() >= 0 and seen.images.max() <= 1
    assert touched.min() > 0.6 * touched.mean()


def test_it_begins_with_stripes(images):
    model = never(images)
    square(model, images, torch.zeros(8, dtype=torch.int64), epsilon=EPSILON, queries=1, generator=seeded())
    (first,) = model.asked
    free = ((images - EPSILON > 0) & (images + EPSILON < 1)).all(2, keepdim=True).expand_as(images)
    change = first - images
    assert torch.allclose(change[free].abs(), torch.tensor(EPSILON)) and free.any()
    spread = change.sign().masked_fill(~free, 0)
    assert (spread.amax(2) == spread.amin(2)).all() and spread.unique().tolist() == [-1, 0, 1]


def test_a_picture_that_fools_is_asked_about_no_more_and_comes_back_as_it_fooled(images):
    """Queries are counted from the first on, until it fools: the sum of what the network was asked."""
    weight = torch.randn(3, images[0].numel(), generator=seeded(4)) / 3
    model, asked = Linear(weight), torch.zeros(8, dtype=torch.int64)
    with torch.no_grad():
        labels = model(images).argmax(1)
        labels[0] = model(images)[0].argmin()  # is wrong as it is: the stripes alone will do
    last = {}

    def count(seen):
        asked[seen.rows] += 1
        last.update(zip(seen.rows.tolist(), seen.images, strict=True))

    found = square(model, images, labels, epsilon=EPSILON, queries=200, generator=seeded(), watch=count)
    with torch.no_grad():
        fooled = model(found).argmax(1) != labels
    assert 1 < fooled.sum() < 8 and (asked[~fooled] == 200).all() and (asked[fooled] < 200).all()
    assert asked[0] == 1
    assert all(torch.equal(found[row], last[row]) for row in fooled.nonzero().flatten().tolist())


def test_what_does_not_fool_comes_back_as_far_as_it_came(images):
    model, labels, losses = never(images, classes=3), torch.zeros(8, dtype=torch.int64), []

    def watch(seen):
        losses.append(seen.loss)

    found = square(model, images, labels, epsilon=EPSILON, queries=60, generator=seeded(), watch=watch)
    with torch.no_grad():
        assert torch.equal(-margin(model(found), labels), torch.stack(losses).amin(0))


def test_the_loss_of_a_target_is_its_cross_entropy(images):
    model, labels, told = Linear(torch.randn(4, 30, generator=seeded(5))), torch.zeros(8, dtype=torch.int64), []
    target = labels + 2
    found = square(
        model, images, labels, epsilon=0.4, queries=300, target=target, generator=seeded(), watch=told.append
    )
    for seen in told:
        assert torch.allclose(seen.loss, cross_entropy(seen.logits, target[seen.rows]))
    with torch.no_grad():
        assert (model(found).argmax(1) == target).float().mean() > 0.5


def test_a_pictures_own_generator_makes_it_the_same_in_every_batch(images):
    model, labels = never(images, classes=3), torch.zeros(8, dtype=torch.int64)
    own = [seeded(n) for n in range(8)]
    together = square(model, images, labels, epsilon=EPSILON, queries=150, generator=own)
    alone = square(model, images[5:6], labels[5:6], epsilon=EPSILON, queries=150, generator=[seeded(5)])
    assert torch.equal(together[5:6], alone)


def test_squares_shrink_as_autoattacks_do(torchattacks):
    peer = torchattacks.Square(Linear(torch.randn(2, 4)), n_queries=5000, resc_schedule=False)
    for squares in [*range(12), *(end + more for end in HALVINGS for more in (0, 1))]:
        theirs = max(1, round((peer.p_selection(squares) * 28 * 28) ** 0.5))
        assert side(squares, 0.8, 28, 28) == theirs


def test_a_square_larger_than_the_picture_is_cut_to_it():
    images, asked = torch.rand(4, 1, 2, 20, generator=seeded(6)), []
    labels = torch.zeros(4, dtype=torch.int64)
    square(never(images), images, labels, epsilon=EPSILON, queries=8, generator=seeded(), watch=asked.append)
    assert side(0, 0.8, 2, 20) > 2 and len(asked) == 8


@pytest.mark.parametrize("numbers", [{"queries": 0}, {"share": 0}, {"share": 1.5}])
def test_without_a_query_or_a_share_there_is_no_attack(images, numbers):
    with pytest.raises(ValueError, match="at least one query"):
        square(never(images), images, torch.zeros(8, dtype=torch.int64), epsilon=EPSILON, **numbers)


@pytest.mark.walk
def test_it_is_as_strong_as_torchattacks_on_our_own_classifier(torchattacks):
    """As many queries; the library asks once more, for what it calls the start."""
    classifier, test, strength = load("digits", "cpu"), data_of("mnist").test[:100], 50 / 255
    pixels, labels = test.images.float() / 255, test.labels
    with torch.random.fork_rng():
        torch.manual_seed(0)
        peer = torchattacks.Square(classifier, eps=strength, n_queries=199, resc_schedule=False)
        theirs = (classifier(peer(pixels, labels)).argmax(1) != labels).sum()
    moved = square(classifier, pixels, labels, epsilon=strength, queries=200, share=0.8, generator=seeded())
    assert (moved - pixels).abs().max() <= strength + 1e-6
    ours = (classifier(moved).argmax(1) != labels).sum()
    assert ours >= theirs - 4 and 10 < ours < 90  # four pictures: other draws
