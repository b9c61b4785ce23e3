"""Changed pictures: augmented, mirrored, normalised otherwise."""

import base64
import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

from inference.course import pictures
from inference.course.shipped import digits, sample
from tests.inference.course.test_small import ended


def opened(file):
    return np.array(Image.open(io.BytesIO(base64.b64decode(file["data"]))))


@pytest.mark.parametrize("change", list(pictures.CHANGES))
def test_a_digit_augmented(change):
    told = pictures.augmented(sample("digit-5"), change=change)
    first, *changed = map(opened, told["pictures"])
    assert np.array_equal(first, sample("digit-5")[..., 0])
    assert len(changed) == 8 and all(one.shape == (28, 28) for one in changed)
    assert any(not np.array_equal(one, first) for one in changed)
    assert told == pictures.augmented(sample("digit-5")[..., 0], change=change)
    assert told != pictures.augmented(sample("digit-5"), change=change, seed=1)


def test_a_mirrored_digit_is_mirrored():
    told = pictures.augmented(sample("digit-5"), change="flip")
    first, *changed = map(opened, told["pictures"])
    kinds = {tuple(one.flatten().tolist()) for one in changed}
    assert kinds <= {tuple(first.flatten().tolist()), tuple(first[:, ::-1].flatten().tolist())}
    assert len(kinds) == 2


def test_a_photograph_is_shown_small(cat):
    told = pictures.augmented(cat, change="noise")
    assert {file["type"] for file in told["pictures"]} == {"image/jpeg"}
    assert all(opened(file).shape == (96, 96, 3) for file in told["pictures"])
    assert len(json.dumps(told)) < 80_000


def test_mirroring_hurts_digits_but_those_that_are_their_own_mirror_image():
    told = pictures.mirrored_digits(pictures=500)
    assert told["plain"]["right"] > 485
    assert told["mirrored"]["right"] < 250
    assert sum(one["plain"] for one in told["classes"]) == told["plain"]["right"]
    assert sum(one["mirrored"] for one in told["classes"]) == told["mirrored"]["right"]
    for digit, low, high in ((0, 0.9, 1), (8, 0.8, 1), (2, 0, 0.1), (5, 0, 0.1)):
        one = told["classes"][digit]
        assert low <= one["mirrored"] / one["of"] <= high


@pytest.mark.walk
def test_mirroring_leaves_photographs_what_they_were():
    told = pictures.mirrored_photos()
    assert told["plain"]["right"] == told["mirrored"]["right"] == 7
    assert told["plain"]["of"] == len(told["photos"]) == 8


def test_a_forgotten_normalisation_raises_no_error():
    told = pictures.unnormalised(pictures=500)
    figures = told["figures"]
    assert figures["taught"]["right"] == pictures.mirrored_digits(pictures=500)["plain"]["right"]
    assert figures["taught"]["right"] - 15 < figures["unit"]["right"] <= figures["taught"]["right"]
    assert figures["inverted"]["right"] < figures["taught"]["right"] - 100
    photos = pictures.unnormalised_photos()["figures"]
    assert photos["taught"]["right"] == 7 and photos["bytes"]["right"] <= 2


def test_histograms_count_every_pixel():
    told = pictures.unnormalised(pictures=100)["histograms"]
    images = digits().test.images[:100].double()
    for histogram in told.values():
        assert sum(histogram["counts"]) == images.numel()
    assert told["pixels"]["counts"] == np.histogram(images.numpy(), 32)[0].tolist()
    assert told["pixels"]["mean"] == pytest.approx(float(images.mean()), rel=1e-3)
    (mean,), (std,) = digits().record.mean, digits().record.std
    for name, own in (("mean", -mean), ("deviation", 0)):
        expected = (told["pixels"][name] + own) / std
        assert told["normalised"][name] == pytest.approx(expected, rel=1e-2, abs=2e-3)


@pytest.mark.parametrize("change", ["none", "shift"])
def test_learning_from_changed_pictures(change):
    shares, told = ended(pictures.learnt(change=change, pictures=100, epochs=3))
    assert shares == pytest.approx([1 / 3, 2 / 3, 1])
    assert [one["epoch"] for one in told["epochs"]] == [1, 2, 3]
    assert torch.tensor([one["loss"] for one in told["epochs"]]).diff().max() < 0
