"""APGD against the algorithm written plainly, known optima, other implementations, and their mistakes."""

import pytest
import torch
from torch import Generator, Tensor, nn

from attacks.apgd import checkpoints
from attacks.apgd_ce import apgd_ce
from attacks.apgd_t import apgd_t
from attacks.losses import targeted_dlr
from inference.networks.classifier import load
from tests.support.datasets import data_of
from tests.support.networks import Linear, bent

EPSILON = 0.1


def seeded(seed=0) -> Generator:
    return Generator().manual_seed(seed)


@pytest.fixture
def images():
    return torch.rand(12, 1, 6, 6, generator=seeded(1))


@pytest.fixture
def labels(images):
    return bent().eval()(images).argmax(1)


def test_the_checkpoints_are_the_papers():
    assert checkpoints(100) == (22, 41, 57, 70, 80, 87, 93, 99)
    assert checkpoints(1) == (1,) and checkpoints(5) == (1, 2, 3, 4, 5) and max(checkpoints(20)) <= 20


def plainly(network: nn.Module, image: Tensor, start: Tensor, loss, steps: int) -> list[Tensor]:
    """Algorithm 1 for one picture, written as the paper prints it, without this project's code."""

    def value_and_slope(point):
        point = point.clone().requires_grad_(True)
        value = loss(network(point))
        return value.item(), torch.autograd.grad(value, point)[0]

    def project(point):
        return torch.max(torch.min(point, image + EPSILON), image - EPSILON).clamp(0, 1)

    size, points, (value, slope) = 2 * EPSILON, [start], value_and_slope(start)
    best, best_value, best_slope, values = start, value, slope, [value]
    last_check, halved, value_at_check = 0, True, value
    current, before = start, start
    for step in range(steps):
        moved = project(current + size * slope.sign())
        share = 0.75 if step else 1.0
        moved = project(current + share * (moved - current) + (1 - share) * (current - before))
        current, before = moved, current
        points.append(current)
        value, slope = value_and_slope(current)
        values.append(value)
        if value > best_value:
            best, best_value, best_slope = current, value, slope
        if step + 1 in (8, 15, 21, 26, 30, 33, 35, 37, 39):  # of 40
            rises = sum(values[at + 1] > values[at] for at in range(last_check, step + 1))
            halved = rises <= 0.75 * (step + 1 - last_check) or (not halved and value_at_check >= best_value)
            value_at_check, last_check = best_value, step + 1
            if halved:
                size, current, slope = size / 2, best, best_slope
    return points


def ratio(logits: Tensor, label: int, aim: int) -> Tensor:
    largest = logits[0].sort(descending=True).values
    return -(logits[0, label] - logits[0, aim]) / (largest[0] - (largest[2] + largest[3]) / 2)


@pytest.mark.parametrize("kind", ["ce", "t"])
def test_each_step_is_the_papers(images, labels, kind):
    """In float64, so that no sign is a matter of rounding; every picture, and every step of forty."""
    assert checkpoints(40) == (8, 15, 21, 26, 30, 33, 35, 37, 39)
    network, seen = bent().eval().double(), []
    pixels, more = images.double(), {"generator": seeded(), "watch": seen.append}
    if kind == "ce":
        apgd_ce(network, pixels, labels, epsilon=EPSILON, steps=40, **more)
        losses = [lambda out, label=label: nn.functional.cross_entropy(out, label[None]) for label in labels]
    else:
        target = network(pixels).argsort(1, descending=True)[:, 1]
        apgd_t(network, pixels, labels, epsilon=EPSILON, steps=40, targets=1, **more)
        losses = [lambda out, pair=pair: ratio(out, *pair) for pair in zip(labels, target, strict=True)]
    for row in range(12):
        expected = plainly(network, pixels[[row]], seen[0].images[[row]], losses[row], 40)
        for one, point in zip(seen, expected, strict=True):
            assert torch.allclose(one.images[[row]], point, atol=1e-9)
            assert one.loss[row] == pytest.approx(losses[row](network(point)).item(), abs=1e-9)


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("attack", [apgd_ce, apgd_t])
def test_with_two_classes_it_reaches_the_best_corner_of_ball_and_box(images, attack, targeted):
    """Two classes have no ratio: the targeted one takes the cross-entropy, and does not fail."""
    weight, labels = torch.randn(2, 36, generator=seeded(2)), torch.arange(12) % 2
    away = (weight[1 - labels] - weight[labels]).sign().view_as(images)
    best = (images + EPSILON * away).clamp(0, 1)
    target = 1 - labels if targeted else None
    found = attack(Linear(weight), images, labels, epsilon=EPSILON, target=target, generator=seeded())
    assert (found - best).abs().max() < 1e-6


def test_the_ratio_is_the_papers_and_scale_and_shift_do_not_matter():
    logits = torch.tensor([[5.0, 3.0, 2.0, 1.0, -7.0]])
    label, target = torch.tensor([0]), torch.tensor([1])
    assert targeted_dlr(logits, label, target).item() == pytest.approx((3 - 5) / (5 - (2 + 1) / 2))
    assert targeted_dlr(1e4 * logits - 30, label, target).item() == pytest.approx(-2 / 3.5)
    assert targeted_dlr(torch.ones(1, 4), label, target).item() == 0


