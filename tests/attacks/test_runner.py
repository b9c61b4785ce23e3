"""Running attacks by name: what comes back is clipped and counted, whatever the attack returns."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from attacks import ATTACKS, run, runner
from attacks.fgsm import fgsm
from attacks.options import OptionError
from attacks.projections import project
from attacks.record import ThreatModel
from attacks.runner import success
from attacks.shapes import Direction

EPSILON = 4
FAR = EPSILON / 255


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 3))


@pytest.fixture
def images():
    return torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(1))


LABELS = torch.tensor([0, 1])
WITH_EPSILON = [slug for slug in ATTACKS if ATTACKS[slug].budget == "epsilon"]


def attack_by(monkeypatch, attack):
    """Let the record of PGD name another function, which returns pictures as PGD's does."""
    monkeypatch.setattr(runner, "function", lambda record: attack)


def attacked_by(model, images, **more):
    return run("pgd", model, images, LABELS, {"epsilon": EPSILON}, **more).adversarial


@pytest.mark.parametrize("slug", WITH_EPSILON)
def test_every_attack_stays_inside_budget_and_picture(slug, model, images):
    images[0, 0, 0] = torch.tensor([0.0, 1.0, 0.0, 1.0])
    attacked = run(slug, model, images, LABELS, {"epsilon": EPSILON}).adversarial
    assert attacked.shape == images.shape and not attacked.requires_grad
    assert attacked.min() >= 0 and attacked.max() <= 1
    assert (attacked - images).abs().max() <= FAR + 1e-7


@pytest.mark.parametrize("slug", WITH_EPSILON)
def test_each_picture_may_have_a_budget_of_its_own(slug, model, images):
    attacked = run(slug, model, images, LABELS, {"epsilon": [2, 40]}).adversarial
    far = (attacked - images).abs().flatten(1).amax(dim=1) * 255
    assert far[0] <= 2 + 1e-4 and 2 < far[1] <= 40 + 1e-4


def test_a_pictures_own_generator_makes_it_the_same_in_every_batch(model, images):
    def own(seed):
        return torch.Generator().manual_seed(seed)

    together = run("pgd", model, images, LABELS, {"epsilon": EPSILON, "steps": 2}, generator=[own(1), own(2)])
    alone = run("pgd", model, images[1:], LABELS[1:], {"epsilon": EPSILON, "steps": 2}, generator=[own(2)])
    assert torch.allclose(together.adversarial[1:], alone.adversarial, atol=1e-6)


def test_the_name_and_the_function_do_the_same(model, images):
    target = torch.tensor([2, 2])
    named = run("fgsm", model, images, LABELS, {"epsilon": EPSILON}, target=target)
    assert torch.allclose(named.adversarial, fgsm(model, images, LABELS, epsilon=FAR, target=target), atol=1e-7)
    assert (named.forwards, named.gradients) == (2, 2)
    assert named.direction.logits.shape == (2, 3)


def test_passes_are_counted_in_pictures(model, images):
    made = run("pgd", model, images, LABELS, {"epsilon": EPSILON, "steps": 3})
    assert (made.forwards, made.gradients, made.direction) == (8, 6, None)  # the last is judged without a gradient
    labels_unknown = run("pgd", model, images, None, {"epsilon": EPSILON, "steps": 3})
    assert labels_unknown.forwards == 10  # and once to ask what the model says


def test_an_attack_that_leaves_the_budget_is_brought_back(monkeypatch, model, images):
    attack_by(monkeypatch, lambda model, images, labels, *, epsilon: images + 10 * epsilon * torch.randn_like(images))
    attacked = attacked_by(model, images)
    assert (attacked - images).abs().max() <= FAR + 1e-7 and attacked.min() >= 0 and attacked.max() <= 1


def along(monkeypatch, sign):
    """Let FGSM's function return these signs."""
    attack_by(monkeypatch, lambda model, images, labels: Direction(sign, torch.zeros(2, 3)))


@pytest.mark.parametrize("epsilon", [0, 1, 7, [3, 254]])
def test_along_signs_nothing_is_left_to_bring_back(monkeypatch, model, epsilon):
    """Bit by bit, for values that binary numbers do not hold, and for signs that are none in earnest."""
    draw = torch.Generator().manual_seed(2)
    pictures = (torch.rand(2, 3, 64, 64, generator=draw) * 255).round() / 255
    budget = torch.tensor(epsilon).div(255).view(-1, 1, 1, 1)
    for sign in (
        torch.randn(pictures.shape, generator=draw).sign(),
        torch.rand(pictures.shape, generator=draw) * 2 - 1,
    ):
        along(monkeypatch, sign)
        made = run("fgsm", model, pictures, LABELS, {"epsilon": epsilon}).adversarial
        assert torch.equal(made, project(made, pictures, "linf", budget))
        assert torch.allclose(made, (pictures + budget * sign).clamp(0, 1), atol=1e-7)


def test_signs_that_are_too_large_are_brought_back(monkeypatch, model, images):
    along(monkeypatch, 3 * torch.randn_like(images).sign())
    attacked = run("fgsm", model, images, LABELS, {"epsilon": EPSILON}).adversarial
    assert torch.equal(attacked, project(attacked, images, "linf", torch.tensor(FAR)))


