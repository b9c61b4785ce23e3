"""Why a ZIP of pictures was not taken, or one of its files: a code for programs and a sentence a person can act on."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from attacks.words import gettext_noop
from inference.catalog.messages import Translate, counted_sentences, worded
from inference.catalog.names import cleaned, shortened
from inference.images.refusal import BadImage

REFUSALS = {
    "not_a_zip": gettext_noop(
        "This file is not a ZIP. Please choose a ZIP with one folder of pictures for each class."
    ),
    "damaged": gettext_noop("The ZIP is damaged or incomplete and could not be read. Please make it again."),
    "encrypted": gettext_noop("The ZIP is protected by a password. Please make it again without one."),
    "too_many_files": gettext_noop("The ZIP holds more than %(limit)s files. Please choose fewer pictures."),
    "too_large": gettext_noop(
        "Unpacked, the ZIP is larger than %(limit)s MB. Please choose fewer or smaller pictures."
    ),
    "unsafe_name": gettext_noop(
        "The ZIP names a place outside of itself: %(name)s. Please zip the folder that holds the classes again."
    ),
    "special": gettext_noop("The ZIP holds a link or another special file: %(name)s. Only ordinary files are taken."),
    "no_classes": gettext_noop(
        "The ZIP has no folders of classes. Please put the pictures of each class into a folder of its name, "
        "then zip the folders."
    ),
    "all_too_deep": gettext_noop(
        "All pictures lie in folders within folders. Please put the folders of the classes side by side, or into "
        "folders “train”, “val” and “test”."
    ),
    "one_class": gettext_noop(
        "The ZIP has only one class, “%(label)s”. A network needs at least two: one folder of pictures for each."
    ),
    "too_many_classes": gettext_noop("The ZIP has %(count)s classes; up to %(limit)s are possible."),
    "too_few": gettext_noop(
        "The class “%(label)s” has too few pictures that can be used: %(count)s of %(files)s. "
        "Each class needs at least %(limit)s.%(why)s"
    ),
    "empty_part": gettext_noop("The folder “%(part)s” has no pictures that can be used."),
    "not_learnt": gettext_noop(
        "The class “%(label)s” lies in the folder “%(part)s” only: the folder “train” has no pictures of it to learn "
        "from. Please give both the same classes, spelt alike."
    ),
}
LEFT_OUT = {  # one file of many
    "stray": gettext_noop("The file lies in no class's folder."),
    "too_deep": gettext_noop("The file lies in a folder within a class's folder."),
    "packed": gettext_noop("The file is packed in a way that cannot be read here."),
    "twice": gettext_noop("The same picture is there already."),
    "two_classes": gettext_noop("The same picture is there already, in the folder of another class."),
    "leaked": gettext_noop(
        "The same picture is in the folder for testing or validating: a network must not learn what it is tested with."
    ),
    "nameless": gettext_noop("The name of its class's folder shows nothing."),
    "name_too_long": gettext_noop("The name of its class's folder has more than %(limit)s characters."),
    "beside": gettext_noop("The file lies beside the folders to learn from and to test on."),
}
NOTES = {  # of the whole ZIP, for whoever brought it
    "encoding": gettext_noop(
        "The ZIP does not say how its names are written: they were read as %(encoding)s. "
        "If they are wrong, bring it again and choose the encoding."
    ),
    "encoding_chosen": gettext_noop("Names were read as %(encoding)s, as was chosen."),
    "empty_class": gettext_noop("The folder “%(label)s” is empty: it is no class."),
    "empty_folder": gettext_noop("The folder “%(label)s” is empty."),
    "case": gettext_noop("“%(label)s” and “%(other)s” differ in case only; they are kept as two classes."),
    "merged": gettext_noop("%(count)s folders are one class, “%(label)s”: their names look the same."),
    "split": gettext_noop("The ZIP's own parts are kept: %(parts)s."),
    "parts_as_classes": gettext_noop(
        "The folders “%(label)s” and “%(other)s” hold pictures and no folders: they were taken as classes. "
        "If they are to be parts, put the folders of the classes into them."
    ),
    "one_part": gettext_noop("There is only a folder “%(part)s”: a fifth of its pictures is put aside to test on."),
    "no_train": gettext_noop(
        "There is no folder “train”: the pictures of all parts were put together and a fifth put aside to test on."
    ),
    "missing": gettext_noop("The class “%(label)s” has no pictures that can be used in the part “%(part)s”."),
}
USABLE = gettext_noop("%(label)s: %(taken)s can be used.%(reasons)s")
NOWHERE = gettext_noop("In no class:%(reasons)s")
Sentence = dict[str, Any]
NAMED = 50  # files that a report names
NAME_LENGTH = 120  # of a path in a report


def shown(parts: Iterable[str]) -> str:
    """A path for a report."""
    return shortened(cleaned("/".join(parts)), NAME_LENGTH)


class BadZip(ValueError):
    """A ZIP that is not taken as a dataset.

    Read like BadImage. `report` tells of the files that were left out, if any.
    """

    def __init__(self, code: str, *, report: "Report | None" = None, **params: Any) -> None:
        self.code = code
        self.message = REFUSALS[code]
        self.params = params
        self.report = report
        super().__init__(worded(self.message, params))


class LeftOut(ValueError):
    """One file that is not used; `message` and `params` as in BadImage."""

    def __init__(self, code: str, **params: str | int) -> None:
        self.code = code
        self.message = LEFT_OUT[code]
        self.params = params
        super().__init__(worded(self.message, params))


@dataclass
class Report:
    """What was found: files left out, counted by reason and by class, the first ones named; notes on the whole ZIP."""

    counts: Counter[str] = field(default_factory=Counter)
    by_class: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    taken: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Sentence] = field(default_factory=dict)  # code -> the first sentence of that kind
    named: list[Sentence] = field(default_factory=list)
    notes: list[Sentence] = field(default_factory=list)

    def add(self, name: str, reason: BadImage | LeftOut, label: str = "") -> None:
        """One more file that is not used; of that class, if it is of one."""
        sentence = {"code": reason.code, "message": reason.message, "params": reason.params}
        self.counts[reason.code] += 1
        self.examples.setdefault(reason.code, sentence)
        if label:
            self.by_class[label][reason.code] += 1
        if len(self.named) < NAMED:
            self.named.append({"name": name, **sentence})

    def note(self, code: str, **params: Any) -> None:
        """Something to know about the ZIP as a whole, once."""
        note = {"code": code, "message": NOTES[code], "params": params}
        if note not in self.notes:
            self.notes.append(note)

    def why(self, label: str) -> list[Sentence]:
        """What was wrong with the files of a class, each kind with its number."""
        return self._reasons(self.by_class[label])

    def as_json(self) -> dict[str, Any]:
        """{"count", "reasons": [{"code", "message", "params", "count"}], "named": [{"name", "code", ...}],

        "classes": [{"label", "taken", "reasons"}], "notes": [{"code", "message", "params"}]}.
        """
        return {
            "count": self.counts.total(),
            "reasons": self._reasons(self.counts),
            "named": self.named,
            "classes": [
                {"label": label, "taken": self.taken[label], "reasons": self._reasons(self.by_class[label])}
                for label in sorted({*self.taken, *self.by_class}, key=lambda label: (label.casefold(), label))
            ],
            "notes": self.notes,
        }

    def _reasons(self, counts: Counter[str]) -> list[Sentence]:
        return [self.examples[code] | {"count": count} for code, count in counts.most_common()]


def report_lines(report: dict[str, Any], translate: Translate = str, language: str = "en") -> list[str]:
    """What Report.as_json tells: each class, what is in none, and the notes; empty if nothing is told."""
    classes = report.get("classes", [])
    within: Counter[str] = sum(
        (Counter({why["code"]: why["count"]}) for one in classes for why in one["reasons"]), Counter()
    )
    outside = [why | {"count": why["count"] - within[why["code"]]} for why in report.get("reasons", [])]

    def reasons(found: list[Sentence]) -> str:
        return counted_sentences(found, translate, language)

    return [
        *(translate(USABLE) % {**one, "reasons": reasons(one["reasons"])} for one in classes),
        *(translate(NOWHERE) % {"reasons": reasons([why])} for why in outside if why["count"]),
        *(worded(note["message"], note["params"], translate, language) for note in report.get("notes", [])),
    ]
