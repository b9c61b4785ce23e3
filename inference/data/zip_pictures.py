"""A stranger's ZIP: opened within limits, and the bytes of each picture in it. Nothing goes to the disk.

The list of contents claims a size for each file, and `zipfile` never unpacks more of one than that: to refuse claims
that are too large therefore limits what is really unpacked, also where they are lies.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from inference.data.zip_refusal import BadZip, LeftOut
from inference.images.header import MAX_MEGABYTES, sniff
from inference.images.refusal import BadImage

MOST_FILES = 20_000
MOST_MEGABYTES = 1000  # unpacked, of all files together; one picture may have MAX_MEGABYTES
DIRECTORY_BYTES = 10_000_000  # of the list of contents; 20,000 long names take about six million
CHUNK = 1 << 18  # read at once: all of a file might be gigabytes of what unpacks to nothing
MEGABYTE = 1_000_000

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, UnicodeDecodeError, NotImplementedError, OSError)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The ZIP, its list of contents not longer than it may be; BadZip if it is none."""
    with path.open("rb") as file:
        check_directory(file)
        try:
            archive = zipfile.ZipFile(file)
        except BROKEN as error:
            raise BadZip("damaged") from error
        with archive:
            if sum(info.file_size for info in archive.infolist()) > MOST_MEGABYTES * MEGABYTE:
                raise BadZip("too_large", limit=MOST_MEGABYTES)
            yield archive


def read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of one file, at most 20 MB; BadImage or LeftOut as soon as it is clear that it is no picture."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise LeftOut("packed")  # the others unpack a few bytes to any size at once
    if info.file_size > MAX_MEGABYTES * MEGABYTE:
        raise BadImage("too_heavy", size=-(-info.file_size // MEGABYTE), limit=MAX_MEGABYTES)
    try:
        with archive.open(info) as file:
            start = file.read(CHUNK)
            sniff(start)
            return b"".join([start, *iter(lambda: file.read(CHUNK), b"")])
    except BROKEN as error:
        raise BadImage("damaged") from error


# --- The list of contents -----------------------------------------------------------------------------------------

END, END64, LOCATOR = b"PK\5\6", b"PK\6\6", b"PK\6\7"
END_BYTES, END64_BYTES, LOCATOR_BYTES = 22, 56, 20


def check_directory(file: BinaryIO) -> None:
    """BadZip if the list of contents is missing or too long: counted before `zipfile` makes objects of it."""
    start, tail = _tail(file)
    place = tail.rfind(END)
    if place < 0 or len(tail) - place < END_BYTES:
        file.seek(0)
        raise BadZip("damaged" if file.read(4) == b"PK\3\4" else "not_a_zip")
    size = struct.unpack_from("<L", tail, place + 12)[0]
    end = start + place
    if tail[max(0, place - LOCATOR_BYTES) : place].startswith(LOCATOR):
        end -= LOCATOR_BYTES + END64_BYTES
        size = _size64(file, end)
    if size > DIRECTORY_BYTES:
        raise BadZip("too_many_files", limit=MOST_FILES)
    if size > end:
        raise BadZip("damaged")
    file.seek(end - size)
    if _count(file.read(size)) > MOST_FILES:
        raise BadZip("too_many_files", limit=MOST_FILES)
    file.seek(0)


def _tail(file: BinaryIO) -> tuple[int, bytes]:
    """The last bytes, among which the list's end mark must be, and where they start."""
    length = file.seek(0, 2)
    start = max(0, length - (1 << 16) - END_BYTES - LOCATOR_BYTES)
    file.seek(start)
    return start, file.read()


def _size64(file: BinaryIO, place: int) -> int:
    """The list's size in a ZIP with 64-bit numbers."""
    file.seek(max(0, place))
    mark = file.read(END64_BYTES)
    if len(mark) < END64_BYTES or not mark.startswith(END64):
        raise BadZip("damaged")
    return struct.unpack_from("<Q", mark, 40)[0]


def _count(directory: bytes) -> int:
    """How many files the list has, not counting on when there are too many."""
    place = count = 0
    while directory.startswith(b"PK\1\2", place) and len(directory) - place >= 46 and count <= MOST_FILES:
        place += 46 + sum(struct.unpack_from("<3H", directory, place + 28))  # name, extra field, comment
        count += 1
    return count
