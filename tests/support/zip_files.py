"""ZIPs made for the tests: good ones, and what strangers send."""

import io
import struct
import zipfile
import zlib
from functools import cache

import numpy as np
from PIL import Image
from skimage import data

from tests.support.picture_files import encoded

TEXTURES = ("brick", "grass", "gravel")
PNG = b"\x89PNG\r\n\x1a\n"


@cache
def patch(texture: str, number: int) -> bytes:
    """A JPEG of a part of one of scikit-image's photographs of textures."""
    side, photograph = 128, getattr(data, texture)()
    top, left = np.random.default_rng(number).integers(0, 512 - side, 2)
    return encoded(Image.fromarray(photograph[top : top + side, left : left + side]).convert("RGB"), "JPEG")


def good(each: int = 6, textures: tuple[str, ...] = TEXTURES, top: str = "") -> dict[str, bytes]:
    """Names and contents of a ZIP that is taken."""
    return {f"{top}{name}/{number:03}.jpg": patch(name, number) for name in textures for number in range(each)}


def zipped(
    files: dict[str, bytes] | list[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_STORED
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return buffer.getvalue()


def special(name: str, mode: int) -> zipfile.ZipInfo:
    """An entry that says it is a link, a device, ..."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def flagged(content: bytes, flag: int) -> bytes:
    """The same ZIP with a flag set for every file, in both of its headers."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = changed.find(mark)
        while place >= 0:
            struct.pack_into("<H", changed, place + offset, flag)
            place = changed.find(mark, place + 4)
    return bytes(changed)


def endless(megabytes: int) -> bytes:
    """A deflate stream that begins like a PNG and goes on with zeros: a thousandth of what it unpacks to."""
    first, block, last = (zlib.compressobj(9, zlib.DEFLATED, -15) for _ in range(3))
    start = first.compress(PNG) + first.flush(zlib.Z_FULL_FLUSH)
    zeros = block.compress(bytes(1_000_000)) + block.flush(zlib.Z_FULL_FLUSH)
    return start + zeros * megabytes + last.flush()


def by_hand(entries: list[tuple[str, bytes, int]], *, zip64_end: bool = False) -> bytes:
    """A ZIP of (name, deflate stream, claimed size): true or not."""
    files, directory = bytearray(), bytearray()
    for name, stream, claimed in entries:
        text, place = name.encode(), len(files)
        huge = claimed >= 0xFFFFFFFF
        extra = struct.pack("<2HQ", 1, 8, claimed) if huge else b""
        size = 0xFFFFFFFF if huge else claimed
        common = struct.pack("<5H3L2H", 45, 0, 8, 0, 33, 0, len(stream), size, len(text), len(extra))
        files += b"PK\3\4" + common + text + extra + stream
        directory += b"PK\1\2" + struct.pack("<H", 45) + common + struct.pack("<3H2L", 0, 0, 0, 0, place) + text + extra
    return bytes(files + directory) + _end(len(entries), len(files), len(directory), zip64=zip64_end)


def crowded(count: int, *, zip64: bool) -> bytes:
    """A ZIP whose list names so many empty files, though there is only one."""
    one = by_hand([("a/0.jpg", zlib.compress(b"")[2:-4], 0)])
    start, end = one.find(b"PK\1\2"), one.find(b"PK\5\6")
    directory = one[start:end] * count
    return one[:start] + directory + _end(count, start, len(directory), zip64=zip64)


def _end(count: int, start: int, size: int, *, zip64: bool) -> bytes:
    short = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, size, start, 0)
    if not zip64:
        return short
    long = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
    return long + locator + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
