"""PGD against the optimum of models where it is known, its promises, and another implementation."""

import pytest
import torch
from torch import Generator, nn

from attacks.descent import input_gradient
from attacks.fgsm import fgsm
from attacks.pgd import ends, pgd, stepped
from attacks.starts import random_start
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
    """What the network itself says: then an attack has something to change."""
    return bent().eval()(images).argmax(1)


def margin(model, pixels, labels):
    """How far another class is ahead of the true one."""
    with torch.no_grad():
        logits = model.eval()(pixels)
    own = logits.gather(1, labels[:, None])[:, 0]
    return logits.scatter(1, labels[:, None], -torch.inf).amax(1) - own


def in_box_and_ball(moved, images, epsilon=EPSILON):
    assert moved.min() >= 0 and moved.max() <= 1
    assert (moved - images).abs().max() <= epsilon + 1e-6


@pytest.mark.parametrize("targeted", [False, True])
def test_with_two_classes_it_reaches_the_best_corner_of_ball_and_box(images, targeted):
    """The margin is linear: each pixel alone is best at the end of what it may be, wherever the start was."""
    weight = torch.randn(2, 36, generator=seeded(2))
    labels = torch.arange(12) % 2
    away = (weight[1 - labels] - weight[labels]).sign().view_as(images)
    best = (images + EPSILON * away).clamp(0, 1)
    found = pgd(
        Linear(weight),
        images,
        labels,
        epsilon=EPSILON,
        target=1 - labels if targeted else None,
        generator=seeded(),
    )
    assert (found - best).abs().max() < 1e-6
    assert (away < 0).any() and ((images + EPSILON * away < 0) | (images + EPSILON * away > 1)).any()  # the box counts


def test_with_many_classes_no_corner_is_better_for_any_pair():
    """Of all classes to be mistaken for, it finds one whose optimum, known in closed form, is nearly the largest."""
    images = torch.rand(40, 1, 6, 6, generator=seeded(3))
    weight = torch.randn(4, 36, generator=seeded(4))
    model, labels = Linear(weight), (images.flatten(1) @ weight.T).argmax(1)
    pair = weight[None] - weight[labels][:, None]  # (pictures, other class, pixels)
    corners = (images.flatten(1)[:, None] + EPSILON * pair.sign()).clamp(0, 1)
    optima = (corners * pair).sum(2).scatter(1, labels[:, None], -torch.inf).amax(1)
    found = margin(model, pgd(model, images, labels, epsilon=EPSILON, restarts=5, generator=seeded()), labels)
    assert (found <= optima + 1e-5).all()
    assert ((found > 0) == (optima > 0)).float().mean() > 0.95 and 0.2 < (optima > 0).float().mean() < 1
    assert (optima - found).mean() < 0.02 * (optima - margin(model, images, labels)).mean()


@pytest.mark.parametrize("epsilon", [0.0, 1 / 255, EPSILON, 1.0])
@pytest.mark.parametrize("step_size", [None, 10.0])
def test_whatever_the_steps_it_stays_in_the_box_and_in_the_ball(images, labels, epsilon, step_size):
    found = pgd(bent(), images, labels, epsilon=epsilon, steps=3, step_size=step_size, generator=seeded())
    in_box_and_ball(found, images, epsilon)
    assert epsilon or torch.equal(found, images)


def test_starts_fill_the_ball_and_steps_are_as_long_as_said(images):
    start = random_start(images, EPSILON, seeded())
    in_box_and_ball(start, images)
    inside = ((images - EPSILON > 0) & (images + EPSILON < 1)).expand_as(images)
    moved = (start - images)[inside] / EPSILON
    assert moved.abs().mean() == pytest.approx(0.5, abs=0.05) and moved.mean() == pytest.approx(0, abs=0.1)
    grey = torch.full_like(images, 0.5)
    signs = torch.randn(images.shape, generator=seeded()).sign()
    once = stepped(grey, signs, *ends(grey, EPSILON), step_size=0.03)
    assert torch.allclose((once - grey).abs(), torch.full_like(grey, 0.03))


def test_the_gradient_points_up_the_loss_or_down_the_targets(images, labels):
    """The cross-entropy's direction: softmax minus one-hot, through the weights; its length is another's affair."""
    weight = torch.randn(5, 36, generator=seeded(5)) / 6
    probabilities = (images.flatten(1) @ weight.T).softmax(1)
    for target in (None, (labels + 1) % 5):
        aim = labels if target is None else target
        rising = (probabilities - nn.functional.one_hot(aim, 5)) @ weight
        expected = rising if target is None else -rising
        found = input_gradient(Linear(weight), images, labels, target).flatten(1)
        assert (nn.functional.cosine_similarity(found, expected) > 1 - 1e-5).all()


def test_more_restarts_of_the_same_draws_are_never_weaker(images, labels):
    gained = [
        margin(bent(), pgd(bent(), images, labels, epsilon=EPSILON, steps=2, restarts=n, generator=seeded()), labels)
        for n in (1, 2, 5)
    ]
    assert (gained[0] <= gained[1] + 1e-6).all() and (gained[1] <= gained[2] + 1e-6).all()
    assert (gained[2] > gained[0] + 1e-4).any()


def test_more_steps_of_the_same_size_are_never_weaker(images, labels):
    """The best of all that was tried is kept: a longer walk has tried all that the shorter had."""
    gained = [
        margin(
            bent(),
            pgd(bent(), images, labels, epsilon=EPSILON, steps=n, step_size=0.08, generator=seeded()),
            labels,
        )
        for n in (1, 3, 12)
    ]
    assert (gained[0] <= gained[1] + 1e-6).all() and (gained[1] <= gained[2] + 1e-6).all()
    assert (gained[2] > gained[0] + 1e-4).any()


