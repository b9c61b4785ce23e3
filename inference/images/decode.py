"""Turns a picture file into plain pixels: first frame, upright, sRGB, on white, at most 768 pixels on the long side.

Files come from strangers. Everything here works within a known memory: large pictures are read at a fraction of their
size (JPEG) or flattened and reduced strip by strip, so that no second full-size copy ever exists.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import TypeVar

from PIL import Image, _webp
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile

from inference.images.bare import Bare, bared, without_sum
from inference.images.colour import Colours
from inference.images.header import LONG_SIDE, MEGAPIXEL, MEGAPIXELS, Header, check_size, check_weight, inspect, sniff
from inference.images.jpeg import load_without_end
from inference.images.refusal import BadImage

STRIP_PIXELS = 1_000_000
Made = TypeVar("Made")
Transparent = int | tuple[int, ...] | bytes | None  # one value, one colour, or an alpha for each palette entry
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112  # EXIF tag
OPAQUE_MODES = {"1": "L", "L": "L", "P": "RGB", "RGB": "RGB", "RGBX": "RGB", "CMYK": "CMYK"}


@dataclass(frozen=True)
class Opened:
    """A decoded picture of any mode, and what its file said of it."""

    picture: Image.Image
    depth: int  # bits a channel
    colours: Colours
    orientation: int  # EXIF's, 1 to 8


def decode(data: bytes) -> Image.Image:
    """The picture in `data`, mode RGB; a BadImage whatever a hostile file does to the decoder."""
    return _guarded(data, _flat)


def decode_with_alpha(data: bytes) -> tuple[Image.Image, Image.Image | None]:
    """`decode`, and its opacity, mode L of the same size; None where every pixel is opaque."""
    return _guarded(data, lambda opened: (_flat(opened), _alpha(opened)))


def _guarded(data: bytes, make: Callable[[Opened], Made]) -> Made:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of oddities in metadata, which is dropped anyway
            return _decode(data, make)
    except BadImage:
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        raise BadImage("too_demanding") from error
    except Exception as error:  # decoders raise a dozen types on broken files; all mean the same to a visitor
        raise BadImage("damaged") from error


def _decode(data: bytes, make: Callable[[Opened], Made]) -> Made:
    check_weight(data)
    kind = sniff(data)
    bare = bared(data, kind)
    header = inspect(bare.data, kind)
    with _loaded(bare, header) as picture:
        return make(Opened(picture, header.depth, Colours(bare), _orientation(bare.exif)))


def _loaded(bare: Bare, header: Header) -> Image.Image:
    if header.kind == "WebP":
        return _first_webp_frame(bare.data)
    try:
        return _read(bare, header)
    except OSError:
        if header.kind != "PNG":
            raise
        return _read(without_sum(bare), header)


def _read(bare: Bare, header: Header) -> Image.Image:
    picture = Image.open(BytesIO(bare.data), formats=[header.kind])
    check_size(Header(header.kind, *picture.size))  # a GIF's frame may be larger than its screen
    width, height = fitted(picture.size)
    picture.draft(None, (2 * width, 2 * height))  # JPEG: 1/2, 1/4 or 1/8, at least twice what is needed
    whole = (0, 0, *picture.size)
    drawn = (isinstance(picture, GifImageFile) and picture.tile and picture.tile[0].extents) or whole
    if isinstance(picture, JpegImageFile) and not bare.ended:
        load_without_end(picture, bare.data)
    else:
        picture.load()
    return picture if drawn == whole else _on_its_screen(picture, drawn)


def _on_its_screen(picture: Image.Image, drawn: tuple[int, int, int, int]) -> Image.Image:
    """A GIF whose first frame leaves some of its screen undrawn: that is transparent, where Pillow takes a colour."""
    (width, height), (left, top, right, bottom) = picture.size, drawn
    screen = picture.convert("RGBA")
    for box in ((0, 0, width, top), (0, bottom, width, height), (0, top, left, bottom), (right, top, width, bottom)):
        screen.paste((0, 0, 0, 0), box)
    return screen


def _flat(opened: Opened) -> Image.Image:
    transparent = _transparent(opened.picture, opened.depth)
    if opened.colours.defined and _has_alpha(opened.picture) and not opened.picture.mode.startswith("I"):
        mixed = _shrunk(opened.picture, lambda strip: strip.convert("RGBA"))
        flat = _on_white(opened.colours.in_srgb(mixed), "RGB")  # colours first: on white they are mixed as sRGB's are
    else:
        flat = opened.colours.in_srgb(_shrunk(opened.picture, lambda strip: _opaque(strip, transparent)))
    return _upright(flat, opened.orientation)


def _alpha(opened: Opened) -> Image.Image | None:
    """After `_flat`, which has brought the transparent colour to the pixels' scale."""
    if not _has_alpha(opened.picture):
        return None
    small = _upright(_shrunk(opened.picture, _opacity), opened.orientation)
    return None if small.getextrema() == (255, 255) else small


