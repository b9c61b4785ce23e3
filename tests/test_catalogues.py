"""The catalogues of messages: whole, compiled, and true to what they translate."""

import gettext
import re

import polib
import pytest

from tests.messages import ROOT, catalogues, untranslated
from tests.support.marked import marked_in_python, marked_in_scripts, marked_in_templates

PLACES = re.compile(r"%\((\w+)\)[sdgr]|%[sr]")
AGAIN = "python -m tests.messages collects and compiles; docs/translating.md says how to translate."
each_catalogue = pytest.mark.parametrize("path", catalogues(), ids=lambda path: f"{path.parts[-3]}/{path.stem}")


def entries(path):
    """(context, message, place in the plural) -> what is said."""
    said = {}
    for entry in polib.pofile(str(path)):
        for number, text in entry.msgstr_plural.items() if entry.msgid_plural else [(None, entry.msgstr)]:
            message = entry.msgid if entry.msgctxt is None else f"{entry.msgctxt}\x04{entry.msgid}"
            said[message if number is None else (message, number)] = text
    return said


@each_catalogue
def test_nothing_is_untranslated_doubtful_or_gone(path) -> None:
    missing = list(untranslated(path))
    assert not missing, "\n".join(["Not translated:", *missing, AGAIN])
    assert not polib.pofile(str(path)).obsolete_entries()


@each_catalogue
def test_what_is_compiled_is_what_is_written(path) -> None:
    with path.with_suffix(".mo").open("rb") as file:
        compiled = {key: text for key, text in gettext.GNUTranslations(file)._catalog.items() if key != ""}
    written = {key: text for key, text in entries(path).items() if text}
    assert compiled == written, AGAIN


@each_catalogue
def test_every_place_of_a_message_is_in_its_translation(path) -> None:
    for entry in polib.pofile(str(path)):
        wanted = set(PLACES.findall(entry.msgid)) | set(PLACES.findall(entry.msgid_plural))
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            assert set(PLACES.findall(text)) == wanted, f"{path.name}: {entry.msgid!r} -> {text!r}"
            assert text.count("%%") == 0 or "%%" in entry.msgid, entry.msgid
            assert re.findall(r"<[^>]+>", text) == re.findall(r"<[^>]+>", entry.msgid), entry.msgid


@pytest.mark.parametrize(
    ("domain", "found"),
    [("django", [*marked_in_python(), *marked_in_templates()]), ("djangojs", [*marked_in_scripts()])],
    ids=["django", "djangojs"],
)
def test_every_marked_text_is_in_the_catalogue(domain, found) -> None:
    assert len(found) > 50, "the search found next to nothing: is it looking at the right places?"
    for path in catalogues():
        if path.stem == domain:
            known = {entry.msgid for entry in polib.pofile(str(path))}
            missing = {f"{place.relative_to(ROOT)}: {text!r}" for place, text in found if text not in known}
            assert not missing, "\n".join(["Not in the catalogue:", *sorted(missing), AGAIN])
