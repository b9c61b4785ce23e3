"""JSMA: the pairs of the paper's algorithm, the values that it moves, and how far it gets on our own digits."""

from itertools import pairwise

import pytest
import torch
from torch import Generator, Tensor

from attacks.jsma import best_pair, jsma
from attacks.runner import run
from inference.networks.classifier import load
from tests.support.datasets import data_of
from tests.support.networks import Flat, Linear, bent


@pytest.fixture
def images() -> Tensor:
    return torch.rand(4, 1, 6, 6, generator=Generator().manual_seed(0))


def pair_of_the_paper(model: Linear, image: Tensor, target: int, free: Tensor) -> set[int] | None:
    """Algorithm 3: of all pairs of values that are free the largest -α β, where α > 0 and β < 0."""
    jacobian = torch.autograd.functional.jacobian(lambda x: model(x).softmax(1)[0], image[None].double()).flatten(1)
    others, largest, best = jacobian.sum(0) - jacobian[target], 0.0, None
    for p in range(image.numel()):
        for q in range(p + 1, image.numel()):
            alpha, beta = float(jacobian[target, [p, q]].sum()), float(others[[p, q]].sum())
            if free[p] and free[q] and alpha > 0 and beta < 0 and -alpha * beta > largest:
                largest, best = -alpha * beta, {p, q}
    return best


@pytest.mark.parametrize("target", [0, 3])
def test_each_step_moves_the_pair_of_the_papers_algorithm(images, target):
    model = Linear(torch.randn(5, 36, generator=Generator().manual_seed(3)).double()).requires_grad_(False)
    seen: list[Tensor] = []
    others = torch.full((1,), (target + 1) % 5)
    jsma(
        model, images[:1].double(), others, target=torch.tensor([target]), distortion=40.0,
        watch=lambda one: seen.append(one.images[0]),
    )  # fmt: skip
    free = torch.ones(36, dtype=torch.bool)
    assert len(seen) > 2 or model(seen[-1][None]).argmax() == target
    for before, after in pairwise(seen):
        moved = set((before != after).flatten().nonzero().flatten().tolist())
        assert moved == pair_of_the_paper(model, before, target, free)
        assert (after.flatten()[list(moved)] == 1).all()
        free[list(moved)] = False


def test_values_that_help_the_others_more_are_left_alone():
    """Others' mistake: the two steepest values of the target's own score, whatever they do for the other classes."""
    weight = torch.zeros(2, 6)
    weight[1], weight[0, 0:2] = torch.tensor([5.0, 5.0, 2.0, 2.0, 0.0, 0.0]), 9.0
    weight[0, 5] = 30.0
    image = torch.zeros(1, 1, 2, 3)
    image[..., 1, 2] = 0.1
    found = jsma(Linear(weight), image, torch.tensor([0]), target=torch.tensor([1]), distortion=100.0)
    assert found.flatten().tolist() == pytest.approx([0, 0, 1, 1, 0, 0.1])


def test_a_value_is_moved_once_and_never_above_white(images):
    seen: list[Tensor] = []
    model = bent().eval()
    labels = model(images).argmax(1)
    jsma(
        model, images, labels, target=(labels + 3) % 5, theta=0.3, distortion=100.0,
        watch=lambda one: seen.append(one.images[one.rows == 0]),
    )  # fmt: skip
    steps = [after - before for before, after in pairwise(seen) if len(after)]
    assert steps and all(((step != 0).sum() <= 2) and (step >= 0).all() for step in steps)
    assert (torch.stack(steps) != 0).sum(0).max() == 1
    assert torch.stack(seen[: len(steps)]).max() <= 1


@pytest.mark.parametrize(("distortion", "most"), [(14.5, 4), (100.0, 36), (0.1, 0), (5.6, 2)])
def test_no_more_values_are_moved_than_may(images, distortion, most):
    labels = bent().eval()(images).argmax(1)
    found = jsma(bent().eval(), images, labels, target=(labels + 2) % 5, distortion=distortion)
    assert (found != images).flatten(1).sum(1).max() <= most


