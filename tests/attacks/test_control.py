"""The noise control: seeded, of the same budget, and as coarse as the network sees."""

import numpy as np
import pytest

from attacks.controls import noise_signs


def test_the_seed_decides_the_noise_and_nothing_else_does():
    one = noise_signs(7, channels=3, size=224, side=512)
    assert np.array_equal(one, noise_signs(7, channels=3, size=224, side=512))
    assert not np.array_equal(one, noise_signs(8, channels=3, size=224, side=512))
    state = np.random.get_state()[1].copy()
    noise_signs(7, channels=3, size=224, side=512)
    assert np.array_equal(np.random.get_state()[1], state)


def test_the_draw_is_the_same_on_every_machine():
    assert noise_signs(0, channels=1, size=4, side=4)[..., 0].tolist() == [
        [-1, 1, 1, 1],
        [1, 1, -1, 1],
        [-1, 1, 1, 1],
        [1, 1, -1, -1],
    ]


def test_it_is_plus_or_minus_one_and_balanced():
    signs = noise_signs(0, channels=3, size=224, side=224)
    assert signs.dtype == np.int8 and signs.shape == (224, 224, 3)
    assert set(np.unique(signs)) == {-1, 1}
    assert abs(signs.mean()) < 0.01


def test_enlarged_it_is_constant_over_each_pixel_of_the_networks_input():
    drawn, enlarged = (noise_signs(3, channels=3, size=16, side=side) for side in (16, 48))
    assert np.array_equal(enlarged, drawn.repeat(3, axis=0).repeat(3, axis=1))


@pytest.mark.parametrize("side", [1, 7, 223, 225, 768])
def test_any_side_is_filled(side):
    signs = noise_signs(0, channels=3, size=224, side=side)
    assert signs.shape == (side, side, 3) and (np.abs(signs) == 1).all()
