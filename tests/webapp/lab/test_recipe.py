"""How an attack is made: every one has its formula and shows the very source that runs."""

import inspect
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from xml.etree import ElementTree

import pytest

from attacks.catalog import ATTACKS
from attacks.record import AttackRecord
from attacks.runner import function
from tests.support.cast import Person
from tests.support.paths import ROOT
from webapp.lab import source
from webapp.lab.source import pieces

KNOWN = {"math", "mrow", "mi", "mn", "mo", "msub", "msup", "msubsup", "mfrac", "mover", "munder", "mspace", "mstyle"}


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize("slug", ATTACKS)
def test_every_attack_has_its_formula_in_mathml_and_in_words(alice: Person, slug: str) -> None:
    page = alice.get(f"/lab/recipe/{slug}/").content.decode()
    formulas = re.findall(r"<math.*?</math>", page, re.DOTALL)
    assert formulas
    for formula in formulas:
        tree = ElementTree.fromstring(formula)  # noqa: S314 - our own template
        assert {node.tag for node in tree.iter()} <= KNOWN and tree.get("display") == "block"
    words = re.search(r"</math>\s*<p>(.*?)</p>", page, re.DOTALL)
    assert words and len(words[1]) > 80
    assert pieces(ATTACKS[slug].function)[0].place in page


@pytest.mark.parametrize("slug", ATTACKS)
def test_the_source_shown_is_that_of_the_function_that_runs(alice: Person, slug: str) -> None:
    shown = alice.get(f"/lab/recipe/{slug}/source/").content.decode()
    first = re.search(r"<pre[^>]*><code>(.*?)</code></pre>", shown, re.DOTALL)
    assert first and plain(first[1]).strip() == inspect.getsource(function(ATTACKS[slug])).strip()
    assert "style=" not in shown


def test_what_a_function_uses_is_shown_where_the_package_defines_it() -> None:
    own, *used = pieces(ATTACKS["pgd"].function)
    places = {piece.name: piece.place for piece in used}
    assert own.place.startswith("attacks/pgd.py:") and "stepped" in places and "frozen" in places
    for name, place in places.items():
        file, line = place.split(":")
        assert re.match(rf"(@|(def|class) {name}\b)", (ROOT / file).read_text().splitlines()[int(line) - 1])
    assert len(places) == len(used)  # each once


def test_a_name_of_a_module_is_followed_into_it() -> None:
    assert "l2" in {piece.name for piece in pieces(ATTACKS["pgd-l2"].function)}  # projections.l2(...)


def test_many_threads_may_ask_for_sources_that_nobody_has_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's parser fails where another thread parses while it collects garbage: so there is much of it here."""
    monkeypatch.setattr(source._Module, "read", source._Module.read.__wrapped__.__get__(source._Module))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def ask(record: AttackRecord) -> None:
        for _ in range(200):
            Garbage()
        source._pieces.cache_clear()
        pieces(record.function)

    try:
        with ThreadPoolExecutor(12) as threads:
            list(threads.map(ask, [*ATTACKS.values()] * 2))
    finally:
        sys.setswitchinterval(before)


class Garbage:
    """In a circle, so that the collector finds it, at some moment in some thread, which then runs Python."""

    def __init__(self) -> None:
        self.self = self

    def __del__(self) -> None:
        sum(range(500))


@pytest.mark.parametrize("address", ["/lab/recipe/nothing/", "/lab/recipe/nothing/source/"])
def test_an_unknown_attack_has_neither(alice: Person, address: str) -> None:
    assert alice.get(address).status_code == 404