def test_two_free_values_or_none():
    rising = torch.tensor([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [3.0, -4.0, -5.0], [3.0, 2.0, -1.0]])
    free = torch.tensor([[1, 1, 1], [0, 0, 1], [1, 1, 1], [1, 0, 1]]).bool()
    pair, salient = best_pair(rising, free)
    assert salient.tolist() == [True, False, False, True]
    assert pair[0].tolist() == [0, 1] and pair[3].tolist() == [0, 2]


def test_without_a_target_it_goes_for_the_runner_up():
    weight = torch.zeros(3, 8)
    weight[0, 0], weight[1, 1:4], weight[2, 4:8] = 6.0, 4.0, 5.0
    image = torch.zeros(1, 1, 2, 4)
    image[..., 0, 0], image[..., 0, 1] = 1.0, 0.5  # class 1 comes second, class 2 would be steeper
    model = Linear(weight).requires_grad_(False)
    found = jsma(model, image, torch.tensor([0]), distortion=100.0)
    assert model(found).argmax() == 1 and (found.flatten()[4:] == 0).all()


def test_a_sure_network_is_no_obstacle(images):
    """Its probabilities have no derivatives left, in float32."""
    model = bent().eval()
    labels = model(images).argmax(1)
    expected = jsma(model, images, labels, distortion=50.0)
    model[-1].weight.data *= 300
    model[-1].bias.data *= 300
    assert (model(images).softmax(1).amax(1) == 1).all()
    assert ((model(jsma(model, images, labels, distortion=50.0)).argmax(1) != labels) == (
        bent().eval()(expected).argmax(1) != labels
    )).all()  # fmt: skip


def test_without_a_gradient_it_stops_and_leaves_the_picture(images):
    done = run("jsma", Flat(3), images, torch.zeros(4, dtype=torch.int64), {"theta": 1.0, "distortion": 100.0})
    assert torch.equal(done.adversarial, images) and done.gradients == 4


@pytest.mark.parametrize("numbers", [{"theta": 0.0}, {"theta": 1.5}, {"distortion": 0.0}, {"distortion": 101.0}])
def test_steps_and_shares_that_mean_nothing_are_refused(images, numbers):
    with pytest.raises(ValueError, match="theta must be"):
        jsma(bent(), images, torch.zeros(4, dtype=torch.int64), **numbers)


def test_on_our_digits_it_reaches_nine_targets_in_ten_within_78_pixels():
    """As others measured who have it right; 72 to 76 % is what they get who have not."""
    classifier, test = load("digits", "cpu"), data_of("mnist").test[:10]
    images, labels = (test.images.float() / 255).repeat_interleave(9, 0), test.labels.repeat_interleave(9)
    target = torch.tensor([kind for label in test.labels.tolist() for kind in range(10) if kind != label])
    options = {"theta": 1.0, "distortion": 10.0}
    found = run("jsma", classifier, images, labels, options, target=target).adversarial
    assert (found != images).flatten(1).sum(1).max() <= 78
    assert (classifier(found).argmax(1) == target).float().mean() >= 0.9


def test_it_reaches_no_fewer_targets_than_torchattacks_within_as_many_pixels(torchattacks):
    """On a network so small that all its pairs are quickly compared; of digits, see benchmarks/few_pixels.py."""
    model, images = bent().eval(), torch.rand(60, 1, 6, 6, generator=Generator().manual_seed(4))
    labels = model(images).argmax(1)
    target = (labels + 2) % 5
    peer = torchattacks.JSMA(model, theta=1.0, gamma=0.5)  # of 36 values: 18
    peer.set_mode_targeted_by_label(quiet=True)
    theirs = peer(images.clone(), target)  # it writes into what it is given
    ours = jsma(model, images, labels, target=target, distortion=50.0)
    reached = [int((model(found).argmax(1) == target).sum()) for found in (ours, theirs)]
    assert reached[0] >= reached[1] > 0


def test_a_colour_picture_comes_to_the_same_however_it_lies_in_memory():
    """The lab's lie with the colours last, as their files do."""
    model = Linear(torch.randn(5, 48, generator=Generator().manual_seed(3))).requires_grad_(False)
    images = torch.rand(2, 3, 4, 4, generator=Generator().manual_seed(0))
    labels = model(images).argmax(1)
    colours_last = images.contiguous(memory_format=torch.channels_last)
    assert torch.equal(jsma(model, colours_last, labels), jsma(model, images, labels))