def _has_alpha(picture: Image.Image) -> bool:
    return bool(picture.has_transparency_data or picture.info.get("transparency") is not None)


def _first_webp_frame(data: bytes) -> Image.Image:
    """As Pillow's own plugin, but in 149 MB instead of 200 for 12 megapixels.

    The plugin copies the frame into an image while libwebp still holds it twice; here the image *is* the frame.
    """
    decoder = _webp.WebPAnimDecoder(data)
    size, _loop, _background, _frames, mode = decoder.get_info()
    frame = decoder.get_next()
    if frame is None:
        raise BadImage("damaged")
    return Image.frombuffer(mode, size, frame[0], "raw", mode, 0, 1)


def fitted(size: tuple[int, int]) -> tuple[int, int]:
    """The size scaled down, never up, to 768 pixels on the long side."""
    longest = max(size)
    if longest <= LONG_SIDE:
        return size
    return (max(1, round(size[0] * LONG_SIDE / longest)), max(1, round(size[1] * LONG_SIDE / longest)))


def _shrunk(picture: Image.Image, flatten: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Pixels flattened (to RGB, L or CMYK), fitted: boxes down to between two and three times, then Lanczos."""
    width, height = picture.size
    size = fitted(picture.size)
    factor = max(1, max(picture.size) // (2 * max(size)))
    rows = max(1, STRIP_PIXELS // (width * factor)) * factor
    boxes = [(0, top, width, min(height, top + rows)) for top in range(0, height, rows)]
    reduced = _stacked([flatten(picture.crop(box)).reduce(factor) for box in boxes])
    if reduced.size == size:
        return reduced
    exact = (0, 0, width / factor, height / factor)  # the last box may be cut: it counts for what it covers
    return reduced.resize(size, Image.Resampling.LANCZOS, box=exact)


def _stacked(strips: list[Image.Image]) -> Image.Image:
    whole = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    top = 0
    for strip in strips:
        whole.paste(strip, (0, top))
        top += strip.height
    return whole


def _opaque(strip: Image.Image, transparent: Transparent) -> Image.Image:
    """Transparency laid on white, 16-bit grey scaled to 8: mode L, RGB or CMYK."""
    if strip.mode.startswith("I"):
        return strip.convert("I").point(_grey_table(transparent), "L")
    if strip.mode == "LA" or (strip.mode in ("1", "L") and transparent is not None):
        return _on_white(strip.convert("LA"), "L")
    if strip.mode in ("RGBA", "PA") or transparent is not None:
        return _on_white(strip.convert("RGBA"), "RGB")
    return strip.convert(OPAQUE_MODES[strip.mode])


def _opacity(strip: Image.Image) -> Image.Image:
    """Alpha, mode L; 16-bit grey has one transparent value or none."""
    if strip.mode.startswith("I"):
        table = [255] * 65536
        table[strip.info["transparency"]] = 0
        return strip.convert("I").point(table, "L")
    return strip.convert("LA" if strip.mode in ("1", "L", "LA") else "RGBA").getchannel("A")


def _on_white(strip: Image.Image, mode: str) -> Image.Image:
    paper = Image.new(mode, strip.size, "white")
    paper.paste(strip.convert(mode), mask=strip.getchannel("A"))
    return paper


def _transparent(picture: Image.Image, depth: int) -> Transparent:
    """What Pillow notes of a PNG's transparent colour, on the scale of the pixels that Pillow makes of it."""
    noted = picture.info.get("transparency")
    if picture.mode == "L" and depth < 8 and isinstance(noted, int):
        picture.info["transparency"] = noted * 255 // (2**depth - 1)
    elif picture.mode == "RGB" and depth == 16 and isinstance(noted, tuple):
        picture.info["transparency"] = tuple(value >> 8 for value in noted)
    return picture.info.get("transparency")


@cache
def _grey_table(transparent: Transparent) -> list[int]:
    """8-bit grey for each 16-bit value; the one that stands for transparency is white."""
    table = [(value + 128) // 257 for value in range(65536)]
    if isinstance(transparent, int):
        table[transparent] = 255
    return table


def _orientation(exif: bytes) -> int:
    """The EXIF orientation, 1 to 8; 1 where the EXIF block is absent or broken. XMP's does not count."""
    try:
        block = Image.Exif()
        block.load(exif)
        return int(block.get(ORIENTATION, 1))
    except Exception:  # broken metadata raises as many types as broken pixels do, but the pixels are fine
        return 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    method = UPRIGHT.get(orientation)
    return picture if method is None else picture.transpose(method)


Image.MAX_IMAGE_PIXELS = max(MEGAPIXELS.values()) * MEGAPIXEL
