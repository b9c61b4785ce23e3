"""Whatever file comes, there is a clean picture or a BadImage with a sentence, soon and within little memory."""

import contextlib
import csv
import hashlib
import os
import random
import runpy
import struct
import time
import zlib

import pytest
from PIL import Image

from inference.images import BadImage, canonicalise, pool, prepare
from inference.images.bare import jpeg_segments
from inference.images.refusal import REFUSALS
from tests.support.paths import ROOT
from tests.support.picture_files import (
    chunk,
    chunk_names,
    encoded,
    exif,
    furthest,
    jpeg_header,
    packed_zeros,
    png_bomb,
    resized_header,
    scene,
    swapped_profile,
    up_to_pixels_end,
    with_chunk,
)
from tests.support.walks import first

TESTS = ROOT / "tests"
TABLE = TESTS / "data/pictures/pillow_images.csv"
ANSWER_SECONDS = pool.ANSWER_SECONDS + 1
MUTATIONS = int(os.environ.get("GIBBON_MUTATIONS", "2000"))


def refusal(data: bytes, preparation: str = "photo") -> BadImage:
    started = time.monotonic()
    with pytest.raises(BadImage) as caught:
        prepare(data, preparation)
    assert time.monotonic() - started < ANSWER_SECONDS
    return caught.value


