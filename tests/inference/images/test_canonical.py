"""What becomes of a good picture: the same look, upright, clean, small; and a canonical one stays as it is."""

import hashlib
import struct
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageCms

from inference.images import Canonical, canonicalise
from tests.support.paths import ROOT
from tests.support.picture_files import (
    chunk,
    chunk_names,
    encoded,
    exif,
    furthest,
    marked,
    pixels,
    png_of,
    scene,
    swapped_profile,
)
from tests.support.walks import first

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def photo(data: bytes) -> Canonical:
    return canonicalise(data, "photo")


def test_importing_the_door_brings_neither_pil_nor_numpy_nor_torch():
    code = "import sys, inference.images; print(sorted({'PIL', 'numpy', 'torch'} & set(sys.modules)))"
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert seen.stdout.strip() == "[]"


def test_the_decoder_needs_no_torch():
    code = """if True:
        import sys
        sys.modules["torch"] = None
        from inference.images import canonicalise
        print(canonicalise(sys.stdin.buffer.read(), "digit").width)
    """
    command = [sys.executable, "-c", code]
    seen = subprocess.run(command, cwd=ROOT, input=encoded(marked(scene())), capture_output=True, check=True)
    assert seen.stdout.strip() == b"28"


def test_a_canonical_picture_keeps_every_pixel():
    noise = np.random.default_rng(0).integers(0, 256, (300, 768, 3), dtype=np.uint8)
    first = photo(encoded(Image.fromarray(noise)))
    assert (pixels(first.png) == noise).all()
    assert photo(first.png).png == first.png
    assert (first.width, first.height) == (768, 300)


def test_the_name_is_the_hash_of_the_bytes():
    made = photo(encoded(scene()))
    assert made.sha256 == hashlib.sha256(made.png).hexdigest()


@pytest.mark.parametrize(("width", "height"), first([(769, 500), (500, 2001), (1537, 48), (4032, 3024)], 3))
def test_large_pictures_come_down_to_768_and_keep_their_look(width, height):
    whole = scene(width, height)
    made = photo(encoded(whole, "PNG", compress_level=1))
    assert max(made.width, made.height) == 768
    assert abs(made.width / made.height - width / height) < 0.03 * width / height
    assert furthest(made.png, whole.resize((made.width, made.height), Image.Resampling.LANCZOS)) < 1.0


def test_small_pictures_are_not_enlarged():
    assert (photo(encoded(scene(9, 8))).width, photo(encoded(scene(9, 8))).height) == (9, 8)


def test_fine_stripes_become_grey_and_not_moire():
    stripes = np.zeros((1000, 4000, 3), np.uint8)
    stripes[:, ::2] = 255
    made = pixels(photo(encoded(Image.fromarray(stripes), compress_level=1)).png)
    assert abs(made - 127.5).max() < 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_every_accepted_kind_looks_as_it_did(kind):
    made = photo(encoded(scene(), kind))
    assert furthest(made.png, scene()) < (12 if kind == "GIF" else 3)


def test_a_phones_second_picture_is_ignored():
    other = Image.new("RGB", (96, 64), "black")
    data = encoded(scene(), "MPO", save_all=True, append_images=[other], quality=95)
    assert furthest(photo(data).png, scene()) < 3


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_frame_counts(kind):
    frames = [Image.new("RGB", (96, 64), colour) for colour in ("black", "red", "blue")]
    data = encoded(scene(), kind, save_all=True, append_images=frames)
    assert furthest(photo(data).png, scene()) < 12


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_eight_orientations_show_the_same_scene(orientation, kind):
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    turned = scene() if orientation == 1 else scene().transpose(undo[orientation])
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 98, "subsampling": 0}}.get(kind, {})
    made = photo(encoded(turned, kind, exif=exif(orientation), **options))
    if kind == "JPEG":
        assert furthest(made.png, scene()) < 1.5
    else:
        assert (pixels(made.png) == np.asarray(scene())).all()


def test_no_metadata_survives():
    text = chunk(b"tEXt", b"Comment\0taken at home") + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta/>")
    png = encoded(scene(), exif=exif(6), icc_profile=swapped_profile(), dpi=(300, 300))
    jpeg = encoded(scene(), "JPEG", exif=exif(6), icc_profile=swapped_profile(), comment=b"taken at home")
    for data in (
        png[:33] + text + png[33:],
        jpeg,
        encoded(scene(), "WEBP", exif=exif(6), icc_profile=SRGB, xmp=b"<x/>"),
    ):
        made = photo(data).png
        assert set(chunk_names(made)) == {b"IHDR", b"IDAT", b"IEND"}
        assert b"secret" not in made
        assert b"home" not in made


def test_a_colour_profile_is_applied_and_dropped():
    red, green, blue = scene().split()
    for kind, options in (("PNG", {}), ("JPEG", {"quality": 98, "subsampling": 0}), ("WEBP", {"lossless": True})):
        made = photo(encoded(scene(), kind, icc_profile=swapped_profile(), **options))
        assert furthest(made.png, Image.merge("RGB", (blue, green, red))) < 2


def test_an_srgb_profile_changes_no_pixel():
    assert (pixels(photo(encoded(scene(), icc_profile=SRGB)).png) == np.asarray(scene())).all()


@pytest.mark.parametrize(
    "profile", [b"nonsense", SRGB[:200], SRGB[:36] + b"\0" * 4 + SRGB[40:], SRGB[:128] + b"\xff" * 400]
)
def test_a_broken_profile_is_as_none(profile):
    assert (pixels(photo(encoded(scene(), icc_profile=profile)).png) == np.asarray(scene())).all()


