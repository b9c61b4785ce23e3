"""One pixel and few: the optimum where it is known, the queries that are asked, and another implementation."""

import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from attacks.batches import at_once
from attacks.controls import decoded, drawn_pixels
from attacks.few_pixels import few_pixels, painted
from attacks.losses import cross_entropy
from attacks.runner import run
from inference.networks.classifier import load
from tests.support.datasets import data_of
from tests.support.networks import Linear

SIDE = 4


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def two_classes(lead: float, count: int = 8) -> tuple[Linear, Tensor, Tensor]:
    """Grey pictures of 0.5, in which class 0 leads by `lead`; no pixel gains as much as white at row 1, column 2."""
    weight = torch.full((2, SIDE * SIDE), 0.2)
    weight[1, SIDE + 2] = 2.0
    weight[0] = (float(weight[1].sum()) + 2 * lead) / SIDE**2
    return Linear(weight).requires_grad_(False), torch.full((count, 1, SIDE, SIDE), 0.5), torch.zeros(count).long()


def test_it_finds_the_only_pixel_and_colour_that_suffice():
    """White gains 0.5 · (2 - 0.406) = 0.797 of the 0.75 there; no other pixel gains more than 0.103."""
    model, images, labels = two_classes(0.75)
    found = few_pixels(model, images, labels, pixels=1, population=40, generations=30, generator=seeded())
    assert (model(found).argmax(1) == 1).all()
    assert ((found != images).flatten(1).sum(1) == 1).all() and (found[:, 0, 1, 2] > 0.96).all()


def test_where_nothing_suffices_the_best_that_one_pixel_can_comes_back():
    model, images, labels = two_classes(3.0, count=3)
    weight = model.weight[1] - model.weight[0]
    found = few_pixels(model, images, labels, pixels=1, population=60, generations=60, generator=seeded())
    gained = (found - images).flatten(1) @ weight
    assert (model(found).argmax(1) == 0).all()
    assert torch.allclose(gained, 0.5 * weight.abs().max().expand(3), rtol=0.02)


@pytest.mark.parametrize("pixels", [1, 3, 5])
def test_no_more_pixels_change_than_may_and_all_are_whole_levels(pixels):
    model, images, labels = two_classes(3.0, count=2)
    images = (images * 255).round() / 255
    found = few_pixels(model, images, labels, pixels=pixels, population=20, generations=3, generator=seeded())
    assert 1 <= (found != images).flatten(1).sum(1).max() <= pixels
    assert torch.equal((found * 255).round() / 255, found)


def test_each_picture_may_have_its_own_number_of_pixels():
    model, images, labels = two_classes(3.0, count=2)
    options = {"pixels": [1, 8], "population": 20, "generations": 2}
    changed = (run("few-pixels", model, images, labels, options, generator=seeded()).adversarial != images).flatten(1)
    assert changed.sum(1).tolist()[0] <= 1 < changed.sum(1).tolist()[1] <= 8


def test_queries_are_counted_from_the_first_and_stop_at_success():
    """The first population is asked about; a picture that fools is not asked about again."""
    model, images, labels = two_classes(3.0, count=1)
    options = {"pixels": 1, "population": 50, "generations": 4}
    held = run("few-pixels", model, images, labels, options, generator=seeded())
    assert (held.forwards, held.gradients) == (50 * 5, 0)
    easy, *_ = two_classes(0.001)
    assert run("few-pixels", easy, images, labels, options, generator=seeded()).forwards == 50
    steps = []
    few_pixels(
        easy, images, labels, pixels=1, population=50, generations=4, generator=seeded(),
        on_step=lambda *step: steps.append(step),
    )  # fmt: skip
    assert steps == [(50, 250), (250, 250)]


def test_large_pictures_are_asked_about_in_batches_with_the_same_answer(monkeypatch):
    model, images, labels = two_classes(0.75, count=2)
    options = {"pixels": 1, "population": 40, "generations": 30}
    whole = run("few-pixels", model, images, labels, options, generator=seeded())
    monkeypatch.setattr("attacks.few_pixels.at_once", lambda device, values: 7)
    parts = run("few-pixels", model, images, labels, options, generator=seeded())
    assert torch.equal(whole.adversarial, parts.adversarial) and parts.forwards <= whole.forwards


def test_batches_hold_what_the_memory_holds():
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert at_once(cpu, 784) == 256 and at_once(cpu, 3 * 768**2) == 2 and at_once(cpu, 10**9) == 1
    assert at_once(gpu, 784) == 1024 and at_once(gpu, 3 * 768**2) == 75


