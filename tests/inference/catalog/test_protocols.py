"""The one table of protocols: its words say what it does, and whoever judges finds in it what runs."""

import pytest

from inference.catalog.masking_checks import SENTENCES
from inference.catalog.protocols import (
    EPOCH,
    ONE_START,
    TESTED,
    TWICE_THE_STEPS,
    WORST,
    iterated,
    takes_steps,
    worst_of,
)
from tests.support.paths import ROOT

STARTS = {1: "one start", 5: "five starts"}


@pytest.mark.parametrize("name", TESTED)
def test_words_beside_a_versions_figure_name_steps_and_starts(name: str) -> None:
    named = TESTED[name]
    many = takes_steps(named.attack)

    assert named.at(8, 100).called in named.label
    assert (STARTS[named.restarts] in named.label) is many


def test_the_strongest_comes_last_and_can_be_compared() -> None:
    cost = [named.steps * named.restarts for named in TESTED.values()]

    assert cost == sorted(cost) and [*TESTED.values()][-1] is WORST
    assert [named.compared for named in TESTED.values() if named.compared] == [WORST.compared]
    assert f"PGD-{WORST.steps}" in WORST.compared and STARTS[WORST.restarts] in WORST.compared


def test_an_epochs_curve_is_called_as_its_column() -> None:
    drawn = (ROOT / "static/js/training/charts.js").read_text()

    for figure, named in EPOCH.items():
        assert named.at(8, 100).called in named.label
        assert f'"{named.label}"' in drawn and f'"{figure}"' in drawn


def test_the_checks_sentences_name_their_protocols() -> None:
    assert f"PGD-{WORST.steps} leaves" in SENTENCES["starts"]
    assert f"PGD in {ONE_START.steps} steps" in SENTENCES["steps"]
    assert f"in {TWICE_THE_STEPS.steps} steps" in SENTENCES["steps"]


def test_of_a_card_the_strongest_that_it_has_counts() -> None:
    figures = {name: {"protocol": {"attack": named.attack, "text": name}} for name, named in TESTED.items()}
    test = {"right": 98, "of": 100} | figures

    assert worst_of(test) is figures["worst"]
    assert worst_of({name: test[name] for name in test if name != "worst"}) is figures["pgd"]
    assert set(iterated(test)) == {"pgd", "worst"}
    unnamed = {"worst": {"protocol": {"text": "of a card that does not name its attack"}}}
    assert iterated(unnamed) == {}