def test_it_is_at_least_as_strong_as_one_step(images, labels):
    network = bent().eval()
    one = margin(network, fgsm(network, images, labels, epsilon=EPSILON), labels)
    many = margin(network, pgd(network, images, labels, epsilon=EPSILON, restarts=3, generator=seeded()), labels)
    assert (many >= one - 1e-3).all() and (many > one + 1e-4).any()


def test_a_target_is_come_closer_to(images, labels):
    network, target, wide = bent().eval(), (labels + 1) % 5, 0.3
    found = pgd(network, images, labels, epsilon=wide, target=target, generator=seeded())
    in_box_and_ball(found, images, wide)
    with torch.no_grad():
        before, after = (nn.functional.cross_entropy(network(x), target, reduction="none") for x in (images, found))
    assert (after < before).all()
    untargeted = pgd(network, images, labels, epsilon=wide, generator=seeded())
    assert (network(found).argmax(1) == target).sum() > (network(untargeted).argmax(1) == target).sum()


def test_the_same_generator_gives_the_same_picture_and_torchs_own_is_left_alone(images, labels):
    before = torch.get_rng_state()
    first, again = (pgd(bent().eval(), images, labels, epsilon=EPSILON, steps=2, generator=seeded(7)) for _ in range(2))
    assert torch.equal(first, again) and torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(first, pgd(bent(), images, labels, epsilon=EPSILON, steps=2, generator=seeded(8)))


def test_a_network_in_training_mode_is_attacked_in_eval_mode_and_left_as_it_was(images, labels):
    expected = pgd(bent().eval(), images, labels, epsilon=EPSILON, generator=seeded())
    network = bent().train()
    network[3].eval()  # a mixture, on purpose
    network[0].weight.requires_grad_(False)
    statistics, copy = network[1].running_mean.clone(), images.clone()
    assert torch.equal(pgd(network, copy, labels, epsilon=EPSILON, generator=seeded()), expected)
    assert [module.training for module in network] == [True, True, True, False, True, True]
    assert not network[0].weight.requires_grad and network[0].bias.requires_grad
    assert all(parameter.grad is None for parameter in network.parameters())
    assert torch.equal(network[1].running_mean, statistics) and torch.equal(copy, images)


@pytest.mark.parametrize("surrounding", [torch.no_grad, torch.inference_mode])
def test_it_works_where_nobody_asks_for_gradients(images, labels, surrounding):
    network = bent().eval()
    expected = pgd(network, images, labels, epsilon=EPSILON, generator=seeded())
    with surrounding():
        assert torch.equal(pgd(network, images, labels, epsilon=EPSILON, generator=seeded()), expected)


def test_each_step_is_told_and_may_stop_the_work(images, labels):
    told = []
    pgd(bent(), images, labels, epsilon=EPSILON, steps=2, restarts=2, on_step=lambda *done: told.append(done))
    assert told == [(n, 6) for n in range(1, 7)]
    network = bent().train()

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pgd(network, images, labels, epsilon=EPSILON, on_step=stop)
    assert all(module.training for module in network.modules())


@pytest.mark.parametrize("numbers", [{"steps": 0}, {"restarts": 0}])
def test_without_a_step_or_a_start_there_is_no_attack(images, labels, numbers):
    with pytest.raises(ValueError, match="at least one step and one start"):
        pgd(bent(), images, labels, epsilon=EPSILON, **numbers)


@pytest.mark.parametrize(("slug", "levels"), [("digits", 25), ("digits-hardened", 90)])
def test_it_is_at_least_as_strong_as_torchattacks_on_our_own_classifiers(slug, levels, torchattacks):
    """Same steps, same step size, one random start each; at strengths that leave some pictures right."""
    classifier, test, strength = load(slug, "cpu"), data_of("mnist").test[:100], levels / 255
    pixels, labels = test.images.float() / 255, test.labels
    with torch.random.fork_rng():
        torch.manual_seed(0)
        peer = torchattacks.PGD(classifier, eps=strength, alpha=strength / 4, steps=10)
        theirs = (classifier(peer(pixels, labels)).argmax(1) != labels).sum()
    moved = pgd(classifier, pixels, labels, epsilon=strength, steps=10, generator=seeded())
    in_box_and_ball(moved, pixels, strength)
    ours = (classifier(moved).argmax(1) != labels).sum()
    assert ours >= theirs - 2  # two pictures: other random starts
    assert 5 < ours < 95


def test_stopping_once_fooled_fools_the_same_pictures_of_one_start():
    """What is saved is time, not pictures. Of further starts it is not so: fewer pictures draw other numbers."""
    generator = torch.Generator().manual_seed(1)
    images, labels = torch.rand(64, 1, 4, 4, generator=generator), torch.arange(64) % 3
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(16, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
    fooled = []
    for until_fooled in (False, True):
        found = pgd(
            model, images, labels, epsilon=0.1, steps=10, until_fooled=until_fooled,
            generator=generator.manual_seed(2),
        )  # fmt: skip
        assert (found - images).abs().max() <= 0.1 + 1e-6
        fooled.append(model(found).argmax(1) != labels)
    assert fooled[0].any() and not fooled[0].all()
    assert torch.equal(*fooled)


def test_a_watcher_is_told_which_start_a_step_belongs_to(images, labels):
    seen = []
    pgd(bent(), images, labels, epsilon=EPSILON, steps=3, restarts=2, generator=seeded(), watch=seen.append)
    assert [one.start for one in seen] == [0] * 4 + [1] * 4