def test_a_profile_for_other_colours_is_as_none():
    cmyk_picture = encoded(scene().convert("CMYK"), "JPEG", quality=98, icc_profile=SRGB)
    assert furthest(photo(cmyk_picture).png, scene()) < 4


@pytest.mark.parametrize(
    "block", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\1" * 40]
)
def test_broken_exif_leaves_the_pixels_alone(block):
    assert furthest(photo(encoded(scene(), "JPEG", exif=block, quality=95)).png, scene()) < 3


def test_cmyk_looks_right():
    assert furthest(photo(encoded(scene().convert("CMYK"), "JPEG", quality=95)).png, scene()) < 4


def test_grey_looks_right():
    assert furthest(photo(encoded(scene().convert("L"))).png, scene().convert("L").convert("RGB")) == 0


def test_sixteen_bit_grey_is_scaled_and_not_clipped():
    ramp = np.linspace(0, 65535, 64 * 96).reshape(64, 96).astype(np.uint16)
    made = pixels(photo(encoded(Image.fromarray(ramp))).png)
    assert abs(made[..., 0] - ramp / 257.0).max() <= 0.51
    assert (made[..., 0] == made[..., 2]).all()


def test_one_bit_is_black_and_white():
    dots = scene().convert("1")
    assert (pixels(photo(encoded(dots)).png) == np.asarray(dots.convert("RGB"))).all()


def test_transparency_lies_on_white():
    alpha = Image.linear_gradient("L").resize((96, 64))
    for data in (
        encoded(Image.merge("RGBA", (*scene().split(), alpha))),
        encoded(Image.merge("RGBA", (*scene().split(), alpha)), "WEBP", lossless=True, exact=True),
    ):
        wanted = Image.composite(scene(), Image.new("RGB", (96, 64), "white"), alpha)
        assert furthest(photo(data).png, wanted) < 1


def test_grey_with_transparency_lies_on_white():
    alpha = Image.linear_gradient("L").resize((96, 64))
    grey = scene().convert("L")
    wanted = Image.composite(grey, Image.new("L", (96, 64), 255), alpha).convert("RGB")
    assert furthest(photo(encoded(Image.merge("LA", (grey, alpha)))).png, wanted) < 1


def test_a_large_transparent_picture_has_no_dark_fringe():
    """Where colours under full transparency are black, averaging before laying on white would show them."""
    layers = np.zeros((3072, 3072, 4), np.uint8)
    layers[::2] = (200, 100, 50, 255)
    made = pixels(photo(encoded(Image.fromarray(layers), compress_level=1)).png)
    wanted = (np.array([200, 100, 50]) + 255) / 2
    assert abs(made - wanted).max() < 2


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_palette_with_a_transparent_colour_lies_on_white(kind):
    flat = Image.new("P", (32, 32), 1)
    flat.putpalette([10, 20, 30, 200, 100, 50])
    flat.paste(0, (0, 0, 16, 32))
    made = pixels(photo(encoded(flat, kind, transparency=0)).png)
    assert made[5, 5].tolist() == [255, 255, 255]
    assert made[5, 25].tolist() == [200, 100, 50]


def test_what_the_first_frame_of_a_gif_leaves_undrawn_is_white():
    """As browsers have it; not in the palette's first colour."""
    frame = Image.new("P", (12, 12), 1)
    frame.putpalette([255, 0, 0, 0, 255, 0])
    data = bytearray(encoded(frame, "GIF"))
    data[6:10] = struct.pack("<HH", 32, 32)  # the screen
    place = data.index(b"\x2c", 13) + 1
    data[place : place + 4] = struct.pack("<HH", 10, 6)  # of the frame, from the left and from above
    made = pixels(photo(bytes(data)).png)
    drawn = np.zeros((32, 32), bool)
    drawn[6:18, 10:22] = True
    assert (made[drawn] == (0, 255, 0)).all() and (made[~drawn] == 255).all()


SIXTEEN = (100 * 257).to_bytes(2, "big"), (200 * 257).to_bytes(2, "big")


@pytest.mark.parametrize(
    ("data", "other"),
    [
        (png_of(8, 8, 1, 0, [b"\x55"] * 8, chunk(b"tRNS", b"\0\0")), 255),
        (png_of(8, 8, 2, 0, [b"\x66\x66"] * 8, chunk(b"tRNS", b"\0\1")), 170),
        (png_of(8, 8, 4, 0, [b"\x53" * 4] * 8, chunk(b"tRNS", b"\0\5")), 51),
        (png_of(8, 8, 8, 0, [b"\x64\xc8" * 4] * 8, chunk(b"tRNS", b"\0\x64")), 200),
        (png_of(8, 8, 16, 0, [b"".join(SIXTEEN) * 4] * 8, chunk(b"tRNS", SIXTEEN[0])), 200),
        (png_of(8, 8, 8, 2, [b"\x64\x64\x64\xc8\xc8\xc8" * 4] * 8, chunk(b"tRNS", b"\0\x64" * 3)), 200),
        (png_of(8, 8, 16, 2, [b"".join(v * 3 for v in SIXTEEN) * 4] * 8, chunk(b"tRNS", SIXTEEN[0] * 3)), 200),
    ],
    ids=["grey1", "grey2", "grey4", "grey8", "grey16", "rgb8", "rgb16"],
)
def test_a_transparent_colour_is_white_at_every_depth(data, other):
    assert pixels(photo(data).png)[0, :2].tolist() == [[255] * 3, [other] * 3]


def test_an_unknown_preparation_is_a_bug_and_says_so():
    with pytest.raises(ValueError, match="known: photo, digit"):
        canonicalise(encoded(scene()), "painting")
