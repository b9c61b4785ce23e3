"""A picture file without its trimmings: what browsers ignore never reaches a decoder, what they heed is set aside."""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

MAX_PROFILE = 8_000_000  # bytes unpacked; the largest print profiles have about 3 million
PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_HEEDED = (b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"eXIf")  # of each the first counts, and only before IDAT
EXIF = b"Exif\0\0"
ICC = b"ICC_PROFILE\0"
ADOBE = b"Adobe"
# In a JPEG; nothing of it is looked at twice, for a search that begins anew at each fill byte takes the square of them.
STRAY = re.compile(rb"(?:[^\xff]++|\xff++[\x00\x01\xd0-\xd8])*+")  # up to a segment: bytes, and marks without a body
FILL = re.compile(rb"\xff++")
CODED = re.compile(rb"(?:[^\xff]++|\xff++(?:[\x00\xd0-\xd7]|\Z))*+")  # a scan's bits: stuffed bytes and restarts, too
WEBP_FLAGS = 0x12  # of VP8X: animated, alpha; those for ICC, EXIF and XMP go with their chunks


@dataclass(frozen=True)
class Bare:
    """A file of the same pixels, and what was said beside them."""

    data: bytes
    profile: bytes = b""  # ICC
    exif: bytes = b""  # a TIFF structure, without "Exif\0\0"
    said: dict[bytes, bytes] = field(default_factory=dict)  # a PNG's chunks on colour
    ended: bool = True  # whether a JPEG has its end mark


def bared(data: bytes, kind: str) -> Bare:
    """The picture stripped; GIF and BMP stay as they are, for nothing in them but pixels is heeded."""
    return STRIPPERS[kind](data) if kind in STRIPPERS else Bare(data)


def _png(data: bytes) -> Bare:
    """One IHDR, PLTE, tRNS, IDAT and IEND with checksums set right.

    As in browsers a wrong checksum costs an ancillary chunk its say, and the end need not be there. A wrong one in
    IHDR or PLTE ends the walk: those two are what the pixels mean.
    """
    kept: dict[bytes, bytes] = {}
    said: dict[bytes, bytes] = {}
    pixels: list[memoryview] = []
    for name, body, sound in _png_chunks(data):
        if name == b"IDAT":
            pixels.append(body)
        elif pixels or name in kept:
            continue
        elif name in (b"IHDR", b"PLTE"):
            if not sound:
                raise ValueError(f"wrong checksum in {name!r}")
            kept[name] = bytes(body)
        elif sound and name == b"tRNS":
            kept.update(_transparency(bytes(body), kept))
        elif sound and name in PNG_HEEDED:
            said.setdefault(name, bytes(body))
    chunks = [_chunk(name, body) for name, body in _with_full_palette(kept).items()]
    whole = b"".join((PNG_START, *chunks, _chunk(b"IDAT", b"".join(pixels)), _chunk(b"IEND", b"")))
    exif = said.get(b"eXIf", b"")
    return Bare(whole, _unpacked(said.get(b"iCCP", b"")), b"" if exif.startswith(EXIF) else exif, said)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, bool]]:
    """(name, body, whether the checksum is right) up to IEND or where the file ends; IDAT may be cut, others not."""
    at, view = len(PNG_START), memoryview(data)
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        end = at + 8 + size
        if name == b"IEND" or (end > len(data) and name != b"IDAT"):
            return
        check = int.from_bytes(data[end : end + 4], "big")
        yield name, view[at + 8 : end], name == b"IDAT" or zlib.crc32(view[at + 4 : end]) == check
        at = end + 4


def _chunk(name: bytes, body: bytes | memoryview) -> bytes:
    return b"".join((struct.pack(">I", len(body)), name, body, struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))))


def without_sum(bare: Bare) -> Bare:
    """A bare PNG without the last four bytes of its pixels: zlib's checksum, whose error stops Pillow alone."""
    size, name = struct.unpack_from(">I4s", bare.data, at := bare.data.index(b"IDAT") - 4)
    body = memoryview(bare.data)[at + 8 : at + 4 + size]
    return replace(bare, data=b"".join((bare.data[:at], _chunk(name, body), _chunk(b"IEND", b""))))


