"""Changed pictures to learn from."""

import pytest
import torch
from torch import Generator
from torch.nn.functional import pad

from inference.catalog.configuration import TrainingConfig
from inference.data.augmentation import augment

ALL = TrainingConfig(shift=3, rotation=20, scale=20, flip=True, noise=20, erasing=True)
EACH = [{"shift": 3}, {"rotation": 20}, {"scale": 20}, {"flip": True}, {"noise": 20}, {"erasing": True}]


def changed(pixels, seed=0, **settings):
    return augment(pixels, TrainingConfig(**settings), Generator().manual_seed(seed))


@pytest.fixture
def digits(few):
    return few.training.images[:200].float() / 255


@pytest.fixture
def patches(colourful):
    return colourful.training.images[:60].float() / 255


def test_nothing_asked_is_nothing_done(digits):
    assert changed(digits) is digits


def test_a_shift_moves_whole_pixels_and_not_further(digits):
    seen, rimmed = set(), pad(digits[..., 2:-2, 2:-2], (2, 2, 2, 2))
    for before, after in zip(rimmed, changed(rimmed, shift=2), strict=True):
        moves = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if (torch.roll(before, (down, right), (1, 2)) - after).abs().max() < 1e-4
        ]
        assert moves
        seen |= set(moves)
    assert len(seen) == 25


def test_what_comes_in_from_outside_is_black_for_grey_pictures_and_the_rim_for_colour_ones():
    grey, colour = torch.ones(50, 1, 28, 28), torch.ones(50, 3, 28, 28)
    assert changed(grey, shift=3).amin() == 0 and changed(colour, shift=3).amin() > 0.999


def test_half_of_the_pictures_are_mirrored(patches):
    after = changed(patches, flip=True)
    same = (after - patches).abs().amax((1, 2, 3)) < 1e-4
    mirrored = (after - patches.flip(3)).abs().amax((1, 2, 3)) < 1e-4
    assert (same ^ mirrored).all() and 15 < mirrored.sum() < 45


def test_a_rotation_turns_about_the_middle_and_no_further_than_asked():
    pixels = torch.zeros(300, 1, 29, 29)
    pixels[..., 14, 4] = 1  # a dot ten pixels left of the middle
    after = changed(pixels, rotation=30)[:, 0]
    places = torch.arange(29.0) - 14
    mass = after.sum((1, 2))
    down, right = (after.sum(2) * places).sum(1) / mass, (after.sum(1) * places).sum(1) / mass
    angle = torch.atan2(down, -right).rad2deg()
    assert angle.abs().max() <= 31 and angle.min() < -25 and angle.max() > 25
    assert (torch.hypot(down, right) - 10).abs().max() < 0.3


def test_a_scale_enlarges_and_reduces_by_no_more_than_asked():
    pixels = torch.zeros(300, 1, 28, 28)
    pixels[..., 9:19, 9:19] = 1  # a square of a hundred pixels
    sides = changed(pixels, scale=20).sum((1, 2, 3)).sqrt()
    assert 7.8 < sides.min() < 8.5 and 11.5 < sides.max() < 12.2


def test_noise_has_the_spread_that_was_asked_for():
    grain = changed(torch.full((20, 1, 28, 28), 0.5), noise=10) - 0.5
    assert grain.std().item() * 255 == pytest.approx(10, rel=0.05) and abs(grain.mean().item()) < 0.002


def test_erasing_greys_a_patch_of_half_of_the_pictures_and_reaches_every_corner():
    erased = changed(torch.zeros(2000, 1, 28, 28), erasing=True)[:, 0] == 0.5
    hit = erased.any(1).any(1)
    assert 0.4 < hit.float().mean() < 0.6
    sides = erased[hit].any(1).sum(1)
    assert sides.min() >= 3 and sides.max() <= 9 and torch.equal(sides, erased[hit].any(2).sum(1))
    assert torch.equal(erased[hit].sum((1, 2)), sides**2)
    assert all(erased[:, row, column].any() for row in (0, 27) for column in (0, 27))


@pytest.mark.parametrize("settings", EACH, ids=lambda settings: next(iter(settings)))
def test_the_generator_decides_and_nothing_else(digits, settings):
    torch.manual_seed(1)
    one = changed(digits, seed=3, **settings)
    torch.manual_seed(2)
    assert torch.equal(one, changed(digits, seed=3, **settings))
    assert not torch.equal(one, changed(digits, seed=4, **settings))


@pytest.mark.parametrize("channels", [1, 3])
def test_whatever_is_asked_pixels_stay_pixels(digits, channels):
    before = digits.repeat(1, channels, 1, 1)
    after = augment(before, ALL, Generator().manual_seed(0))
    assert after.shape == before.shape and after.min() >= 0 and after.max() <= 1
    assert torch.equal(before, digits.repeat(1, channels, 1, 1))  # and those that were given are as they were


def test_pictures_of_one_batch_are_changed_each_in_its_own_way(digits):
    after = augment(digits[:1].repeat(50, 1, 1, 1), ALL, Generator().manual_seed(0))
    assert len({tuple(picture.flatten().tolist()) for picture in after}) == 50


def test_a_batch_costs_about_as_many_calls_as_one_picture(digits):
    def calls(pixels):
        with torch.profiler.profile() as seen:
            augment(pixels, ALL, Generator().manual_seed(0))
        return sum(1 for event in seen.events() if event.name.startswith("aten::"))

    calls(digits[:1])
    assert calls(digits) <= calls(digits[:1]) + 10
