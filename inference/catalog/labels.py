"""Finding the class a person means: by its number, or by its name. Imports no torch."""

import difflib
import json
import re
from collections.abc import Sequence
from functools import cache

from attacks.options import OptionError
from attacks.words import BESIDE, Listed, gettext_noop
from inference.assets import ASSETS
from inference.catalog.messages import Words

SUGGESTIONS = 5
LONGEST, SHOWN = 255, 40  # characters of what may be a name, and of what is repeated of one that cannot
NO_SUCH = gettext_noop("There is no class called %(wanted)s.")
SYNONYMS = ASSETS / "synonyms.json"


def find_class(labels: Sequence[str], wanted: str, names: Sequence[str] = ()) -> int:
    """The index of the class called `wanted`, or numbered so; a OptionError with suggestions if none or several.

    An exact label wins; else capitals do not matter. `names` are what the reader sees for the labels, in their order
    (`class_names`): they are found after the labels, and by a part that only one of them has.
    """
    if len(wanted) > LONGEST:
        raise OptionError("target", NO_SUCH, wanted=f"{wanted[:SHOWN]}…")
    if wanted.isdecimal() and wanted not in labels:
        return _numbered(labels, int(wanted))
    exact = [index for index, label in enumerate(labels) if label == wanted]
    found = exact or [index for index, label in enumerate(labels) if label.casefold() == wanted.casefold()]
    found = found or _named(names, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        template = gettext_noop("Several classes are called %(wanted)s: %(found)s. Give the number.")
        raise OptionError("target", template, wanted=wanted, found=described(names or labels, found))
    raise _no_such(labels, wanted, names)


def namesakes(labels: Sequence[str], index: int) -> list[int]:
    """Other classes with the same name, or with it and more: ImageNet has "crane", a machine, and "crane bird"."""
    name = labels[index].casefold()
    return [
        other
        for other, label in enumerate(labels)
        if other != index and (label.casefold() == name or label.casefold().startswith(name + " "))
    ]


def described(labels: Sequence[str], indices: Sequence[int]) -> Listed:
    """Classes in words: name and number."""
    return Listed(Words(BESIDE, name=labels[index], more=index) for index in indices)


def _numbered(labels: Sequence[str], index: int) -> int:
    if index >= len(labels):
        template = gettext_noop("%(name)s must be a whole number from %(low)d to %(high)d.")
        raise OptionError("target", template, name="target", low=0, high=len(labels) - 1)
    return index


def _named(names: Sequence[str], wanted: str) -> list[int]:
    """Classes shown under that name, or the one whose name has it in it: Chinese has no spaces between words."""
    bare = _bare(wanted)
    found = [index for index, name in enumerate(names) if _bare(name) == bare]
    if found or not _is_part(bare):
        return found
    having = _having(names, bare)
    return having if len(having) == 1 else []


def _having(names: Sequence[str], bare: str) -> list[int]:
    return [index for index, name in enumerate(names) if bare in _bare(name)]


def _is_part(bare: str) -> bool:
    """Whether a part of a name means something: of an English one, only whole words do."""
    return len(bare) > 1 and not bare.isascii()


def _bare(name: str) -> str:
    """A name without its spaces and capitals: nobody types the space of 限速 20 km/h."""
    return "".join(name.split()).casefold()


def _no_such(labels: Sequence[str], wanted: str, names: Sequence[str]) -> OptionError:
    near = _similar(labels, wanted, names)
    if not near:
        return OptionError("target", NO_SUCH, wanted=wanted)
    template = gettext_noop("There is no class called %(wanted)s. Did you mean %(near)s?")
    return OptionError("target", template, wanted=wanted, near=described(names or labels, near))


def _similar(labels: Sequence[str], wanted: str, shown: Sequence[str]) -> list[int]:
    """Classes that are also called so, or have it as a word of a name; else those with such letters, or spelt alike."""
    text = wanted.casefold().strip()
    names = [label.casefold() for label in labels]
    word = re.compile(rf"\b{re.escape(text)}\b")
    others = [_other_names(label) for label in labels]
    called_so = [index for index, more in enumerate(others) if text in more]
    as_word = [index for index, name in enumerate(names) if text and word.search(name)]
    as_word += [index for index, more in enumerate(others) if text and any(word.search(name) for name in more)]
    in_shown = [] if text.isascii() else _having(shown, _bare(text))
    containing = [index for index, name in enumerate(names) if text and text in name]
    found = [*called_so, *as_word, *in_shown] or [*containing, *_spelt_alike(names, text), *_spelt_alike(shown, text)]
    return list(dict.fromkeys(found))[:SUGGESTIONS]


def _spelt_alike(names: Sequence[str], text: str) -> list[int]:
    return [list(names).index(name) for name in difflib.get_close_matches(text, names, SUGGESTIONS)]


def _other_names(label: str) -> list[str]:
    return [name.casefold() for name in _synonyms().get(label, ())]


@cache
def _synonyms() -> dict[str, list[str]]:
    """What else WordNet calls ImageNet's classes: a giant panda is a panda, a panda bear and a coon bear."""
    return json.loads(SYNONYMS.read_text(encoding="utf-8"))["names"]