def test_a_target_is_reached_only_by_that_class():
    weight = torch.zeros(3, SIDE * SIDE)
    weight[0, 0], weight[1, 5], weight[2, 10] = 1.0, 3.0, 2.2
    model, images = Linear(weight), torch.full((2, 1, SIDE, SIDE), 0.5)
    images[:, 0, 0, 0], images[:, 0, 1, 1], images[:, 0, 2, 2] = 1.0, 0.2, 0.1
    labels, target = torch.zeros(2, dtype=torch.int64), torch.full((2,), 2)
    options = {"pixels": 1, "population": 40, "generations": 40}
    found = run("few-pixels", model, images, labels, options, target=target, generator=seeded()).adversarial
    assert (model(found).argmax(1) == 2).all()


def test_a_sure_network_still_leads_the_way():
    """Its probabilities all round to 1; the log-odds do not."""
    model, images, labels = two_classes(0.75, count=2)
    model.weight.data *= 500
    found = few_pixels(model, images, labels, pixels=1, population=40, generations=30, generator=seeded())
    assert (model(found).argmax(1) == 1).all()


def test_candidates_begin_as_in_the_paper_and_stay_in_the_picture():
    drawn = drawn_pixels(np.random.default_rng(0), 2000, pixels=2, channels=3)
    assert drawn.shape == (2000, 10) and drawn.min() >= 0 and drawn.max() <= 1
    ends = np.zeros((2, 10))
    ends[1] = 1.0
    places, colours = decoded(ends, channels=3, height=3, width=5)
    assert places.tolist() == [[[0, 0]] * 2, [[2, 4]] * 2] and colours.tolist() == [[[0] * 3] * 2, [[255] * 3] * 2]
    colours = decoded(drawn, channels=3, height=3, width=5)[1]
    assert abs((colours == 0).mean() - 0.157) < 0.02 and abs((colours == 255).mean() - 0.159) < 0.02  # of N(128, 127)


def test_of_two_at_one_place_the_later_counts_and_places_are_rows_and_columns():
    image = torch.zeros(3, 2, 4)
    one = [0.6, 0.8, *(50 / 255,) * 3]
    other = [0.6, 0.8, 10 / 255, 20 / 255, 1.0]
    made = painted(image, np.array([one + other]))
    assert made.shape == (1, 3, 2, 4) and (made[0, :, 1, 3] * 255).round().tolist() == [10, 20, 255]
    assert (made != 0).any(dim=1).sum() == 1 and (image == 0).all()


def test_children_of_any_are_the_papers_and_another_parent_is_none():
    model, images, labels = two_classes(3.0, count=1)
    options = {"pixels": 4, "population": 20, "generations": 5}
    one, other = (
        run("few-pixels", model, images, labels, options | {"parent": parent}, generator=seeded()).adversarial
        for parent in ("best", "random")
    )
    assert not torch.equal(one, other)
    with pytest.raises(ValueError, match="no parent 'worst': best, random"):
        few_pixels(model, images, labels, pixels=1, parent="worst")


@pytest.mark.parametrize("numbers", [{"population": 4}, {"pixels": 0}])
def test_too_few_to_evolve_is_refused(numbers):
    model, images, labels = two_classes(1.0)
    with pytest.raises(ValueError, match="population of at least 5, and one pixel"):
        few_pixels(model, images, labels, **{"pixels": 1, "population": 5, "generations": 1, **numbers})


def test_with_as_many_candidates_it_fools_no_fewer_than_torchattacks(torchattacks):
    """Ten candidates for ten generations, its usual values, are a hundred queries of the paper's 40,400."""
    classifier, test = load("digits", "cpu"), data_of("mnist").test
    images, labels = test.images[:500].float() / 255, test.labels[:500]
    near = cross_entropy(classifier(images), labels).topk(24).indices
    near = near[classifier(images[near]).argmax(1) == labels[near]][:10]
    images, labels, state = images[near], labels[near], np.random.get_state()
    try:
        np.random.seed(0)
        theirs = torchattacks.OnePixel(classifier, pixels=3, steps=4, popsize=60)(images, labels)  # it makes 54 of 60
    finally:
        np.random.set_state(state)
    options = {"pixels": 3, "population": 54, "generations": 4}
    ours = run("few-pixels", classifier, images, labels, options, generator=seeded())
    fooled = [int((classifier(found).argmax(1) != labels).sum()) for found in (ours.adversarial, theirs)]
    assert fooled[0] >= fooled[1] and 2 <= fooled[0] < 10
