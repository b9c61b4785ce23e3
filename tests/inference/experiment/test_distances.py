"""How far a picture was moved, against definitions that are slower and plainer."""

import math

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from inference.experiment.distances import LUMINANCE, SSIM_WINDOW, distances
from inference.images import pixels


def luminance(picture):
    return picture @ LUMINANCE if picture.shape[2] == 3 else picture[..., 0].astype(np.float32)


@pytest.mark.parametrize("shape", [(7, 7, 3), (28, 28, 1), (71, 150, 3), (300, 300, 3)])
@pytest.mark.parametrize("k", [1, 8, 127])
def test_the_similarity_is_scikit_images(shape, k):
    draw = np.random.default_rng(k)
    smooth = np.add.outer(np.linspace(0, 200, shape[0]), np.linspace(0, 55, shape[1]))[..., None]
    one = (smooth + draw.integers(-9, 10, shape)).clip(0, 255).astype(np.uint8)
    other = pixels.step(one, draw.integers(-1, 2, shape, dtype=np.int8), k)
    expected = structural_similarity(luminance(one), luminance(other), data_range=255, win_size=SSIM_WINDOW)
    assert distances(one, other).ssim == pytest.approx(expected, abs=1e-5)


def test_of_a_flat_picture_it_is_exact():
    flat = np.full((40, 30, 3), 200, np.uint8)
    assert distances(flat, flat).ssim == 1


@pytest.mark.parametrize("channels", [1, 3])
def test_lengths_and_counts_are_what_they_say(channels):
    draw = np.random.default_rng(0)
    one, other = (draw.integers(0, 256, (40, 30, channels), dtype=np.uint8) for _ in range(2))
    other[:20] = one[:20]
    change = other.astype(int) - one
    found = distances(one, other)
    assert found.linf_levels == np.abs(change).max()
    assert found.l2 == pytest.approx(math.sqrt((change**2).sum()) / 255, rel=1e-12)
    assert found.changed_pixels == (change != 0).any(axis=2).sum()