@pytest.mark.parametrize("every", first([40, 1]))
def test_pillows_own_pictures_get_the_verdicts_of_the_list(every):
    """Reasons beside each in the list; `python tests/fetch_pillow_images.py --list` writes it anew."""
    pillow_pictures = sorted(runpy.run_path(str(TESTS / "fetch_pillow_images.py"))["pictures"]())
    with TABLE.open() as table:
        wanted = {row["name"]: (row["sha256"], row["verdict"], row["code"]) for row in csv.DictReader(table)}
    found = {}
    for name, data in pillow_pictures[::every]:
        try:
            verdict = ("accept", "") if prepare(data, "photo").png else ("empty", "")
        except BadImage as refused:
            verdict = ("refuse", refused.code)
        found[name] = (hashlib.sha256(data).hexdigest()[:32], *verdict)
    assert {name for name, _data in pillow_pictures} == wanted.keys() and len(wanted) > 1000
    assert found == {name: wanted[name] for name in sorted(wanted)[::every]}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\0", "unknown"),
        (b"just words", "unknown"),
        (b"\xff\xd8\xff" + b"\0" * 20_000_000, "too_heavy"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "foreign"),
        (b"%PDF-1.7", "foreign"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "avif"),
        (b"\0\0\0\x18ftypisom", "foreign"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"RIFF\0\0\0\0WEBPVP8X", "damaged"),
        (b"GIF89a", "damaged"),
        (b"BM", "damaged"),
        (encoded(scene(100, 7)), "too_small"),
        (png_bomb(2000, 20), "too_narrow"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_picture_is_refused_with_its_reason(data, code):
    assert refusal(data).code == code


@pytest.mark.parametrize("kind", ["TIFF", "JPEG2000", "EPS", "PPM", "ICO", "TGA", "PCX", "SGI", "DDS"])
def test_foreign_formats_are_refused_whatever_they_are_called(kind):
    assert refusal(encoded(scene(64, 64), kind)).code in ("foreign", "unknown")


def test_the_sentence_is_a_template_for_translators():
    refused = refusal(b"\xff\xd8\xff" + b"\0" * 27_500_000)
    assert str(refused) == "Your picture is too large (28 MB; up to 20 MB)."
    assert refused.message == REFUSALS["too_heavy"]
    assert refused.message % refused.params == str(refused)


WEBP_CLAIM = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (9999).to_bytes(3, "little") * 2
BOMBS = {
    "12 kB of 100 megapixels": png_bomb(10_000, 10_000, depth=1),
    "PNG RGBA": png_bomb(10_000, 10_000, colour=6),
    "PNG palette": png_bomb(10_000, 10_000, colour=3),
    "PNG one above": png_bomb(5000, 5001),
    "PNG of 2^31": resized_header(encoded(scene()), "PNG", 2**31 - 1, 2**31 - 1),
    "GIF": resized_header(encoded(scene(), "GIF"), "GIF", 65535, 65535),
    "BMP": resized_header(encoded(scene(), "BMP"), "BMP", 2**30, 2**30),
    "WebP": WEBP_CLAIM,
    "JPEG": jpeg_header(8000, 6251),
    "progressive JPEG": jpeg_header(5001, 5000, frame=0xC2),
    "JPEG in several scans": jpeg_header(5001, 5000, in_first_scan=1),
    "progressive CMYK": jpeg_header(4300, 4300, frame=0xC2, components=4),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_too_many_pixels_are_refused_at_once(data):
    started = time.monotonic()
    assert refusal(data).code == "too_many_pixels"
    assert time.monotonic() - started < 1


def test_the_first_bomb_is_small():
    assert len(BOMBS["12 kB of 100 megapixels"]) < 13_000


def test_a_gif_whose_frame_is_larger_than_its_screen_is_refused():
    data = bytearray(encoded(scene(), "GIF"))
    at = data.index(b"\x2c\0\0\0\0\x60\0\x40\0")
    struct.pack_into("<HH", data, at + 5, 65535, 65535)
    assert refusal(bytes(data)).code == "too_demanding"


def zipped(name: bytes, start: bytes) -> bytes:
    return chunk(name, start + packed_zeros(100_000_000))


@pytest.mark.parametrize("filling", [b"\xff" * 4_000_000 + b"\0", b"\xff\0" * 2_000_000, b"\xff\xd0" * 2_000_000])
@pytest.mark.parametrize("place", ["in the coded bits", "between segments", "after them"])
def test_fill_bytes_are_read_once(filling, place):
    """A search for where a scan ends took the square of their number: hours, had a decoder had them for these."""
    data = encoded(scene(), "JPEG")
    places = {"in the coded bits": data.index(b"\xff\xda") + 40, "between segments": 2, "after them": len(data) - 2}
    filled = data[: places[place]] + filling + data[places[place] :]
    begun = time.thread_time()
    segments = list(jpeg_segments(filled))
    assert time.thread_time() - begun < 1
    assert [marker for marker, *_ in segments] == [marker for marker, *_ in jpeg_segments(data)]
    with contextlib.suppress(BadImage):
        assert prepare(filled, "photo").width == scene().width


@pytest.mark.parametrize(
    "extra", [zipped(b"iCCP", b"p\0\0"), zipped(b"zTXt", b"Comment\0\0"), zipped(b"iTXt", b"Comment\0\1\0\0\0")]
)
def test_a_hundred_megabytes_hidden_in_a_profile_or_a_comment_are_never_unpacked(extra):
    started = time.monotonic()
    assert furthest(prepare(with_chunk(encoded(scene()), extra), "photo").png, scene()) == 0
    assert time.monotonic() - started < ANSWER_SECONDS


def samples() -> dict[str, bytes]:
    """One small file of every kind and way of decoding."""
    frames = [Image.new("RGB", (96, 64), colour) for colour in ("black", "red")]
    see_through = Image.merge("RGBA", (*scene().split(), Image.linear_gradient("L").resize((96, 64))))
    text = chunk(b"tEXt", b"Comment\0home") + chunk(b"tRNS", b"\0\5\0\5\0\5")
    return {
        "png": with_chunk(encoded(scene(), icc_profile=swapped_profile(), exif=exif(6)), text),
        "png alpha": encoded(see_through),
        "png palette": encoded(scene().quantize(64), transparency=3),
        "png grey16": encoded(Image.new("I;16", (40, 40), 700)),
        "apng": encoded(scene(), save_all=True, append_images=frames),
        "jpeg": encoded(scene(), "JPEG", exif=exif(3), icc_profile=swapped_profile()),
        "jpeg progressive": encoded(scene(), "JPEG", progressive=True),
        "jpeg cmyk": encoded(scene().convert("CMYK"), "JPEG"),
        "mpo": encoded(scene(), "MPO", save_all=True, append_images=frames),
        "gif": encoded(scene(), "GIF", save_all=True, append_images=frames, transparency=1),
        "bmp": encoded(scene(), "BMP"),
        "bmp palette": encoded(scene().quantize(200), "BMP"),
        "webp": encoded(scene(), "WEBP", exif=exif(8), icc_profile=swapped_profile()),
        "webp lossless": encoded(see_through, "WEBP", lossless=True),
        "webp animated": encoded(scene(), "WEBP", save_all=True, append_images=frames),
    }


SAMPLES = samples()


@pytest.mark.parametrize("name", SAMPLES)
def test_truncated_pictures_are_refused(name):
    """An animation needs no more than its first frame, so it is cut within that."""
    data = up_to_pixels_end(SAMPLES[name])
    whole = (
        len(data) if name not in ("apng", "gif", "mpo") else len(encoded(scene(), {"apng": "PNG"}.get(name, "JPEG")))
    )
    for part in range(5, 100, 5):
        assert refusal(data[: whole * part // 100 - 1]).code in ("damaged", "unknown")


def mutated(data: bytes, dice: random.Random) -> bytes:
    """The file with a few accidents; half of the PNGs get their checksums mended, so that these reach further."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(changed))
        dice.choice([flip, overwrite, cut, repeat, insert])(changed, at, dice)
        if not changed:
            return b"\0"
    return mended(changed) if dice.random() < 0.5 else bytes(changed)


def flip(data: bytearray, at: int, dice: random.Random) -> None:
    data[at] ^= 1 << dice.randrange(8)


def overwrite(data: bytearray, at: int, dice: random.Random) -> None:
    data[at : at + 4] = struct.pack(">I", dice.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, dice.getrandbits(32)]))


def cut(data: bytearray, at: int, dice: random.Random) -> None:
    del data[at : at + dice.choice([1, 2, 16, 300])]


def repeat(data: bytearray, at: int, dice: random.Random) -> None:
    data[at:at] = data[at : at + dice.choice([1, 8, 64, 500])]


def insert(data: bytearray, at: int, dice: random.Random) -> None:
    data[at:at] = dice.randbytes(dice.choice([1, 4, 40]))


def mended(data: bytearray) -> bytes:
    """PNG checksums set right, as far as the chunks can still be followed."""
    at = 8
    while data[:4] == b"\x89PNG" and at + 12 <= len(data):
        end = at + 8 + struct.unpack_from(">I", data, at)[0]
        if end + 4 > len(data):
            break
        struct.pack_into(">I", data, end, zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return bytes(data)


@pytest.mark.parametrize("count", first([200, MUTATIONS]))
def test_mutated_files_give_a_picture_or_a_sentence(count):
    dice, codes = random.Random(20), {"accept": 0}
    for number in range(count):
        data = mutated(dice.choice(list(SAMPLES.values())), dice)
        started = time.monotonic()
        try:
            made = prepare(data, dice.choice(["photo", "digit"]))
            assert set(chunk_names(made.png)) == {b"IHDR", b"IDAT", b"IEND"}
            codes["accept"] += 1
        except BadImage as refused:
            codes[refused.code] = codes.get(refused.code, 0) + 1
        assert time.monotonic() - started < ANSWER_SECONDS, number
    assert codes["accept"] > 0.15 * count  # else the accidents are so bad that they test little
    assert codes["damaged"] > 0.15 * count


@pytest.mark.parametrize(
    "kind", [SyntaxError, ValueError, IndexError, KeyError, TypeError, OSError, EOFError, struct.error, zlib.error]
)
def test_whatever_a_decoder_raises_becomes_the_same_refusal(kind, monkeypatch):
    def fail(*args, **kwargs):
        raise kind("hostile")

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(BadImage) as caught:
        canonicalise(SAMPLES["png alpha"], "photo")
    assert caught.value.code == "damaged"


@pytest.mark.parametrize(
    "kind", [MemoryError, RecursionError, OverflowError, AssertionError, Image.DecompressionBombError]
)
def test_running_out_of_something_is_a_refusal_too(kind, monkeypatch):
    def fail(*args, **kwargs):
        raise kind

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(BadImage) as caught:
        canonicalise(SAMPLES["png alpha"], "photo")
    assert caught.value.code in ("damaged", "too_demanding")


@pytest.mark.parametrize("name", ["png", "jpeg", "gif", "bmp", "webp"])
@pytest.mark.parametrize(
    "tail", [b"<html><script>alert(1)</script>", b"PK\3\4 META-INF/MANIFEST.MF PK\5\6" + b"\0" * 18]
)
def test_polyglots_come_out_as_pictures_only(name, tail):
    made = prepare(SAMPLES[name] + tail, "photo").png
    assert set(chunk_names(made)) == {b"IHDR", b"IDAT", b"IEND"}
    assert tail not in made


def test_a_page_before_the_picture_is_no_picture():
    assert refusal(b"<html>" + SAMPLES["png alpha"]).code == "unknown"


def test_markup_inside_a_comment_is_dropped():
    made = prepare(encoded(scene(), "JPEG", comment=b"<script>alert(1)</script>", quality=95), "photo")
    assert b"script" not in made.png
    assert furthest(made.png, scene()) < 3


def test_the_file_is_read_by_what_it_is_and_not_by_pillows_guess(monkeypatch):
    """A TIFF behind a BMP's first letters would be opened by Pillow if all its readers were allowed."""
    asked = []
    monkeypatch.setattr(Image, "open", lambda data, formats: asked.append(formats) or Image.new("RGB", (8, 8)))
    for name in ("png", "jpeg", "gif", "bmp"):
        canonicalise(SAMPLES[name], "photo")
    assert asked == [["PNG"], ["JPEG"], ["GIF"], ["BMP"]]
