"""Running attacks by name: the caller clips and judges, whatever the attack returns."""

import pytest
import torch
from torch import nn

from attacks import ATTACKS, run, runner
from attacks.catalog import OptionError
from attacks.fgsm import fgsm
from attacks.runner import success

EPSILON = 4 / 255


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 3))


@pytest.fixture
def images():
    return torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(1))


LABELS = torch.tensor([0, 1])


def attack_by(monkeypatch, attack):
    monkeypatch.setattr(runner, "function", lambda slug: attack)


@pytest.mark.parametrize("slug", ATTACKS)
def test_every_attack_stays_inside_budget_and_picture(slug, model, images):
    images[0, 0, 0] = torch.tensor([0.0, 1.0, 0.0, 1.0])
    attacked = run(slug, model, images, LABELS, epsilon=EPSILON)
    assert attacked.shape == images.shape and not attacked.requires_grad
    assert attacked.min() >= 0 and attacked.max() <= 1
    assert (attacked - images).abs().max() <= EPSILON + 1e-7


def test_the_name_and_the_function_do_the_same(model, images):
    target = torch.tensor([2, 2])
    named = run("fgsm", model, images, LABELS, epsilon=EPSILON, target=target)
    assert torch.allclose(named, fgsm(model, images, LABELS, epsilon=EPSILON, target=target), atol=1e-7)


def test_an_attack_that_leaves_the_budget_is_brought_back(monkeypatch, model, images):
    attack_by(monkeypatch, lambda model, images, labels, *, epsilon: images + 10 * epsilon * torch.randn_like(images))
    attacked = run("fgsm", model, images, LABELS, epsilon=EPSILON)
    assert (attacked - images).abs().max() <= EPSILON + 1e-7 and attacked.min() >= 0 and attacked.max() <= 1


@pytest.mark.parametrize("result", [lambda x: x * float("nan"), lambda x: x[:1], lambda x: x[:, :1]])
def test_an_attack_that_returns_no_picture_is_refused(monkeypatch, model, images, result):
    attack_by(monkeypatch, lambda model, images, labels, *, epsilon: result(images))
    with pytest.raises(RuntimeError, match="returned"):
        run("fgsm", model, images, LABELS, epsilon=EPSILON)


def test_mode_and_gradients_are_restored_around_any_attack(monkeypatch, model, images):
    def attack(model, images, labels, *, epsilon):
        assert not model.training and not any(parameter.requires_grad for parameter in model.parameters())
        return images

    attack_by(monkeypatch, attack)
    run("fgsm", model.train(), images, LABELS, epsilon=EPSILON)
    assert model.training and all(parameter.requires_grad for parameter in model.parameters())


def test_generator_and_on_step_reach_only_attacks_that_ask(monkeypatch, model, images):
    generator, seen = torch.Generator(), []

    def attack(model, images, labels, *, epsilon, generator, on_step):
        on_step(1)
        seen.append(generator)
        return images

    attack_by(monkeypatch, attack)
    run("fgsm", model, images, LABELS, epsilon=EPSILON, generator=generator, on_step=seen.append)
    assert seen == [1, generator]
    monkeypatch.undo()
    run("fgsm", model, images, LABELS, epsilon=EPSILON, generator=generator, on_step=seen.append)


@pytest.mark.parametrize(
    ("pictures", "labels", "epsilon"),
    [
        (torch.rand(2, 3, 4, 4) * 255, LABELS, EPSILON),
        (torch.rand(2, 3, 4, 4) - 0.5, LABELS, EPSILON),
        (torch.zeros(2, 3, 4, 4, dtype=torch.uint8), LABELS, EPSILON),
        (torch.rand(3, 4, 4), LABELS, EPSILON),
        (torch.rand(2, 3, 4, 4), LABELS[:1], EPSILON),
        (torch.rand(2, 3, 4, 4), LABELS.float(), EPSILON),
        (torch.rand(2, 3, 4, 4), LABELS, 8),
        (torch.rand(2, 3, 4, 4), LABELS, 0),
        (torch.rand(2, 3, 4, 4), LABELS, -EPSILON),
        (torch.rand(2, 3, 4, 4), LABELS, float("nan")),
    ],
)
def test_what_is_no_picture_label_or_epsilon_is_refused(model, pictures, labels, epsilon):
    with pytest.raises(ValueError, match=r"Pictures|Labels|Epsilon"):
        run("fgsm", model, pictures, labels, epsilon=epsilon)


def test_an_unknown_attack_is_refused_with_the_known_ones(model, images):
    with pytest.raises(OptionError, match="fgsm"):
        run("pgd9", model, images, LABELS, epsilon=EPSILON)


def test_success_is_leaving_the_label_or_reaching_the_target():
    model = nn.Flatten()  # the logits are the pixels
    attacked = torch.tensor([[0.9, 0.1], [0.2, 0.8]]).view(2, 2, 1, 1)
    assert success(model, attacked, torch.tensor([0, 0])).tolist() == [False, True]
    assert success(model, attacked, torch.tensor([0, 0]), target=torch.tensor([0, 0])).tolist() == [True, False]
