"""Bytes with the answer that was found in floats: of digits and photographs, within every budget, and no miracles."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from attacks.nearest import lengths
from attacks.options import OptionError
from attacks.runner import run
from inference.experiment.distances import l0, l2, linf
from inference.experiment.judging import judge
from inference.experiment.picture import attack
from inference.experiment.repair import repaired
from inference.experiment.rounding import along, rounded
from inference.images import canonicalise, pixels
from inference.networks.classifier import Classifier, load
from tests.support.datasets import data_of
from tests.support.paths import ROOT
from tests.support.walks import first

SIDE = 32
SAMPLES = ROOT / "inference/assets/samples"
BARELY = {"overshoot": 0.0, "candidates": 2}  # onto the boundary and no further: rounding undoes most of it


@pytest.fixture(scope="module")
def digits():
    return load("digits", "cpu")


@pytest.fixture(scope="module")
def first_fifty():
    return [picture.permute(1, 2, 0).numpy() for picture in data_of("mnist").test[:50].images]


def on_the_boundary(classifier: Classifier, picture: np.ndarray) -> tuple[int, torch.Tensor]:
    """What the network says, and the floats that get another answer by as little as possible."""
    label = int(judge(classifier, picture).argmax())
    found = run("deepfool", classifier, classifier.to_pixels(picture[None]), torch.tensor([label]), BARELY)
    return label, found.adversarial


@pytest.mark.parametrize("count", first([8, 50]))
def test_every_digit_that_succeeds_in_floats_succeeds_saved(digits, first_fifty, count):
    """DeepFool without overshoot: plainly rounded, most of them have the old answer again."""
    undone = 0
    for picture in first_fifty[:count]:
        label, found = on_the_boundary(digits, picture)
        with torch.inference_mode():
            assert digits(found).argmax() != label
        plain = rounded(picture, found[0].permute(1, 2, 0).double().numpy(), "l2", None)
        undone += judge(digits, plain).argmax() == label
        made = attack(digits, pixels.write(picture), "deepfool", BARELY)
        assert made.result.state == "success" and made.result.label_from.index == label
        length = float(lengths(found - digits.to_pixels(picture[None])))  # in float32: each of 784 rounded to 6e-8
        assert made.result.float_distances.l2 == pytest.approx(length, abs=2e-6)
        assert made.result.distances.l2 < 1.05 * made.result.float_distances.l2
    assert undone > count / 5


@pytest.mark.walk
@pytest.mark.parametrize("slug", ["chelsea", "rocket", "camera"])
def test_photographs_whose_nearest_boundary_is_less_than_half_a_level_away(classifier, slug):
    """Growing the change saves none of these. `python -m benchmarks.saved` runs all ten."""
    facts = {one["slug"]: one for one in json.loads((SAMPLES / "samples.json").read_text(encoding="utf-8"))}
    png = canonicalise((SAMPLES / facts[slug]["file"]).read_bytes(), "photo").png
    made = attack(classifier, png, "deepfool", BARELY | {"steps": 10})
    assert made.result.state == "success" and made.result.verified
    assert made.result.float_distances.linf_levels < 20 and made.result.distances.l2 < 1
    assert made.result.control.l2 == pytest.approx(made.result.distances.l2, rel=0.1)  # noise is not rounded away
    passes = made.result.cost.forwards + made.result.cost.gradients
    assert 20 < passes < 150  # of the repair alone: bounded, so that it takes seconds


@pytest.mark.parametrize(("norm", "budget", "size"), [("linf", 24, linf), ("l2", 1.6, l2), ("l0", 700, l0)])
def test_a_repair_stays_within_the_budget(digits, first_fifty, norm, budget, size):
    """The floats are moved to their boundary within the budget; whether bytes get there or not, they keep to it."""
    states = []
    for picture in first_fifty[:12]:
        label, found = on_the_boundary(digits, picture)
        made = repaired(digits, picture, found, norm=norm, budget=budget, label=label)
        states.append(made.pixels is not None)
        if made.pixels is not None:
            assert size(picture, made.pixels) <= budget and judge(digits, made.pixels).argmax() != label
    assert any(states)


def test_a_budget_that_is_too_small_is_a_failure(digits, first_fifty):
    label, found = on_the_boundary(digits, first_fifty[0])
    for norm, budget in (("linf", 1), ("l2", 0.1), ("l0", 0)):
        assert repaired(digits, first_fifty[0], found, norm=norm, budget=budget, label=label).pixels is None


class OnePixel(nn.Module):
    """Takes a grey picture for another if one pixel has a level between two, or else if all the others are lighter."""

    def forward(self, levels: torch.Tensor) -> torch.Tensor:
        one = levels[:, 0, 5, 5]
        others = levels[:, 0].flatten(1).sum(1) - one - 128 * (SIDE**2 - 1)
        lead = 0.3 - (one - 138.4).abs() + others / 100
        return torch.stack([torch.zeros_like(lead), lead], dim=1)


@pytest.fixture
def small_and_coloured():
    """Of a network for small photographs."""
    card = {"normalisation": {"mean": [0.0] * 3, "std": [1.0] * 3}, "labels": ["a", "b"], "levels": 64}
    card |= {"input_size": SIDE, "preparation": "photo", "weights": {"sha256": "0" * 64}}
    return Classifier(OnePixel(), card, torch.device("cpu")).eval()


def test_only_pixels_that_the_attack_has_moved_are_moved_to_repair_it(small_and_coloured):
    grey = np.full((SIDE, SIDE, 3), 128, np.uint8)
    found = small_and_coloured.to_pixels(grey[None]).clone()
    found[0, 0, 5, 5] = 138.4 / 255
    assert repaired(small_and_coloured, grey, found, norm="l0", budget=1, label=0).pixels is None


def test_value_by_value_it_goes_through_no_large_photograph(small_and_coloured):
    """Its network sees few values, but an attack moves those of the picture itself."""
    large = canonicalise((SAMPLES / "panda.jpg").read_bytes(), "photo").png
    with pytest.raises(OptionError, match="smaller picture"):
        attack(small_and_coloured, large, "jsma", {})


def test_what_did_not_succeed_itself_is_not_repaired(digits, first_fifty):
    picture = first_fifty[0]
    label = int(judge(digits, picture).argmax())
    same = repaired(digits, picture, digits.to_pixels(picture[None]), norm="l2", budget=None, label=label)
    assert (same.pixels, same.forwards, same.gradients) == (None, 1, 0)


def test_a_target_is_reached_not_just_the_label_left(digits, first_fifty):
    picture, wanted = first_fifty[0], 3
    label = int(judge(digits, picture).argmax())
    found = run(
        "ddn", digits, digits.to_pixels(picture[None]), torch.tensor([label]), {"steps": 60},
        target=torch.tensor([wanted]),
    ).adversarial  # fmt: skip
    made = repaired(digits, picture, found, norm="l2", budget=None, label=label, target=wanted)
    assert judge(digits, made.pixels).argmax() == wanted


def test_passes_are_counted_and_each_may_stop_the_work(digits, first_fifty):
    counted, calls = [], []
    hook = digits.network.register_forward_hook(lambda model, inputs, logits: counted.append(len(logits)))
    label, found = on_the_boundary(digits, first_fifty[1])
    counted.clear()
    made = repaired(digits, first_fifty[1], found, norm="l2", budget=None, label=label, on_step=lambda: calls.append(1))
    hook.remove()
    assert made.forwards == sum(counted) and len(calls) == len(counted)

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        repaired(digits, first_fifty[1], found, norm="l2", budget=None, label=label, on_step=stop)


def test_noise_is_as_long_as_it_should_be_however_short():
    generator = np.random.default_rng(0)
    original = generator.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    direction = generator.standard_normal((64, 64, 3))
    for length in (0.02, 0.1, 1.0, 10.0):
        assert l2(original, along(original, direction, length)) == pytest.approx(length, rel=0.15)
    assert np.array_equal(along(original, direction, 0.0), original)
