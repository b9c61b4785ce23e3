"""Gradients in batches: pictures of all sizes come to what they come to alone, but for last bits; each fails alone."""

from typing import Any

import numpy as np
import pytest
import torch

from attacks.options import OptionError
from inference import experiment
from inference.experiment import Asked, together
from inference.images import canonicalise
from inference.networks.classifier import Classifier, load
from tests.support.finished import png
from tests.support.pictures import digit_png, noise_png

UNTARGETED = {"epsilon": 2, "target": None, "seed": 0}
TARGETED = UNTARGETED | {"target": 7}


@pytest.fixture(scope="module")
def photos() -> list[bytes]:
    """Of four sizes: wide, square, smaller and larger than what the network sees."""
    return [canonicalise(one, "photo").png for one in (png(90, 60), noise_png(64), noise_png(224), noise_png(300))]


def same(made: Any, alone: Any) -> bool:
    """But for signs of gradients that are next to nothing."""
    turned = (made.direction.sign != alone.direction.sign).float().mean()
    return bool(turned < 1e-3) and torch.allclose(made.direction.logits, alone.direction.logits, rtol=0, atol=1e-4)


def test_photographs_of_any_size_come_to_the_same(classifier, photos) -> None:
    asked = [Asked(photo, TARGETED if place % 2 else UNTARGETED) for place, photo in enumerate(photos)]
    for one, made in zip(asked, experiment.directions(classifier, "fgsm", asked), strict=True):
        [alone] = experiment.directions(classifier, "fgsm", [one])
        assert made and (made.forwards, made.gradients) == (1, 1)
        assert made.adversarial.shape == alone.adversarial.shape and same(made, alone)
        attacked = experiment.attack(classifier, one.png, "fgsm", one.options, ray=alone)
        before = experiment.attack(classifier, one.png, "fgsm", one.options)
        assert (attacked.png, attacked.sign_png) == (before.png, before.sign_png)
        assert np.array_equal(attacked.original, before.original)


@pytest.fixture(scope="module")
def digits() -> Classifier:
    return load("digits", "cpu")


def test_each_has_its_own_epsilon(digits) -> None:
    asked = [Asked(digit_png(), UNTARGETED | {"epsilon": epsilon}) for epsilon in (1, 32)]
    one, other = experiment.directions(digits, "fgsm", asked)
    assert one and other
    assert round(float((other.adversarial - one.adversarial).abs().max() * 255)) == 31


def test_one_that_is_no_picture_has_none_and_the_others_are_none_the_worse(digits) -> None:
    asked = [Asked(one, UNTARGETED) for one in (digit_png(), b"no picture", digit_png())]
    first, broken, last = experiment.directions(digits, "fgsm", asked)
    assert broken is None
    [alone] = experiment.directions(digits, "fgsm", asked[:1])
    assert same(first, alone) and same(last, alone)


def test_where_a_batch_fails_each_is_asked_alone(digits, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [Asked(digit_png(), UNTARGETED)] * 3
    [alone] = experiment.directions(digits, "fgsm", asked[:1])

    def full(*_pictures: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(together.Several, "forward", full)
    assert all(same(made, alone) for made in experiment.directions(digits, "fgsm", asked))


def test_a_target_that_is_the_answer_already_is_refused_where_it_is_attacked(digits) -> None:
    options = UNTARGETED | {"target": experiment.predict(digits, digit_png()).top[0].index}
    made = experiment.directions(digits, "fgsm", [Asked(digit_png(), options)] * 2)[0]
    with pytest.raises(OptionError, match="already"):
        experiment.attack(digits, digit_png(), "fgsm", options, ray=made)
