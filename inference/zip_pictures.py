"""The pictures in a stranger's ZIP: which there are, of which class, and the bytes of each. Nothing goes to the disk.

The list of contents claims a size for each file, and `zipfile` never unpacks more of one than that: to refuse claims
that are too large therefore limits what is really unpacked, also where they are lies.
"""

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from inference.pictures_header import MAX_MEGABYTES, sniff
from inference.pictures_refusal import BadImage
from inference.zip_refusal import BadZip, LeftOut, Report

MOST_FILES = 20_000
MOST_MEGABYTES = 1000  # unpacked, of all files together; one picture may have MAX_MEGABYTES
MOST_CLASSES = 100
FEWEST_PICTURES = 5  # of each class
LABEL_LENGTH = 60
NAME_LENGTH = 120
DIRECTORY_BYTES = 10_000_000  # of the list of contents; 20,000 long names take about six million
CHUNK = 1 << 18  # read at once: all of a file might be gigabytes of what unpacks to nothing
MEGABYTE = 1_000_000

IGNORED = {"__macosx", "thumbs.db", "desktop.ini"}  # what systems add of their own accord
UNSAFE = re.compile(r"^/|\\|^[A-Za-z]:|(^|/)\.\.(/|$)|\x00")
ENCRYPTED = 0x1 | 0x40 | 0x2000  # plainly, strongly, the directory too
UTF8 = 0x800
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, UnicodeDecodeError, NotImplementedError, OSError)


@dataclass(frozen=True)
class Entry:
    """A file in a class's folder."""

    name: str  # for reports
    label: str
    info: zipfile.ZipInfo


@dataclass(frozen=True)
class Plan:
    """What there is to read, in the ZIP's order; the labels sorted."""

    labels: tuple[str, ...]
    entries: tuple[Entry, ...]


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


def planned(archive: zipfile.ZipFile, report: Report) -> Plan:
    """The pictures of each class; the rest goes into the report. BadZip for what no honest ZIP has."""
    infos = [(_checked(info), info) for info in archive.infolist()]
    paths = _without_top([(_parts(name), info) for name, info in infos if not _is_ignored(name, info)])
    entries = []
    for parts, info in paths:
        label = cleaned(parts[0], LABEL_LENGTH)
        if len(parts) == 2 and label:
            entries.append(Entry(shown(parts), label, info))
        else:
            report.add(shown(parts), LeftOut("too_deep" if len(parts) > 2 else "stray"))
    labels = tuple(sorted({entry.label for entry in entries}, key=lambda label: (label.casefold(), label)))
    _check_labels(labels, report)
    return Plan(labels, tuple(entries))


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


def cleaned(text: str, length: int) -> str:
    """A name fit to be shown: composed, without control characters, blanks single, not longer than that."""
    kept = (char for char in unicodedata.normalize("NFC", text) if not _is_control(char))
    return " ".join("".join(kept).split())[:length].strip()


def shown(parts: tuple[str, ...]) -> str:
    """A path for a report."""
    return cleaned("/".join(parts), NAME_LENGTH)


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


# --- Names --------------------------------------------------------------------------------------------------------


def _checked(info: zipfile.ZipInfo) -> str:
    """The name of a file; BadZip if it leads out of the ZIP, is no ordinary file, or is encrypted."""
    name = _name(info)
    if info.flag_bits & ENCRYPTED:
        raise BadZip("encrypted")
    if UNSAFE.search(name):
        raise BadZip("unsafe_name", name=cleaned(name, NAME_LENGTH))
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadZip("special", name=cleaned(name, NAME_LENGTH))
    return name


def _name(info: zipfile.ZipInfo) -> str:
    """With its NULs, which `zipfile` cuts off; as UTF-8 where it is that without saying so, as often happens."""
    name = info.orig_filename
    if info.flag_bits & UTF8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _is_ignored(name: str, info: zipfile.ZipInfo) -> bool:
    parts = _parts(name)
    return info.is_dir() or not parts or any(part.startswith(".") or part.casefold() in IGNORED for part in parts)


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in name.split("/") if part not in ("", "."))


def _without_top(
    paths: list[tuple[tuple[str, ...], zipfile.ZipInfo]],
) -> list[tuple[tuple[str, ...], zipfile.ZipInfo]]:
    """The same without the one folder that all folders lie in, if there is one."""
    tops = {parts[0] for parts, _info in paths if len(parts) > 1}
    if len(tops) == 1 and any(len(parts) > 2 for parts, _info in paths):
        return [(parts[1:] or parts, info) for parts, info in paths]
    return paths


def _check_labels(labels: tuple[str, ...], report: Report) -> None:
    if not labels:
        raise BadZip("no_classes", report=report)
    if len(labels) == 1:
        raise BadZip("one_class", report=report, label=labels[0])
    if len(labels) > MOST_CLASSES:
        raise BadZip("too_many_classes", report=report, count=len(labels), limit=MOST_CLASSES)


def _is_control(char: str) -> bool:
    """Whether it shows nothing, or changes how others show; joiners are letters' business in many scripts."""
    return unicodedata.category(char).startswith("C") and char not in "\u200c\u200d\t\n"
