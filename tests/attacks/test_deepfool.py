"""DeepFool against the distance to the nearest boundary where it is known, its promises, and another library."""

import pytest
import torch
from torch import Generator

from attacks.deepfool import deepfool
from attacks.nearest import lengths
from inference.networks.classifier import load
from tests.support.datasets import data_of
from tests.support.networks import bent, boundary_distances, central


@pytest.fixture
def images():
    return torch.rand(12, 1, 6, 6, generator=Generator().manual_seed(3))


@pytest.mark.parametrize("classes", [2, 5, 20])
@pytest.mark.parametrize("overshoot", [0.0, 0.02, 0.5])
def test_on_a_linear_network_one_step_goes_to_the_nearest_boundary_and_the_overshoot_beyond(classes, overshoot):
    """To within 1e-5, and the 1e-4 that the authors' code adds to each step."""
    model, images, labels = central(classes)
    found = deepfool(model, images, labels, steps=1, candidates=classes, overshoot=overshoot)
    nearest = boundary_distances(model, images, labels).amin(1)
    assert torch.allclose(lengths(found - images), (1 + overshoot) * (nearest + 1e-4), atol=1e-5)
    assert (model(found).argmax(1) != labels).all() and nearest.median() > 0.02


def test_the_overshoot_lengthens_the_sum_of_all_steps_once(images):
    """Twice on the way it would be 1.1 times 1.1, and never without the last."""
    model, seen = bent().eval(), {0.0: [], 0.1: []}
    labels = model(images).argmax(1)
    for overshoot, told in seen.items():
        deepfool(model, images, labels, overshoot=overshoot, steps=2, candidates=4, watch=told.append)
    plain, longer = (told[1].images - images for told in seen.values())
    assert torch.allclose((images + 1.1 * plain).clamp(0, 1), images + longer, atol=1e-6)
    twice, alone = seen[0.1][2], []
    once = longer[twice.rows] + images[twice.rows]
    deepfool(model, once, labels[twice.rows], overshoot=0.0, steps=1, candidates=4, watch=alone.append)
    second = alone[1].images - once
    assert len(twice.rows) and torch.allclose((once + 1.1 * second).clamp(0, 1), twice.images, atol=1e-5)


def test_the_candidates_are_the_likeliest_classes():
    """With one candidate the runner-up's boundary is taken though another's is nearer; half of them find nearly all."""
    model, images, labels = central(20)
    distances, runner_up = boundary_distances(model, images, labels), model(images).topk(2, dim=1).indices[:, 1]
    one, ten = (lengths(deepfool(model, images, labels, steps=1, candidates=n) - images) for n in (1, 10))
    assert torch.allclose(one, 1.02 * (distances.gather(1, runner_up[:, None])[:, 0] + 1e-4), atol=1e-5)
    assert (one > 1.02 * distances.amin(1) + 1e-3).any() and ten.median() < 1.01 * 1.02 * distances.amin(1).median()


def test_the_first_that_gets_another_class_ends_it_for_that_picture_alone(images):
    model, seen = bent().eval(), []
    labels = model(images).argmax(1)
    found = deepfool(model, images, labels, watch=seen.append)
    with torch.no_grad():
        assert (model(found).argmax(1) != labels).all()
    sizes = [len(one.rows) for one in seen]
    assert sizes[0] == 12 and sizes == sorted(sizes, reverse=True) and len(set(sizes)) > 2
    for one in seen[1:]:  # who still takes steps was not fooled before, and whoever is fooled has that picture
        ended = one.logits.argmax(1) != labels[one.rows]
        assert torch.equal(found[one.rows[ended]], one.images[ended])


def test_whoever_does_not_get_there_comes_as_far_as_it_came(images):
    model = bent().eval()
    labels = model(images).argmax(1)
    found = deepfool(model, images, labels, steps=1, overshoot=0.0, candidates=4)
    with torch.no_grad():
        after = model(found)
    failed = after.argmax(1) == labels
    assert failed.any() and (lengths(found - images)[failed] > 0.01).all()
    own = [logits.gather(1, labels[:, None])[:, 0] for logits in (model(images), after)]
    assert (own[1] < own[0]).all()


@pytest.mark.parametrize("surrounding", [torch.no_grad, torch.inference_mode])
def test_it_works_where_nobody_asks_for_gradients(images, surrounding):
    model = bent().eval()
    labels = model(images).argmax(1)
    expected = deepfool(model, images, labels)
    with surrounding():
        assert torch.equal(deepfool(model, images, labels), expected)


@pytest.mark.parametrize("numbers", [{"steps": 0}, {"candidates": 0}])
def test_without_a_step_or_a_candidate_there_is_no_attack(images, numbers):
    with pytest.raises(ValueError, match="at least one step and one candidate"):
        deepfool(bent(), images, torch.zeros(12, dtype=torch.int64), **numbers)


@pytest.mark.walk
def test_its_changes_are_no_longer_than_torchattacks(torchattacks):
    """On five hardened digits, where many steps are needed: the median within 2 %, and as many fooled."""
    classifier, test = load("digits-hardened", "cpu"), data_of("mnist").test[:5]
    pixels, labels = test.images.float() / 255, test.labels
    found = {"ours": deepfool(classifier, pixels, labels), "theirs": torchattacks.DeepFool(classifier)(pixels, labels)}
    with torch.no_grad():
        fooled = {whose: classifier(moved).argmax(1) != labels for whose, moved in found.items()}
    median = {whose: lengths(moved - pixels).median() for whose, moved in found.items()}
    assert fooled["ours"].all() and fooled["theirs"].sum() >= 3
    assert median["ours"] <= 1.02 * median["theirs"]
