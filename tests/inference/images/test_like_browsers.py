"""A file that browsers show is taken and looks as it does there: what lies beside the pixels neither bars nor bends it.

The right values were read from Chromium 156 (`benchmarks/chromium_pictures.py` compares more).
"""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from inference.images import BadImage, canonicalise
from tests.support.paths import CASES
from tests.support.picture_files import (
    chunk,
    encoded,
    exif,
    furthest,
    gamma,
    jpeg_with,
    packed_zeros,
    pixels,
    png_of,
    scene,
    segment,
    swapped_profile,
    up_to_pixels_end,
    with_chunk,
)

PNG, JPEG = encoded(scene()), encoded(scene(), "JPEG", quality=95)
WEBP = encoded(scene(), "WEBP", lossless=True)
UPRIGHT, TURNED = (96, 64), (64, 96)
BOMB = packed_zeros(100_000_000)
WRONG = b"\0\0\0\0"  # a checksum
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


def photo(data: bytes) -> np.ndarray:
    return pixels(canonicalise(data, "photo").png)


def mean(data: bytes) -> float:
    return float(photo(data).mean())


@pytest.mark.parametrize("name", ["png_ztxt_1.7MB.png", "png_badcrc_pHYs.png", "png_no_IEND.png", "jpg_no_EOI.jpg"])
def test_the_cases_are_taken_whole(name):
    made = photo((CASES / name).read_bytes())
    assert made.std() > 10  # nothing of it is a blank that filled a gap


def test_the_case_with_xmps_orientation_is_not_turned():
    data = (CASES / "jpg_xmp_orientation6_only.jpg").read_bytes()
    with Image.open(CASES / "jpg_xmp_orientation6_only.jpg") as stored:
        assert photo(data).shape[1::-1] == stored.size


BESIDE = {
    "text bomb": chunk(b"zTXt", b"Comment\0\0" + BOMB),
    "international text bomb": chunk(b"iTXt", b"Comment\0\1\0\0\0" + BOMB),
    "profile bomb": chunk(b"iCCP", b"p\0\0" + BOMB),
    "3 MB of text": chunk(b"tEXt", b"Comment\0" + b"x" * 3_000_000),
    "3 MB of XMP": chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b" " * 3_000_000),
    "broken EXIF": chunk(b"eXIf", b"MM\0*" + b"\xff" * 500),
    "unknown": chunk(b"abCd", b"x" * 40),
    "a name of no letters": chunk(b"a\0b\1", b"x"),
    "twice the same": chunk(b"pHYs", b"\0\0\1\0\0\0\1\0\1") * 2,
    "too short": chunk(b"gAMA", b"\0") + chunk(b"cHRM", b"") + chunk(b"sBIT", b"") + chunk(b"tRNS", b"\0"),
    "wrong checksums": b"".join(
        chunk(name, body)[:-4] + WRONG
        for name, body in ((b"gAMA", b"\0\1\x86\xa0"), (b"eXIf", exif(6)[6:]), (b"tRNS", b"\0" * 6), (b"tEXt", b"a\0b"))
    ),
    "EXIF as text": chunk(
        b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 9\n" + exif(6).hex().encode())
    ),
    "animation control alone": chunk(b"acTL", struct.pack(">II", 3, 0)),
}


@pytest.mark.parametrize("extra", BESIDE.values(), ids=BESIDE)
def test_nothing_beside_a_pngs_pixels_refuses_or_changes_it(extra):
    assert (photo(with_chunk(PNG, extra)) == np.asarray(scene())).all()
    assert (photo(PNG[:-12] + extra + PNG[-12:]) == np.asarray(scene())).all()


ENDINGS = {
    "no IEND": PNG[:-12],
    "half an IEND": PNG[:-5],
    "no checksum of IDAT": PNG[:-15],
    "no checksum of zlib": PNG[:-20],
    "a wrong checksum of zlib": PNG[:-18] + b"\0\0" + PNG[-16:],
    "a wrong checksum of IDAT": PNG[:-16] + WRONG + PNG[-12:],
    "a chunk beyond the end": PNG[:-12] + b"\0\1\0\0tEXtabc",
    "garbage": PNG[:-12] + b"garbage" * 99,
    "garbage behind": PNG + b"garbage" * 99,
    "WebP's wrong size": WEBP[:4] + b"\xff\xff\0\0" + WEBP[8:],
    "WebP of size 0": WEBP[:4] + b"\0\0\0\0" + WEBP[8:],
    "WebP and a chunk of its own": WEBP + b"ABCD\4\0\0\0abcd",
    "WebP and half a chunk": WEBP + b"XMP \0\1\0\0abcd",
    "GIF's end": encoded(scene(), "GIF")[:-1],
}


@pytest.mark.parametrize("data", ENDINGS.values(), ids=ENDINGS)
def test_the_end_may_be_missing_where_every_pixel_is_there(data):
    limit = 12 if data.startswith(b"GIF") else 0
    assert furthest(canonicalise(data, "photo").png, scene()) <= limit


JPEGS = {
    "plain": {},
    "fine": {"quality": 98, "subsampling": 0},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_rows": 1},
    "optimised": {"optimize": True},
}


