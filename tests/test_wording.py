"""What is never said of a network or of a picture, wherever people are told something: too much follows from it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from attacks.catalog import ATTACKS
from webapp.learn.lessons import LESSONS

ROOT = Path(__file__).parents[1]
# What was said once, and by what it is found; the attack and its level are named instead.
FORBIDDEN = {
    "holds up to 8/255": r"\bholds? (up )?(to|at|against|out)\b",
    "a robust network": r"\brobust(ness|ly)?\b(?! overfitting)",
    "the network is safe": r"\bsafe\b",
    "does not break": r"\b(does not|doesn[’']t|do not|never) breaks?\b|\bunbreakable\b|\bimmune\b",
    "the strongest kind of attacker": r"\bstrongest (kind|attack)",
    "the change that hurts most": r"\bhurts? (the )?most\b",
    "a change nobody can see": r"\b(nobody|no one) (can )?(sees?|notices?)\b|\bimperceptibl|\binvisible (change|noise)",
    "it looks the same": r"\b(it|picture|photo|digit)s? (still )?looks? the same\b",
    "it has learnt to hide its gradient": r"\blearn(t|ed) to hide\b",
    "the network does not care": r"\b(does not|doesn[’']t|do not) care\b",
    "Under PGD": r"(?<!right )\bunder PGD\b(?!-\d)",
    "usually reaches the runner-up": r"\busually reach",
}
QUOTED = ("“Robust accuracy” is a name we leave to AutoAttack.", '"Robust accuracy" is a name we leave to AutoAttack.')
PLAIN_TEXT = ("README.md", "pyproject.toml", "inference/assets/samples/samples.json")


# Titles are their authors'.
TITLES = (
    *(record.paper for record in ATTACKS.values()),
    *(source.title for lesson in LESSONS.values() for source in lesson.sources),
)


def found(text: str) -> list[str]:
    """The forbidden phrases that are like something in the text."""
    return [phrase for phrase, like in FORBIDDEN.items() if re.search(like, text, re.IGNORECASE)]


def messages() -> Iterator[tuple[Path, str]]:
    """(file, something it may tell): strings of Python, templates without their code, scripts without comments."""
    for package in ("attacks", "inference", "webapp"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from ((path, text) for text in strings(path.read_text(encoding="utf-8")))
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        yield path, re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        yield path, re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for name in PLAIN_TEXT:
        yield ROOT / name, (ROOT / name).read_text(encoding="utf-8")


def strings(source: str) -> Iterator[str]:
    """Every string of a module but its docstrings, which are for its readers."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_nothing_that_is_told_says_more_than_was_measured() -> None:
    wrong, seen = [], 0
    for path, text in messages():
        seen += 1
        for quoted in (*QUOTED, *TITLES):
            text = text.replace(quoted, "")
        wrong += [f"{path.relative_to(ROOT)}: like “{phrase}”: {text.strip()[:150]}" for phrase in found(text)]
    assert not wrong, "\n".join(wrong)
    assert seen > 2000


@pytest.mark.parametrize("phrase", FORBIDDEN)
def test_each_of_these_phrases_would_be_found(phrase: str) -> None:
    assert found(phrase) == [phrase]
    assert found(phrase.upper()) == [phrase]


def test_what_is_right_to_say_is_let_through() -> None:
    for words in (
        "Robust overfitting",
        "right under PGD, at most",
        "highest accuracy under PGD-10",
        "The best-informed attacker with the weakest attack.",
        "A small change of this pixel changes nothing here; a large one may.",
    ):
        assert not found(words), words