@pytest.mark.parametrize("classes", [2, 3, 4, 5])
def test_from_four_classes_on_the_ratio_is_watched_else_the_cross_entropy(classes):
    network, images = bent(classes).eval(), torch.rand(3, 1, 6, 6, generator=seeded(1))
    logits, seen = network(images), []
    labels = logits.argmax(1)
    apgd_t(network, images, labels, epsilon=1e-6, steps=1, generator=seeded(), watch=seen.append)
    aims = logits.argsort(1, descending=True)[:, 1:]
    assert {one.start for one in seen} == set(range(classes - 1))  # at so small a strength nobody is fooled
    for one in seen:
        cross_entropy = -logits.log_softmax(1).gather(1, aims[:, one.start, None])[:, 0]
        expected = targeted_dlr(logits, labels, aims[:, one.start]) if classes >= 4 else cross_entropy
        assert torch.allclose(one.loss, expected, atol=1e-3)


def test_the_likeliest_classes_are_tried_in_turn_on_those_that_hold(images, labels):
    network, seen = bent().eval(), []
    found = apgd_t(network, images, labels, epsilon=EPSILON, steps=5, targets=3, generator=seeded(), watch=seen.append)
    assert len({one.start for one in seen}) == 3
    for number in (1, 2):
        fooled = torch.cat([
            one.rows[one.logits.argmax(1) != labels[one.rows]] for one in seen if one.start < number
        ])  # fmt: skip
        tried = next(one.rows for one in seen if one.start == number)
        assert set(tried.tolist()) == set(range(12)) - set(fooled.tolist())
    assert ((network(found).argmax(1) != labels).sum() > 0).item()


def test_with_a_target_only_that_class_is_gone_for(images, labels):
    network, seen, target = bent().eval(), [], (labels + 2) % 5
    for attack in (apgd_ce, apgd_t):
        found = attack(network, images, labels, epsilon=0.4, target=target, generator=seeded(), watch=seen.append)
        assert (network(found).argmax(1) == target).float().mean() > 0.9
    assert {one.start for one in seen} == {0}


def test_a_batch_of_one_and_the_same_picture_in_a_batch(images, labels):
    network = bent().eval()
    for attack in (apgd_ce, apgd_t):
        all_, alone = (
            attack(network, images[chosen], labels[chosen], epsilon=EPSILON, generator=[seeded(7) for _ in range(many)])
            for chosen, many in ((slice(0, 3), 3), (slice(2, 3), 1))
        )
        assert torch.allclose(all_[2:], alone, atol=1e-6)


@pytest.mark.parametrize(
    ("attack", "numbers"), [(apgd_ce, {"steps": 0}), (apgd_ce, {"restarts": 0}), (apgd_t, {"targets": 0})]
)
def test_without_a_step_or_a_start_there_is_no_attack(images, labels, attack, numbers):
    with pytest.raises(ValueError, match="at least one"):
        attack(bent(), images, labels, epsilon=EPSILON, **numbers)


class Seeing(nn.Module):
    """Another network, and the pictures that it was asked about."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.asked = network, []

    def forward(self, pixels: Tensor) -> Tensor:
        self.asked.append(pixels.detach().clone())
        return self.network(pixels)


def test_from_the_same_start_each_step_is_torchattacks_on_the_hardened_digits(torchattacks, monkeypatch):
    """But where this network is so sure that the cross-entropy's float32 gradient goes astray, which ours does not."""
    classifier, test = load("digits-hardened", "cpu"), data_of("mnist").test[:60]
    pixels, labels, strength, seen = test.images.float() / 255, test.labels, 90 / 255, []
    right = classifier(pixels).argmax(1) == labels
    pixels, labels = pixels[right], labels[right]
    spy = Seeing(classifier)
    with torch.random.fork_rng():
        peer = torchattacks.APGD(spy, eps=strength, steps=20, seed=0)
        peer.set_device("cpu")
        theirs = classifier(peer(pixels, labels)).argmax(1) != labels
    steps = spy.asked[-21:]
    monkeypatch.setattr("attacks.apgd_ce.random_start", lambda *_: steps[0])
    found = apgd_ce(classifier, pixels, labels, epsilon=strength, steps=20, watch=seen.append)
    same = torch.stack([(a - b.images).abs().flatten(1).amax(1) < 1e-4 for a, b in zip(steps, seen, strict=True)])
    ours = classifier(found).argmax(1) != labels
    assert same.all(0).float().mean() > 0.85
    assert torch.equal(ours[same.all(0)], theirs[same.all(0)]) and 5 < ours.sum() < 55


@pytest.mark.walk
def test_it_is_at_least_as_strong_as_torchattacks_towards_nine_classes(torchattacks):
    classifier, test, strength = load("digits-hardened", "cpu"), data_of("mnist").test[:30], 100 / 255
    pixels, labels = test.images.float() / 255, test.labels
    found = apgd_t(classifier, pixels, labels, epsilon=strength, steps=8, until_fooled=True, generator=seeded())
    with torch.random.fork_rng():
        theirs = classifier(torchattacks.APGDT(classifier, eps=strength, steps=8)(pixels, labels)).argmax(1) != labels
    ours = classifier(found).argmax(1) != labels
    assert (found - pixels).abs().max() <= strength + 1e-6
    assert ours.sum() >= theirs.sum() - 2  # two pictures: other random starts
    assert 5 < ours.sum() < 30