@pytest.mark.parametrize("options", JPEGS.values(), ids=JPEGS)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_without_its_end_mark_is_taken_and_without_a_pixel_refused(options, mode):
    data = encoded(scene(99, 67).convert(mode), "JPEG", **options)
    assert (photo(data[:-2]) == photo(data)).all()
    assert (photo(data[:-1]) == photo(data)).all()
    for missing in (3, 4, 5, 8, 12, 20, 35, len(data) // 3, len(data) // 2):
        with pytest.raises(BadImage) as caught:
            canonicalise(data[: -2 - missing], "photo")
        assert caught.value.code == "damaged"


def test_a_jpeg_may_say_as_much_as_it_likes():
    many = segment(0xE5, b"x") * 20_000 + segment(0xFE, b"y" * 65_000) + segment(0xED, b"8BIM" * 9000) * 20
    wrong = segment(0xEE, b"Adobe") + segment(0xE2, b"MPF\0II*\0\xff\xff\xff\xff") + segment(0xE1, b"Exif\0\0broken")
    assert (photo(jpeg_with(JPEG, many + wrong)) == photo(JPEG)).all()


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (jpeg_with(JPEG, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)), UPRIGHT),
        (with_chunk(PNG, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)), UPRIGHT),
        (encoded(scene(), "WEBP", xmp=XMP), UPRIGHT),
        (jpeg_with(JPEG, segment(0xE1, exif(6))), TURNED),
        (jpeg_with(JPEG, segment(0xE1, exif(6)) + segment(0xE1, exif(3))), TURNED),
        (with_chunk(PNG, chunk(b"eXIf", exif(6)[6:])), TURNED),
        (with_chunk(PNG, chunk(b"eXIf", exif(6))), UPRIGHT),
        (PNG[:-12] + chunk(b"eXIf", exif(6)[6:]) + PNG[-12:], UPRIGHT),
    ],
    ids=["XMP", "PNG XMP", "WebP XMP", "EXIF", "EXIF twice", "PNG EXIF", "PNG EXIF named twice", "PNG EXIF too late"],
)
def test_exifs_orientation_alone_counts(data, size):
    assert photo(data).shape[1::-1] == size


P3_CHRM = chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
SRGB_CHUNK, SWAPPED = chunk(b"sRGB", b"\0"), chunk(b"iCCP", b"p\0\0" + zlib.compress(swapped_profile()))
BROKEN_ICC = chunk(b"iCCP", b"p\0\0" + zlib.compress(b"nonsense"))
PLAIN, LINEAR, RED_AND_BLUE = (129.1, 128.4, 128.8), (184.1, 182.3, 185.1), (128.8, 128.4, 129.1)
COLOURS = {
    "linear": (gamma(1.0), LINEAR),
    "sRGB's own": (gamma(0.45455), PLAIN),
    "no gamma at all": (gamma(0), PLAIN),
    "chromaticities alone": (P3_CHRM, PLAIN),
    "gamma and chromaticities": (gamma(0.45455) + P3_CHRM, (119.7, 125.6, 124.0)),
    "chromaticities of nothing": (gamma(1.0) + chunk(b"cHRM", bytes(32)), PLAIN),
    "sRGB before gamma": (gamma(1.0) + SRGB_CHUNK, PLAIN),
    "a profile before sRGB": (SRGB_CHUNK + SWAPPED, RED_AND_BLUE),
    "a profile before gamma": (gamma(1.0) + SWAPPED, RED_AND_BLUE),
    "a broken profile": (gamma(1.0) + BROKEN_ICC, LINEAR),
    "the first gamma": (gamma(1.0) + gamma(0.45455), LINEAR),
    "code points before all": (SWAPPED + chunk(b"cICP", bytes([12, 13, 0, 1])), (119.5, 126.0, 123.8)),
    "code points, linear": (chunk(b"cICP", bytes([1, 8, 0, 1])), LINEAR),
    "code points of video": (chunk(b"cICP", bytes([1, 1, 0, 1])), (122.2, 121.5, 121.9)),
    "code points unknown": (chunk(b"cICP", bytes([99, 99, 0, 1])), PLAIN),
}


@pytest.mark.parametrize(("extra", "wanted"), COLOURS.values(), ids=COLOURS)
def test_a_pngs_colours_mean_what_they_mean_to_browsers(extra, wanted):
    assert np.abs(photo(with_chunk(PNG, extra)).mean(axis=(0, 1)) - wanted).max() < 0.6


def test_linear_light_of_every_depth_is_shown_as_light():
    """A grey of linear 0.2195 is one of 129 on the screen: 56 of 255, 14385 of 65535."""
    low, high = bytes([56]), (14385).to_bytes(2, "big")
    rows = {(8, 0): low * 8, (8, 2): low * 24, (16, 0): high * 8, (16, 2): high * 24, (8, 4): (low + b"\xff") * 8}
    for (depth, colour), row in rows.items():
        assert abs(mean(png_of(8, 8, depth, colour, [row] * 8, gamma(1.0))) - 129) < 1
    palette = png_of(8, 8, 8, 3, [bytes(8)] * 8, gamma(1.0), chunk(b"PLTE", low * 3))
    assert abs(mean(palette) - 129) < 1


def test_half_of_linear_black_lies_on_white_as_the_screen_mixes():
    assert abs(mean(png_of(8, 8, 8, 4, [b"\0\x80" * 8] * 8, gamma(1.0))) - 127) < 1


def test_indices_beyond_the_palette_show_its_last_colour():
    data = png_of(8, 8, 8, 3, [bytes(range(8))] * 8, chunk(b"PLTE", b"\xff\0\0\0\xff\0"))
    assert photo(data)[0, 7].tolist() == [0, 255, 0]


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.98])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_a_picture_that_lacks_pixels_stays_refused(kind, part):
    data = up_to_pixels_end(encoded(scene(), kind))
    with pytest.raises(BadImage) as caught:
        canonicalise(data[: int(len(data) * part)], "photo")
    assert "damaged or incomplete" in str(caught.value)
