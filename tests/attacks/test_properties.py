"""What every declared attack keeps, on the smallest and strangest networks and pictures there are."""

import pytest
import torch
from torch import Generator, Tensor, nn

from attacks import ATTACKS, run
from attacks.options import Limits, complete
from attacks.shapes import Seen
from inference.experiment.rounding import rounded
from tests.support.networks import Flat, Stubborn, bent

HEIGHT, WIDTH = 3, 5
SMALL = {"steps": 3, "restarts": 2, "queries": 20, "population": 6, "generations": 2}  # what only costs time


def quick(slug: str, classes: int, **given) -> dict:
    """The attack's options for a small network: defaults, but few passes."""
    options = ATTACKS[slug].options
    known = {option.name for option in options}
    small = {name: value for name, value in {**SMALL, **given}.items() if name in known}
    return complete(options, small, Limits(classes=classes, values=3 * HEIGHT * WIDTH))


def small_network(classes: int = 2) -> nn.Sequential:
    return bent(classes, channels=3, height=HEIGHT, width=WIDTH)


@pytest.fixture
def images() -> Tensor:
    """Three pictures of 3 × 5 pixels; many values are exactly 0 or 1."""
    pictures = torch.rand(3, 3, HEIGHT, WIDTH, generator=Generator().manual_seed(1))
    pictures[0, :, 0], pictures[1, 0] = 0.0, 1.0
    return pictures


def attacked(slug: str, model: nn.Module, images: Tensor, labels: Tensor, *, classes: int = 2, **more) -> Tensor:
    options = more.pop("options", None) or quick(slug, classes)
    generator = more.pop("generator", None) or [Generator().manual_seed(row) for row in range(len(images))]
    return run(slug, model, images, labels, options, generator=generator, **more).adversarial


def keeps_the_budget(slug: str, found: Tensor, images: Tensor, options: dict) -> None:
    """Within [0, 1], and the budget is kept on the saved bytes."""
    record = ATTACKS[slug]
    assert found.shape == images.shape and torch.isfinite(found).all()
    assert found.min() >= 0 and found.max() <= 1
    for one, other in zip(images, found, strict=True):
        original = (one * 255).round().byte().permute(1, 2, 0).numpy()
        saved = rounded(original, other.permute(1, 2, 0).double().numpy(), record.norm, record.budget_of(options))
        change = torch.from_numpy(saved.astype("int64") - original)
        size = {
            "linf": change.abs().max(),
            "l2": (change / 255).square().sum().sqrt(),
            "l0": change.any(dim=2).sum(),
        }[record.norm]
        assert record.budget is None or size <= record.budget_of(options)


@pytest.mark.parametrize("slug", ATTACKS)
@pytest.mark.parametrize("classes", [2, 3, 5])
def test_on_networks_of_few_classes(slug, classes, images):
    model, options = small_network(classes).eval(), quick(slug, classes)
    whole = (images * 255).round() / 255
    labels = model(whole).argmax(1)
    found = attacked(slug, model, whole, labels, classes=classes)
    keeps_the_budget(slug, found, whole, options)
    if ATTACKS[slug].targeted:
        target = (labels + 1) % classes
        keeps_the_budget(slug, attacked(slug, model, whole, labels, classes=classes, target=target), whole, options)


@pytest.mark.parametrize("slug", ATTACKS)
@pytest.mark.parametrize("classes", [2, 10])
def test_without_a_gradient_nothing_breaks(slug, classes, images):
    whole = (images * 255).round() / 255
    labels = torch.zeros(len(images), dtype=torch.int64)
    keeps_the_budget(slug, attacked(slug, Flat(classes), whole, labels, classes=classes), whole, quick(slug, classes))


@pytest.mark.parametrize("slug", ATTACKS)
def test_pictures_that_are_wrong_already(slug, images):
    model, options = small_network().eval(), quick(slug, 2)
    whole = (images * 255).round() / 255
    labels = 1 - model(whole).argmax(1)
    found = attacked(slug, model, whole, labels)
    keeps_the_budget(slug, found, whole, options)
    if ATTACKS[slug].budget is None:  # the smallest change is none
        assert torch.equal(found, whole)


