"""Turns a picture file into plain pixels: first frame, upright, sRGB, on white, at most 768 pixels on the long side.

Files come from strangers. Everything here works within a known memory: large pictures are read at a fraction of their
size (JPEG) or flattened and reduced strip by strip, so that no second full-size copy ever exists.
"""

import warnings
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import TypeVar

from PIL import Image, ImageCms, _webp

from inference.pictures_header import LONG_SIDE, MEGAPIXEL, MEGAPIXELS, Header, check_size, inspect
from inference.pictures_refusal import BadImage

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
PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # a profile's colour space -> the mode it applies to
OPAQUE_MODES = {"1": "L", "L": "L", "P": "RGB", "RGB": "RGB", "RGBX": "RGB", "CMYK": "CMYK"}
SRGB = ImageCms.createProfile("sRGB")


def decode(data: bytes) -> Image.Image:
    """The picture in `data`, mode RGB; a BadImage whatever a hostile file does to the decoder."""
    return _guarded(data, _flat)


def decode_with_alpha(data: bytes) -> tuple[Image.Image, Image.Image | None]:
    """`decode`, and its opacity, mode L of the same size; None where every pixel is opaque."""
    return _guarded(data, lambda picture, depth: (_flat(picture, depth), _alpha(picture, depth)))


def _guarded(data: bytes, make: Callable[[Image.Image, int], Made]) -> Made:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of oddities in metadata, which is dropped anyway
            return _decode(data, inspect(data), make)
    except BadImage:
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        raise BadImage("too_demanding") from error
    except Exception as error:  # decoders raise a dozen types on broken files; all mean the same to a visitor
        raise BadImage("damaged") from error


def _decode(data: bytes, header: Header, make: Callable[[Image.Image, int], Made]) -> Made:
    with _opened(data, header.kind) as picture:
        check_size(Header(header.kind, *picture.size))  # a GIF's frame may be larger than its screen
        width, height = fitted(picture.size)
        picture.draft(None, (2 * width, 2 * height))  # JPEG: 1/2, 1/4 or 1/8, at least twice what is needed
        picture.load()
        return make(picture, header.depth)


def _flat(picture: Image.Image, depth: int) -> Image.Image:
    transparent = _transparent(picture, depth)
    small = _shrunk(picture, lambda strip: _opaque(strip, transparent))
    return _upright(_in_srgb(small, picture.info.get("icc_profile")), _orientation(picture))


def _alpha(picture: Image.Image, depth: int) -> Image.Image | None:
    """After `_flat`, which has brought the transparent colour to the pixels' scale."""
    if not (picture.has_transparency_data or picture.info.get("transparency") is not None):
        return None
    small = _upright(_shrunk(picture, _opacity), _orientation(picture))
    return None if small.getextrema() == (255, 255) else small


def _opened(data: bytes, kind: str) -> Image.Image:
    return _first_webp_frame(data) if kind == "WebP" else Image.open(BytesIO(data), formats=[kind])


def _first_webp_frame(data: bytes) -> Image.Image:
    """As Pillow's own plugin, but in 149 MB instead of 200 for 12 megapixels.

    The plugin copies the frame into an image while libwebp still holds it twice; here the image *is* the frame.
    """
    decoder = _webp.WebPAnimDecoder(data)
    size, _loop, _background, _frames, mode = decoder.get_info()
    info = {"icc_profile": decoder.get_chunk("ICCP"), "exif": decoder.get_chunk("EXIF")}
    frame = decoder.get_next()
    if frame is None:
        raise BadImage("damaged")
    picture = Image.frombuffer(mode, size, frame[0], "raw", mode, 0, 1)
    picture.info = {key: value for key, value in info.items() if value}
    return picture


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


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB with the embedded colour profile applied; a broken or unfitting profile is as none."""
    if profile:
        try:
            return _through_profile(picture, ImageCms.ImageCmsProfile(BytesIO(profile)))
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError, KeyError, AttributeError):
            pass
    return picture.convert("RGB")


def _through_profile(picture: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    mode = PROFILE_MODES[profile.profile.xcolor_space.strip()]
    if mode == "RGB" and picture.mode == "L":
        picture = picture.convert("RGB")
    if picture.mode != mode:  # the profile speaks of other colours than the picture has
        return picture.convert("RGB")
    transform = ImageCms.buildTransform(profile, SRGB, mode, "RGB")
    if mode == "RGB" and _is_srgb(transform):
        return picture
    return ImageCms.applyTransform(picture, transform) or picture


def _is_srgb(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether the profile moves no colour by more than one level: then pixels stay as they are, to the bit."""
    before = Image.merge("RGB", _COLOURS)
    after = ImageCms.applyTransform(before, transform)
    pairs = zip(before.tobytes(), after.tobytes(), strict=True) if after else ()
    return all(abs(a - b) <= 1 for a, b in pairs)


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where the EXIF block is absent or broken."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # broken metadata raises as many types as broken pixels do, but the pixels are fine
        return 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    method = UPRIGHT.get(orientation)
    return picture if method is None else picture.transpose(method)


def _colour_cube() -> tuple[Image.Image, ...]:
    """9 × 9 × 9 colours, one image (729, 1) per channel."""
    steps = [min(255, 32 * i) for i in range(9)]
    cube = [(r, g, b) for r in steps for g in steps for b in steps]
    return tuple(Image.frombytes("L", (len(cube), 1), bytes(channel)) for channel in zip(*cube, strict=True))


_COLOURS = _colour_cube()
Image.MAX_IMAGE_PIXELS = max(MEGAPIXELS.values()) * MEGAPIXEL
