"""Why a ZIP of pictures was not taken, or one of its files: a code for programs and a sentence a person can act on."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from attacks.words import gettext_noop
from inference.pictures_refusal import BadImage

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
        "The ZIP has no folders. Please put the pictures of each class into a folder of its name, then zip the folders."
    ),
    "one_class": gettext_noop(
        "The ZIP has only one class, “%(label)s”. A network needs at least two: one folder of pictures for each."
    ),
    "too_many_classes": gettext_noop("The ZIP has %(count)s classes; up to %(limit)s are possible."),
    "too_few": gettext_noop(
        "The class “%(label)s” has too few pictures that can be used: %(count)s. Each class needs at least %(limit)s."
    ),
}
LEFT_OUT = {  # one file of many
    "stray": gettext_noop("The file lies in no class's folder."),
    "too_deep": gettext_noop("The file lies in a folder within a class's folder."),
    "packed": gettext_noop("The file is packed in a way that cannot be read here."),
    "twice": gettext_noop("The same picture is there already."),
}
NAMED = 50  # files that a report names


class BadZip(ValueError):
    """A ZIP that is not taken as a dataset.

    Read like BadImage: translate `message`, apply `% params`. `report` tells of the files that were left out, if any.
    """

    def __init__(self, code: str, *, report: "Report | None" = None, **params: str | int) -> None:
        self.code = code
        self.message = REFUSALS[code]
        self.params = params
        self.report = report
        super().__init__(self.message % params)


class LeftOut(ValueError):
    """One file that is not used; `message` and `params` as in BadImage."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.message = LEFT_OUT[code]
        self.params: dict[str, str | int] = {}
        super().__init__(self.message)


@dataclass
class Report:
    """The files that were left out: counted by reason, the first ones named."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, dict[str, Any]] = field(default_factory=dict)  # code -> the first sentence of that kind
    named: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, reason: BadImage | LeftOut) -> None:
        """One more."""
        sentence = {"code": reason.code, "message": reason.message, "params": reason.params}
        self.counts[reason.code] += 1
        self.examples.setdefault(reason.code, sentence)
        if len(self.named) < NAMED:
            self.named.append({"name": name, **sentence})

    def as_json(self) -> dict[str, Any]:
        """{"count", "reasons": [{"code", "message", "params", "count"}], "named": [{"name", "code", ...}]}."""
        reasons = [self.examples[code] | {"count": count} for code, count in self.counts.most_common()]
        return {"count": self.counts.total(), "reasons": reasons, "named": self.named}
