"""Clothes: whatever the photograph's ground, light on black in 28 × 28; what is so already keeps its pixels."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from inference.catalog.preparations import preparation_of
from inference.images import canonicalise
from inference.images.pixels import read, reread, step, write


def saved(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def shirt(width: int = 280, height: int = 280, ground: int = 255, shade: int = 60) -> Image.Image:
    """A shirt left of the middle, so that centring it would be seen."""
    picture = Image.new("L", (width, height), ground)
    picture.paste(shade, (width // 10, height // 10, width // 2, height * 9 // 10))
    return picture.convert("RGB")


def worn(data: bytes) -> np.ndarray:
    made = canonicalise(data, "clothes")
    assert (made.width, made.height, made.preparation) == (28, 28, "clothes")
    return read(made.png)[..., 0]


def test_pixels_that_are_clothes_already_stay_also_when_attacked_at_128() -> None:
    """Of a bag that fills the rim's upper three quarters, as one of 70,000 does; its ground is at most 16."""
    bag = np.full((28, 28, 1), 230, np.uint8)
    bag[:, :4], bag[:, 24:], bag[24:] = 16, 16, 0
    for k in (0, 1, 77, 128):
        attacked = step(bag, np.ones_like(bag, np.int8), k)
        assert np.array_equal(reread(write(attacked), "clothes"), attacked), k


def test_a_small_grey_picture_on_white_is_inverted_once() -> None:
    grey = np.asarray(shirt(28, 28).convert("L"))[..., None]
    once = reread(write(grey), "clothes")
    assert np.array_equal(once, 255 - grey)
    assert np.array_equal(reread(write(once), "clothes"), once)


@pytest.mark.parametrize(("ground", "shade"), [(255, 60), (0, 195), (230, 40), (128, 10), (110, 250), (240, 200)])
def test_clothes_are_light_and_their_ground_black_whatever_it_was(ground: int, shade: int) -> None:
    found = worn(saved(shirt(ground=ground, shade=shade), "JPEG", quality=92))
    assert found[14, 25] < 12
    assert found[14, 8] > 35
    assert found[14, 8] > 2 * found[14, 25]
    columns = np.flatnonzero(found[14] > 30)
    assert (columns[0] in (2, 3), columns[-1]) == (True, 13)  # where it was: not centred


@pytest.mark.parametrize("shade", [20, 120, 250])
def test_what_is_cut_out_is_light_on_black(shade: int) -> None:
    cut = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
    cut.paste((shade, shade, shade, 255), (30, 10, 90, 110))
    found = worn(saved(cut))
    assert found[14, 1] == 0
    assert found[14, 14] == max(shade, 255 - shade)


@pytest.mark.parametrize(("size", "rows", "columns"), [((300, 100), (9, 17), (0, 27)), ((100, 300), (0, 27), (9, 17))])
def test_wide_and_tall_pictures_are_fitted_whole(size: tuple[int, int], rows, columns) -> None:
    wide = ImageOps.expand(Image.new("RGB", (size[0] - 8, size[1] - 8), (30, 30, 30)), 4, (255, 255, 255))
    found = worn(saved(wide)) > 30
    assert (np.flatnonzero(found.any(axis=1))[[0, -1]] == rows).all()
    assert (np.flatnonzero(found.any(axis=0))[[0, -1]] == columns).all()


def test_it_is_upright_by_exif() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: shown a quarter clockwise
    turned = shirt().transpose(Image.Transpose.ROTATE_90)
    assert abs(worn(saved(turned, exif=exif)).astype(int) - worn(saved(shirt())).astype(int)).max() <= 1


def test_one_shade_and_the_narrowest_picture_are_answered() -> None:
    assert not worn(saved(Image.new("RGB", (50, 50), (90, 90, 90)))).any()
    assert worn(saved(shirt(768, 8))).shape == (28, 28)


def test_a_card_that_called_clothes_digits_is_read_as_its_dataset_says() -> None:
    assert preparation_of({"preparation": "digit", "dataset": {"slug": "fashion-mnist"}}) == "clothes"
    assert preparation_of({"preparation": "digit", "dataset": {"slug": "mnist"}}) == "digit"
    assert preparation_of({"preparation": "photo", "dataset": {"slug": "mine"}}) == "photo"