def _transparency(body: bytes, kept: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """tRNS where it fits the kind of colours; for palettes only after the palette."""
    colour = kept[b"IHDR"][9]
    fits = {0: len(body) >= 2, 2: len(body) >= 6, 3: b"PLTE" in kept}.get(colour, False)
    return {b"tRNS": body} if fits else {}


def _with_full_palette(kept: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """Indices beyond the palette show its last colour, as in browsers."""
    palette = kept.get(b"PLTE", b"")
    entries = min(len(palette) // 3, 256)
    if kept[b"IHDR"][9] == 3 and entries:
        kept[b"PLTE"] = palette[: 3 * entries] + palette[3 * entries - 3 : 3 * entries] * (256 - entries)
    return kept


def _unpacked(body: bytes) -> bytes:
    """The profile in an iCCP chunk: name, NUL, method, zlib. Nothing if it is broken or unpacks to too much."""
    name, _, packed = body.partition(b"\0")
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], MAX_PROFILE) if 0 < len(name) < 80 else b""
    except zlib.error:
        return b""
    return profile if unpacker.eof else b""


def _jpeg(data: bytes) -> Bare:
    """Tables, frames and scans of the first picture; of the rest only what tells how its colours are meant."""
    kept: list[bytes | memoryview] = [data[:2]]
    exif, view, ended = b"", memoryview(data), False
    parts: list[bytes] = []
    for marker, start, end in jpeg_segments(data):
        body = data[start + 4 : end] if 0xE1 <= marker <= 0xEE else b""
        if marker == 0xE1 and body.startswith(EXIF):
            exif = exif or body[len(EXIF) :]
        elif marker == 0xE2 and body.startswith(ICC):
            parts.append(body[len(ICC) :])
        elif marker == 0xD9:
            ended = True
        elif not (0xE1 <= marker <= 0xEF or marker == 0xFE) or (body.startswith(ADOBE) and len(body) >= 12):
            kept.append(view[start:end])
    return Bare(b"".join([*kept, b"\xff\xd9" if ended else b""]), _joined(parts), exif, ended=ended)


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, where its FF stands, where it ends) up to the end mark; a scan ends where its coded bits do."""
    at = 2
    while True:
        at = _end_of(FILL, data, _end_of(STRAY, data, at)) - 1  # stray bytes between segments are common and harmless
        if at + 2 > len(data):
            return
        marker = data[at + 1]
        if marker == 0xD9:
            yield marker, at, at + 2
            return
        end = at + 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
        if at + 4 > len(data) or end > len(data):
            return
        if marker == 0xDA:
            end = _end_of(CODED, data, end)
        yield marker, at, end
        at = end


def _end_of(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    """Where what the pattern finds at `start` ends: there, if that is nothing."""
    found = pattern.match(data, start)
    return found.end() if found else start


def _joined(parts: list[bytes]) -> bytes:
    """The profile of APP2 segments, each of which names its place and how many there are; all of them or none."""
    places = {part[0]: part[2:] for part in parts if len(part) > 2}
    complete = set(places) == set(range(1, len(parts) + 1)) and all(part[1] == len(parts) for part in parts)
    return b"".join(places[place] for place in sorted(places)) if complete else b""


def _webp(data: bytes) -> Bare:
    """VP8X, alpha and pixels, or the first frame of an animation; sizes set right, whatever the RIFF header claims."""
    kept: list[bytes] = []
    aside: dict[bytes, bytes] = {}
    pixels = False
    for name, body in _riff_chunks(data):
        if name == b"VP8X" and not kept:
            kept.append(_riff_chunk(name, bytes([body[0] & WEBP_FLAGS]) + body[1:]))
        elif not pixels and name in (b"ALPH", b"ANIM", b"ANMF", b"VP8 ", b"VP8L"):
            kept.append(_riff_chunk(name, body))
            pixels = name not in (b"ALPH", b"ANIM")
        elif name in (b"ICCP", b"EXIF"):
            aside.setdefault(name, body)
    whole = b"WEBP" + b"".join(kept)
    exif = aside.get(b"EXIF", b"").removeprefix(EXIF)
    return Bare(b"RIFF" + struct.pack("<I", len(whole)) + whole, aside.get(b"ICCP", b""), exif)


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Whole chunks only, except that the last may lack its padding."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > len(data):
            return
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _riff_chunk(name: bytes, body: bytes) -> bytes:
    return b"".join((name, struct.pack("<I", len(body)), body, b"\0" * (len(body) % 2)))


STRIPPERS: dict[str, Callable[[bytes], Bare]] = {"PNG": _png, "JPEG": _jpeg, "WebP": _webp}
