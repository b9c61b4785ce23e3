"""Finding the class a person means: by its number, or by its name. Imports no torch."""

import difflib
import json
import re
from collections.abc import Sequence
from functools import cache

from attacks.options import OptionError
from attacks.words import gettext_noop
from inference.assets import ASSETS

SUGGESTIONS = 5
SYNONYMS = ASSETS / "synonyms.json"


def find_class(labels: Sequence[str], wanted: str) -> int:
    """The index of the class called `wanted`, or numbered so; a OptionError with suggestions if none or several.

    An exact name wins; else capitals do not matter.
    """
    if wanted.isdecimal() and wanted not in labels:
        return _numbered(labels, int(wanted))
    exact = [index for index, label in enumerate(labels) if label == wanted]
    found = exact or [index for index, label in enumerate(labels) if label.casefold() == wanted.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        template = gettext_noop("Several classes are called %(wanted)s: %(found)s. Give the number.")
        raise OptionError("target", template, wanted=wanted, found=described(labels, found))
    raise _no_such(labels, wanted)


def namesakes(labels: Sequence[str], index: int) -> list[int]:
    """Other classes with the same name, or with it and more: ImageNet has "crane", a machine, and "crane bird"."""
    name = labels[index].casefold()
    return [
        other
        for other, label in enumerate(labels)
        if other != index and (label.casefold() == name or label.casefold().startswith(name + " "))
    ]


def described(labels: Sequence[str], indices: Sequence[int]) -> str:
    """Classes in words: name and number."""
    return ", ".join(f"{labels[index]} ({index})" for index in indices)


def _numbered(labels: Sequence[str], index: int) -> int:
    if index >= len(labels):
        template = gettext_noop("%(name)s must be a whole number from %(low)d to %(high)d.")
        raise OptionError("target", template, name="target", low=0, high=len(labels) - 1)
    return index


def _no_such(labels: Sequence[str], wanted: str) -> OptionError:
    near = _similar(labels, wanted)
    if not near:
        return OptionError("target", gettext_noop("There is no class called %(wanted)s."), wanted=wanted)
    template = gettext_noop("There is no class called %(wanted)s. Did you mean %(near)s?")
    return OptionError("target", template, wanted=wanted, near=described(labels, near))


def _similar(labels: Sequence[str], wanted: str) -> list[int]:
    """Classes that are also called so, or have it as a word of a name; else those with such letters, or spelt alike."""
    text = wanted.casefold().strip()
    names = [label.casefold() for label in labels]
    word = re.compile(rf"\b{re.escape(text)}\b")
    others = [_other_names(label) for label in labels]
    called_so = [index for index, more in enumerate(others) if text in more]
    as_word = [index for index, name in enumerate(names) if text and word.search(name)]
    as_word += [index for index, more in enumerate(others) if text and any(word.search(name) for name in more)]
    containing = [index for index, name in enumerate(names) if text and text in name]
    spelt_alike = [names.index(name) for name in difflib.get_close_matches(text, names, SUGGESTIONS)]
    found = [*called_so, *as_word] or [*containing, *spelt_alike]
    return list(dict.fromkeys(found))[:SUGGESTIONS]


def _other_names(label: str) -> list[str]:
    return [name.casefold() for name in _synonyms().get(label, ())]


@cache
def _synonyms() -> dict[str, list[str]]:
    """What else WordNet calls ImageNet's classes: a giant panda is a panda, a panda bear and a coon bear."""
    return json.loads(SYNONYMS.read_text(encoding="utf-8"))["names"]