@pytest.mark.parametrize("slug", [slug for slug, record in ATTACKS.items() if record.budget_option])
def test_a_budget_beyond_the_whole_range(slug, images):
    record, model = ATTACKS[slug], small_network().eval()
    widest = record.budget_option.bounds(Limits())[1]
    options = quick(slug, 2, **{record.budget: int(widest) if record.budget_option.kind != "number" else widest})
    whole = (images * 255).round() / 255
    found = attacked(slug, model, whole, model(whole).argmax(1), options=options)
    keeps_the_budget(slug, found, whole, options)


@pytest.mark.parametrize("slug", ATTACKS)
def test_model_and_pictures_are_left_as_they_were(slug, images):
    model = small_network().train()
    model[3].eval()  # a mixture, on purpose
    model[0].weight.requires_grad_(False)
    statistics, copy, state = model[1].running_mean.clone(), images.clone(), torch.get_rng_state()
    found = attacked(slug, model, copy, torch.zeros(3, dtype=torch.int64))
    assert [module.training for module in model] == [True, True, True, False, True, True]
    assert not model[0].weight.requires_grad and model[0].bias.requires_grad
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(model[1].running_mean, statistics) and torch.equal(copy, images)
    assert torch.equal(torch.get_rng_state(), state) and not found.requires_grad


@pytest.mark.parametrize("slug", ATTACKS)
def test_the_same_again_and_the_same_alone(slug, images):
    model = small_network(5).eval()
    labels = model(images).argmax(1)
    found = attacked(slug, model, images, labels, classes=5)
    assert torch.equal(found, attacked(slug, model, images, labels, classes=5))
    for row in range(len(images)):
        alone = run(
            slug, model, images[row : row + 1], labels[row : row + 1], quick(slug, 5),
            generator=[Generator().manual_seed(row)],
        ).adversarial  # fmt: skip
        assert torch.allclose(alone[0], found[row], atol=1e-5)


@pytest.mark.parametrize("slug", ATTACKS)
def test_the_network_is_asked_as_often_as_the_record_says(slug, images):
    """Of an attack that nothing comes of; DeepFool's record tells how often an ordinary picture takes."""
    record, limits = ATTACKS[slug], Limits(classes=5, values=images[0].numel())
    model, labels = Stubborn(small_network(5).eval()), torch.zeros(1, dtype=torch.int64)
    options = quick(slug, 5, queries=30)
    made = run(slug, model, images[:1], labels, options, generator=[Generator().manual_seed(0)])
    said = record.passes(options, limits)
    if slug == "jsma":  # it ends where no two values are left that help
        assert 0 < made.gradients <= made.forwards <= said.forwards
    else:
        assert (made.forwards, made.gradients) == said


def test_an_attack_that_ends_early_is_told_by_what_pictures_take(images):
    said = ATTACKS["deepfool"].passes(complete(ATTACKS["deepfool"].options, {}), Limits(classes=1000, values=150_528))
    assert said == (7, 60) and ATTACKS["deepfool"].passes({"steps": 1, "candidates": 30}, Limits(classes=5)) == (2, 4)


@pytest.mark.parametrize("slug", [slug for slug in ATTACKS if ATTACKS[slug].path != "ray"])
def test_each_step_is_told_watched_and_may_stop_the_work(slug, images):
    model = small_network(5).train()
    labels = model.eval()(images).argmax(1)
    model.train()
    steps, seen, copies = [], [], []

    def watch(one):
        seen.append(one)
        copies.append(one.images.clone())

    attacked(
        slug, model, images, labels, classes=5, on_step=lambda done, total: steps.append((done, total)), watch=watch
    )
    assert seen and all(isinstance(one, Seen) and not one.logits.requires_grad for one in seen)
    for one in seen:
        assert one.images.shape == (len(one.rows), 3, HEIGHT, WIDTH) and one.logits.shape == (len(one.rows), 5)
        assert one.loss.shape == one.rows.shape and torch.isfinite(one.loss).all()
        assert one.images.min() >= 0 and one.images.max() <= 1
    assert all(torch.equal(one.images, copy) for one, copy in zip(seen, copies, strict=True))
    assert seen[0].start == 0 and [one.start for one in seen] == sorted(one.start for one in seen)
    done = [number for number, _total in steps]
    assert done == sorted(done) and done[0] >= 0 and all(number <= total for number, total in steps)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attacked(slug, model, images, labels, classes=5, on_step=stop)
    assert all(module.training for module in model.modules())
