"""Where the pictures lie in a ZIP: which class each is of, and which part, if the ZIP has its own to learn and to test.

cat/0.jpg                  a class's folder; all folders may lie in others: pets/2026/cat/0.jpg
train/cat/0.jpg, val/cat/1.jpg, test/cat/2.jpg    parts, each with the classes' folders
"""

import re
import stat
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from inference.catalog.names import cleaned
from inference.data.zip_names import ENCODINGS, GUESS, Names, parts_of, read_names
from inference.data.zip_refusal import BadZip, LeftOut, Report, shown

MOST_CLASSES = 100
FEWEST_PICTURES = 5  # of each class, to learn from
LONGEST_LABEL = 255  # characters
IGNORED = {  # what systems add of their own accord
    *("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information", "@eadir"),
}
ENCRYPTED = 0x1 | 0x40 | 0x2000  # plainly, strongly, the directory too
TRAINING, VALIDATION, TEST = "train", "val", "test"
PARTS = {
    **dict.fromkeys(("train", "training"), TRAINING),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "evaluation"), VALIDATION),
    **dict.fromkeys(("test", "testing"), TEST),
}
OF_PARTS = re.compile(r"[ _-]?(set|data|images)$")  # training_set, Test Data


@dataclass(frozen=True)
class Entry:
    """A file in a class's folder; `part` is empty where the ZIP has no parts."""

    name: str  # for reports
    label: str
    part: str
    info: zipfile.ZipInfo


