"""What a picture file says of itself before a single pixel is decoded: its kind, its size, what it would cost."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from attacks.words import gettext_noop
from inference.catalog.messages import Words
from inference.images.bare import jpeg_segments
from inference.images.refusal import ACCEPTED, BadImage

MAX_MEGABYTES = 20
MIN_SIDE = 8  # pixels, each side
LONG_SIDE = 768  # pixels: larger pictures are made as small as this
MAX_ASPECT = 96  # so that 768 pixels on the long side leave at least 8 on the short one
MEGAPIXEL = 1_000_000


@dataclass(frozen=True)
class Header:
    """What the first bytes tell."""

    kind: str
    width: int  # pixels
    height: int
    depth: int = 8  # bits a channel
    held: int = 0  # channels that a JPEG's decoder keeps whole until the last scan, 2 bytes a value


def check_weight(data: bytes) -> None:
    """Refuse an empty file and one of more than 20 MB (20,000,000 bytes)."""
    if not data:
        raise BadImage("empty")
    megabytes = -(-len(data) // 1_000_000)
    if megabytes > MAX_MEGABYTES:
        raise BadImage("too_heavy", size=megabytes, limit=MAX_MEGABYTES)


def sniff(data: bytes) -> str:
    """The kind of picture by its first bytes; a BadImage that names the other kind where it is known."""
    for offset, magic, kind in SIGNATURES:
        if data[offset : offset + len(magic)] == magic:
            return kind
    if data[4:8] == b"ftyp":
        raise _boxed(data[8:12])
    for offset, magic, kind in FOREIGN:
        if data[offset : offset + len(magic)] == magic:
            raise BadImage("foreign", kind=kind, accepted=ACCEPTED)
    start = data[:1024].lower()
    if b"<svg" in start:
        raise BadImage("foreign", kind="SVG", accepted=ACCEPTED)
    raise BadImage("unknown", accepted=ACCEPTED)


def inspect(data: bytes, kind: str) -> Header:
    """The checked header of an accepted kind: a size that can be opened within the memory and time allowed."""
    try:
        header = READERS[kind](data)
    except (struct.error, IndexError) as error:
        raise BadImage("damaged") from error
    check_size(header)
    return header


def check_size(header: Header) -> None:
    """Refuse sizes that are too small, too narrow, or too many pixels for their kind."""
    width, height = header.width, header.height
    if not width or not height:
        raise BadImage("damaged")
    if min(width, height) < MIN_SIDE:
        raise BadImage("too_small", width=width, height=height, limit=MIN_SIDE)
    kind, limit = _pixel_limit(header)
    if width * height > limit * MEGAPIXEL:
        megapixels = -(-width * height // MEGAPIXEL)
        raise BadImage("too_many_pixels", megapixels=megapixels, kind=kind, limit=limit)
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise BadImage("too_narrow", width=width, height=height, limit=MAX_ASPECT)


def _pixel_limit(header: Header) -> tuple[str | Words, int]:
    """(the kind as people call it, millions of pixels): what was measured to stay within memory and time."""
    if not header.held:
        return header.kind, MEGAPIXELS[header.kind]
    if header.held <= 3:
        return Words(gettext_noop("progressive JPEG")), 25
    return Words(gettext_noop("progressive CMYK JPEG")), 18


def _boxed(brand: bytes) -> BadImage:
    """HEIC, AVIF and films share a container; its brand tells which."""
    if brand in (b"avif", b"avis"):
        return BadImage("avif")
    if brand[:2] in (b"he", b"mi", b"ms"):  # heic heix heim heis hevc hevx mif1 msf1
        return BadImage("heic")
    return BadImage("foreign", kind="MP4", accepted=ACCEPTED)


def _png(data: bytes) -> Header:
    if data[12:16] != b"IHDR":
        raise BadImage("damaged")
    return Header("PNG", *struct.unpack_from(">IIB", data, 16))


def _gif(data: bytes) -> Header:
    return Header("GIF", *struct.unpack_from("<HH", data, 6))


def _bmp(data: bytes) -> Header:
    (size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", data, 18)
    return Header("BMP", abs(width), abs(height))  # a negative height means top row first


def _webp(data: bytes) -> Header:
    chunk = data[12:16]
    if chunk == b"VP8X":
        low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", data, 24)
        return Header("WebP", (low_w | high_w << 16) + 1, (low_h | high_h << 16) + 1)
    if chunk == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header("WebP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("WebP", width & 0x3FFF, height & 0x3FFF)
    raise BadImage("damaged")


def _jpeg(data: bytes) -> Header:
    """A progressive JPEG, or one whose first scan leaves colours out, is held whole until its last scan."""
    width = height = components = progressive = 0
    for marker, start, _end in jpeg_segments(data):
        body = start + 4
        if marker in FRAMES:
            height, width, components = struct.unpack_from(">HHB", data, body + 1)
            progressive = marker in PROGRESSIVE_FRAMES
        elif marker == 0xDA and components:
            several = progressive or data[body] < components
            return Header("JPEG", width, height, held=components if several else 0)
    raise BadImage("damaged")


SIGNATURES = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (8, b"WEBPVP8", "WebP"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (0, b"BM", "BMP"),
)
FOREIGN = (
    (0, b"%PDF", "PDF"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),
    (0, b"MM\0+", "TIFF"),
    (0, b"8BPS", "Photoshop (PSD)"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"%!PS", "EPS"),
    (0, b"\xc5\xd0\xd3\xc6", "EPS"),
    (0, b"SIMPLE  =", "FITS"),
    (0, b"PK\3\4", "ZIP"),
    (0, b"\x1aE\xdf\xa3", "WebM"),
)
READERS: dict[str, Callable[[bytes], Header]] = {"PNG": _png, "JPEG": _jpeg, "WebP": _webp, "GIF": _gif, "BMP": _bmp}
MEGAPIXELS = {"JPEG": 50, "PNG": 25, "GIF": 25, "BMP": 25, "WebP": 12}
FRAMES = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)  # baseline, extended, progressive; the same with arithmetic coding
PROGRESSIVE_FRAMES = (0xC2, 0xCA)
