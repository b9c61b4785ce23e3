"""8-bit pictures: what is written is what is read, by whoever reads it, and steps are exact."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from inference.images import canonicalise, pixels


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 3), (9, 1, 3), (33, 57, 3), (28, 28, 1), (300, 200, 3)])
@pytest.mark.parametrize("picture", [noise, lambda *shape: np.full(shape, 200, np.uint8)])
def test_a_written_png_is_read_back_by_pillow_and_by_us(shape, picture):
    made = picture(*shape)
    png = pixels.write(made)
    with Image.open(BytesIO(png)) as opened:
        assert opened.mode == ("RGB" if shape[2] == 3 else "L") and not opened.info
        assert np.array_equal(np.array(opened).reshape(shape), made)
    assert np.array_equal(pixels.read(png), made)


def test_a_png_by_pillow_is_read_too(cat):
    buffer = BytesIO()
    Image.fromarray(cat).save(buffer, "PNG")
    assert np.array_equal(pixels.read(buffer.getvalue()), cat)


@pytest.mark.parametrize("shape", [(300, 451, 3), (64, 48, 3)])
def test_rereading_gives_what_uploading_the_file_would_give(shape):
    made = noise(*shape)
    png = pixels.write(made)
    uploaded = canonicalise(png, "photo")
    assert np.array_equal(pixels.reread(png, "photo"), pixels.read(uploaded.png))
    assert np.array_equal(pixels.reread(png, "photo"), made)


def test_rereading_a_digit_gives_what_uploading_it_would_give():
    made = np.zeros((28, 28, 1), np.uint8)
    made[6:22, 12:16] = noise(16, 4, 1)
    png = pixels.write(made)
    assert np.array_equal(pixels.reread(png, "digit"), made)
    assert np.array_equal(pixels.read(canonicalise(png, "digit").png), made)


@pytest.mark.parametrize("levels", [range(33), range(33, 129)])
def test_every_value_steps_exactly_at_every_level(levels):
    values = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    for sign in (-1, 0, 1):
        for k in levels:
            stepped = pixels.step(values, np.full(values.shape, sign, np.int8), k)
            assert stepped.dtype == np.uint8
            assert stepped.ravel().tolist() == [min(255, max(0, x + sign * k)) for x in range(256)]


def test_the_steps_are_what_rounding_the_float_attack_gives():
    """clip(x/255 + k/255 * s) * 255, rounded to nearest: the same bytes, so the integer way is no other attack."""
    values = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    for sign in (-1, 1):
        for k in range(129):
            floats = np.clip(values.astype(np.float32) / 255 + np.float32(k / 255) * sign, 0, 1) * 255
            exact = pixels.step(values, np.full(values.shape, sign, np.int8), k)
            assert np.array_equal(np.rint(floats).astype(np.uint8), exact)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sign_map_survives_its_png(channels):
    sign = np.random.default_rng(0).integers(-1, 2, (40, 30, channels)).astype(np.int8)
    png = pixels.write_sign(sign)
    with Image.open(BytesIO(png)) as opened:
        shown = np.array(opened.convert("RGB"))
        assert set(np.unique(shown)) == {1, 128, 255}
        assert np.array_equal(shown[..., :channels], 128 + 127 * sign.astype(int))
    assert np.array_equal(pixels.read_sign(png, channels), sign)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sign_map_that_was_written_in_rgb_is_read_all_the_same(channels):
    """As stored attacks have it."""
    sign = np.random.default_rng(0).integers(-1, 2, (40, 30, channels)).astype(np.int8)
    grey = (128 + 127 * sign.astype(np.int16)).astype(np.uint8)
    assert np.array_equal(pixels.read_sign(pixels.write(np.repeat(grey, 3 // channels, axis=2)), channels), sign)