@dataclass(frozen=True)
class Plan:
    """What there is to read: what is judged on first, otherwise in the ZIP's order; the labels sorted."""

    labels: tuple[str, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Place:
    """Where a file, or an empty folder, lies: the folders, then the file's name."""

    parts: tuple[str, ...]
    info: zipfile.ZipInfo
    part: str = ""
    full: str = ""  # all of its name, for reports

    @property
    def below(self) -> "Place":
        """The same, seen from inside of its first folder."""
        return Place(self.parts[1:], self.info, self.part, self.full)


def part_named(folder: str) -> str:
    """Which part a folder of that name is for; empty if it has another name."""
    return PARTS.get(OF_PARTS.sub("", cleaned(folder).casefold()), "")


def planned(archive: zipfile.ZipFile, report: Report, *, encoding: str = GUESS) -> Plan:
    """The pictures of each class; the rest goes into the report. BadZip for what no honest ZIP has."""
    infos = archive.infolist()
    for info in infos:
        if info.flag_bits & ENCRYPTED:
            raise BadZip("encrypted")
    names = read_names(infos, encoding)
    _tell_encoding(names, report)
    files, folders = _places(infos, names)
    entries = _entries(_in_parts(_unwrapped(files, report), report), report)
    labels = tuple(sorted({entry.label for entry in entries}, key=lambda label: (label.casefold(), label)))
    _tell_empty(folders, files, labels, report)
    _check_labels(labels, report)
    _tell_case(labels, report)
    order = {TEST: 0, VALIDATION: 1}
    return Plan(labels, tuple(sorted(entries, key=lambda entry: order.get(entry.part, 2))))


# --- Files and folders --------------------------------------------------------------------------------------------


def _places(infos: list[zipfile.ZipInfo], names: Names) -> tuple[list[Place], list[Place]]:
    """(files, folders that the ZIP lists) without what systems add; BadZip for links and devices."""
    files: list[Place] = []
    folders: list[Place] = []
    for info, name in zip(infos, names.names, strict=True):
        parts = parts_of(name)
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise BadZip("special", name=shown(parts))
        if parts and not any(part.startswith(".") or part.casefold() in IGNORED for part in parts):
            (folders if name.endswith("/") else files).append(Place(parts, info, full=shown(parts)))
    return files, folders


def _unwrapped(places: list[Place], report: Report | None = None) -> list[Place]:
    """The same without the folders that all folders lie in; the report is told if one has the name of a part."""
    while True:
        tops = {place.parts[0] for place in places if len(place.parts) > 1}
        if len(tops) != 1 or not any(len(place.parts) > 2 for place in places):
            return places
        (top,) = tops
        if report and part_named(top):
            report.note("one_part", part=cleaned(top))
        places = [place.below if len(place.parts) > 1 else place for place in places]


def _tell_empty(folders: list[Place], files: list[Place], labels: tuple[str, ...], report: Report) -> None:
    """Folders without any file in them or in their folders; a class may have its pictures elsewhere."""
    held = {file.parts[:depth] for file in files for depth in range(1, len(file.parts))}
    inner = {folder.parts[:depth] for folder in folders for depth in range(1, len(folder.parts))}
    for folder in folders:
        name = cleaned(folder.parts[-1])
        if folder.parts not in held and folder.parts not in inner and name:
            report.note("empty_folder" if name in labels else "empty_class", label=folder.full)


# --- Parts --------------------------------------------------------------------------------------------------------


def _in_parts(places: list[Place], report: Report) -> list[Place]:
    """The same with their parts, seen from inside of them; as they are if the ZIP has none."""
    tops = {place.parts[0] for place in places if len(place.parts) > 1}
    parts = {top: part_named(top) for top in sorted(tops) if part_named(top)}
    with_folders = {place.parts[0] for place in places if len(place.parts) > 2 and place.parts[0] in parts}
    if len({*parts.values()}) < 2 or not with_folders:
        if len(parts) > 1 and len(tops) == len(parts):
            one, two, *_more = parts
            report.note("parts_as_classes", label=one, other=two)
        return places
    return _of_parts(places, parts, report)


def _of_parts(places: list[Place], parts: dict[str, str], report: Report) -> list[Place]:
    """Each part without folders around its classes; all of them together if there is nothing to learn from."""
    found: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        if len(place.parts) > 1 and place.parts[0] in parts:
            part = parts[place.parts[0]]
            found[part].append(Place(place.parts[1:], place.info, part, place.full))
        else:
            report.add(place.full, LeftOut("beside"))
    inside = [place for part in found.values() for place in _unwrapped(part)]
    if TRAINING not in found:
        report.note("no_train")
        return [Place(place.parts, place.info, full=place.full) for place in inside]
    return inside


# --- Classes ------------------------------------------------------------------------------------------------------


def _entries(places: list[Place], report: Report) -> list[Entry]:
    entries, spelt = [], defaultdict(set)
    for place in places:
        label = cleaned(place.parts[0]) if len(place.parts) > 1 else ""
        if reason := _left_out(place, label):
            report.add(place.full, reason, label if reason.code == "too_deep" else "")
        if label and (reason is None or reason.code == "too_deep"):
            spelt[label].add(place.parts[0])
        if reason is None:
            entries.append(Entry(place.full, label, place.part, place.info))
    for label, names in spelt.items():
        if len(names) > 1:
            report.note("merged", label=label, count=len(names))
    return entries


def _left_out(place: Place, label: str) -> LeftOut | None:
    if len(place.parts) < 2:
        return LeftOut("stray")
    if not label:
        return LeftOut("nameless")
    if len(label) > LONGEST_LABEL:
        return LeftOut("name_too_long", limit=LONGEST_LABEL)
    return LeftOut("too_deep") if len(place.parts) > 2 else None


def _check_labels(labels: tuple[str, ...], report: Report) -> None:
    if not labels:
        raise BadZip("all_too_deep" if report.counts["too_deep"] else "no_classes", report=report)
    if len(labels) == 1:
        raise BadZip("one_class", report=report, label=labels[0])
    if len(labels) > MOST_CLASSES:
        raise BadZip("too_many_classes", report=report, count=len(labels), limit=MOST_CLASSES)


def _tell_case(labels: tuple[str, ...], report: Report) -> None:
    for one, two in pairwise(labels):
        if one.casefold() == two.casefold():
            report.note("case", label=one, other=two)


def _tell_encoding(names: Names, report: Report) -> None:
    if names.encoding:
        code = "encoding" if names.guessed else "encoding_chosen"
        report.note(code, encoding=ENCODINGS[names.encoding].partition(",")[0])