@pytest.mark.parametrize(
    "sign", [torch.full((2, 3, 4, 4), torch.nan), torch.full((2, 3, 4, 4), torch.inf), torch.ones(1, 2, 3, 4, 4)]
)
def test_signs_that_are_none_are_refused(monkeypatch, model, images, sign):
    along(monkeypatch, sign)
    with pytest.raises(RuntimeError):
        run("fgsm", model, images, LABELS, {"epsilon": EPSILON})


@pytest.mark.parametrize("wrong", [-0.1, 1.1, torch.nan, torch.inf])
def test_pictures_with_a_value_that_is_none_are_refused(model, images, wrong):
    images[1, 2, 3, 3] = wrong
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        run("fgsm", model, images, LABELS, {"epsilon": EPSILON})


def test_each_norm_has_its_projection(images):
    far = images + torch.randn(images.shape, generator=torch.Generator().manual_seed(2))
    near = project(far, images, "l2", torch.tensor(0.5)) - images
    assert near.flatten(1).norm(dim=1).max() <= 0.5 + 1e-6
    few = (project(far, images, "l0", torch.tensor(3)) != images).any(dim=1).flatten(1).sum(dim=1)
    assert few.tolist() == [3, 3]
    inside = project(images + 0.01, images, "linf", torch.tensor(1.0))
    assert torch.allclose(inside, (images + 0.01).clamp(0, 1))
    assert torch.equal(project(far, images, "l2", None), far.clamp(0, 1))


def test_a_budget_belongs_to_the_norm_of_the_threat_model(monkeypatch, model, images):
    record = replace(ATTACKS["pgd"], threat_model=ThreatModel("l2", "White box."))
    monkeypatch.setattr(runner, "find", lambda slug: record)
    attack_by(monkeypatch, lambda model, images, labels, *, epsilon: 1 - images)
    attacked = attacked_by(model, images)
    assert (attacked - images).flatten(1).norm(dim=1).max() <= FAR + 1e-6


@pytest.mark.parametrize("result", [lambda x: x * float("nan"), lambda x: x[:1], lambda x: x[:, :1]])
def test_an_attack_that_returns_no_picture_is_refused(monkeypatch, model, images, result):
    attack_by(monkeypatch, lambda model, images, labels, *, epsilon: result(images))
    with pytest.raises(RuntimeError, match="returned"):
        attacked_by(model, images)


def test_mode_and_gradients_are_restored_around_any_attack(monkeypatch, model, images):
    def attack(model, images, labels, *, epsilon):
        assert not model.training and not any(parameter.requires_grad for parameter in model.parameters())
        return images

    attack_by(monkeypatch, attack)
    attacked_by(model.train(), images)
    assert model.training and all(parameter.requires_grad for parameter in model.parameters())


def test_generator_and_on_step_reach_only_attacks_that_ask(monkeypatch, model, images):
    generator, seen = torch.Generator(), []

    def attack(model, images, labels, *, epsilon, generator, on_step):
        on_step(1)
        seen.append(generator)
        return images

    attack_by(monkeypatch, attack)
    attacked_by(model, images, generator=generator, on_step=seen.append)
    assert seen == [1, generator]
    monkeypatch.undo()
    run("fgsm", model, images, LABELS, {"epsilon": EPSILON}, generator=generator, on_step=seen.append)


@pytest.mark.parametrize(
    ("pictures", "labels", "epsilon"),
    [
        (torch.rand(2, 3, 4, 4) * 255, LABELS, EPSILON),
        (torch.rand(2, 3, 4, 4) - 0.5, LABELS, EPSILON),
        (torch.zeros(2, 3, 4, 4, dtype=torch.uint8), LABELS, EPSILON),
        (torch.rand(3, 4, 4), LABELS, EPSILON),
        (torch.rand(2, 3, 4, 4), LABELS[:1], EPSILON),
        (torch.rand(2, 3, 4, 4), LABELS.float(), EPSILON),
        (torch.rand(2, 3, 4, 4), LABELS, float("inf")),
        (torch.rand(2, 3, 4, 4), LABELS, -EPSILON),
        (torch.rand(2, 3, 4, 4), LABELS, float("nan")),
    ],
)
def test_what_is_no_picture_label_or_epsilon_is_refused(model, pictures, labels, epsilon):
    with pytest.raises(ValueError, match=r"Pictures|Labels|budget"):
        run("fgsm", model, pictures, labels, {"epsilon": epsilon})


def test_an_unknown_attack_is_refused_with_the_known_ones(model, images):
    with pytest.raises(OptionError, match="fgsm"):
        run("pgd9", model, images, LABELS, {"epsilon": EPSILON})


def test_success_is_leaving_the_label_or_reaching_the_target():
    model = nn.Flatten()  # the logits are the pixels
    attacked = torch.tensor([[0.9, 0.1], [0.2, 0.8]]).view(2, 2, 1, 1)
    assert success(model, attacked, torch.tensor([0, 0])).tolist() == [False, True]
    assert success(model, attacked, torch.tensor([0, 0]), target=torch.tensor([0, 0])).tolist() == [True, False]
