"""Two networks under the same attack, in one sentence; the cases as a visitor meets them."""

from dataclasses import replace

import pytest

from inference.catalog.results import Truth
from tests.webapp.lab.test_wording import CAT, DOG, shown
from webapp.lab.comparison_words import Side, comparison

LENET, HARD = "LeNet", "Hardened"


def sides(tops: str, others: str, *, truth=None, other_first=None) -> list[Side]:
    mine, theirs = shown(tops, truth=truth), replace(shown(others, truth=truth), network=HARD)
    if other_first:
        theirs.result["label_from"] = {"index": other_first.index, "label": other_first.label, "probability": 0.6}
    return [Side(mine, "standard"), Side(theirs, "hardened")]


@pytest.mark.parametrize(
    ("tops", "others", "words"),
    [
        ("ccc", "ccc", "One step changes the answer of neither LeNet nor Hardened at any level up to 2/255."),
        ("cdd", "ccc", "One step changes the answer of LeNet at 1/255, that of Hardened at no level up to 2/255."),
        ("ccc", "cdd", "One step changes the answer of Hardened at 1/255, that of LeNet at no level up to 2/255."),
        ("cdd", "cdd", "One step changes the answers of LeNet and Hardened at 1/255."),
        ("cdd", "ccd", "One step changes the answer of LeNet at 1/255, that of Hardened not before 2/255."),
    ],
)
def test_whose_answer_changes_first_is_named_first(tops, others, words):
    sentence = comparison(*sides(tops, others))["sentence"]
    assert "".join(part["text"] for part in sentence) == words
    assert {part["text"]: part["role"] for part in sentence if part["role"]} == {LENET: "standard", HARD: "hardened"}


@pytest.mark.parametrize(
    ("truth", "other_first", "words"),
    [
        (None, None, ""),
        (Truth("cat", 0), None, ""),
        (Truth("dog", 1), None, "Both networks are wrong before anything is changed"),
        (Truth("cat", 0), DOG, "Hardened says dog before anything is changed"),
        (None, DOG, "They do not agree to begin with: LeNet says cat, Hardened says dog."),
    ],
)
def test_what_makes_it_unfair_is_said(truth, other_first, words):
    caveat = comparison(*sides("cdd", "ccd", truth=truth, other_first=other_first))["caveat"]
    assert words in caveat and bool(caveat) == bool(words) and CAT.label == "cat"
