"""The catalogues of messages: whole, compiled, and true to what they translate."""

import gettext
import re

import polib
import pytest

from tests.messages import ROOT, catalogues, untranslated
from tests.support.marked import marked_in_python, marked_in_scripts, marked_in_templates

PLACES = re.compile(r"%\((\w+)\)[sdgr]|%[sr]")
AGAIN = "python -m tests.messages collects and compiles; docs/translating.md says how to translate."
HAN, LATIN = r"[\u4e00-\u9fff]", r"[A-Za-z0-9εγηκμθρδΥ]"
# docs/translating.md: what is never written in Chinese here, and what is never said.
STYLE = {
    "no space beside a Latin word or a number": rf"{HAN}{LATIN}|{LATIN}{HAN}",
    "punctuation of half width": rf"{HAN}[,;:!?]|[,;:!?]{HAN}",
    "more than was measured": "鲁棒(?!过拟合)|安全|攻不破|抗住|经受住|看不见|肉眼|察觉|看起来一样|最强的攻击|学会隐藏",
    "not how it is said": "您|对[^，。]{1,8}来说",
}
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


@each_catalogue
def test_chinese_is_written_as_the_glossary_says(path) -> None:
    for entry in polib.pofile(str(path)):
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            plain = re.sub(rf"{PLACES.pattern}|<[^>]+>", "", text)
            wrong = [rule for rule, like in STYLE.items() if re.search(like, plain) and entry.msgid != "j F, H:i"]
            assert not wrong, (wrong, text)


@pytest.mark.parametrize("text", ["用PGD攻击", "攻击,20 步", "这个网络很安全", "您的图片"])
def test_what_breaks_the_style_would_be_found(text) -> None:
    assert any(re.search(like, text) for like in STYLE.values())


def test_the_chinese_readme_has_the_same_commands_addresses_and_figures() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))
    for kind, like in {
        "code": r"`([^`\n]+)`",
        "a command": r"^(?:\./|python |curl |     -d )[^#\n]*[^# \n]",
        "an address": r"\]\(((?!docs/pictures|README)[^)]+)\)",
        "a figure": r"\d+(?:[,.]\d+)*",
    }.items():
        missing = set(re.findall(like, english, re.MULTILINE)) - set(re.findall(like, chinese, re.MULTILINE))
        assert not missing, f"{kind} is in README.md alone: {missing}"


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
