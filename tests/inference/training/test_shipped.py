"""The classifiers that were trained here: what lies in the repository is what their recipes make, and good enough."""

import hashlib
import json
from dataclasses import asdict

import pytest

from inference.catalog.classifiers import CARDS, CLASSIFIERS, card
from inference.catalog.comparison import compare, outcomes
from inference.catalog.networks import NETWORKS
from inference.catalog.protocols import Protocol
from inference.evaluation.accuracy import evaluate
from inference.networks.classifier import load
from inference.training.recipes import RECIPES, TWINS
from tests.support.datasets import data_of

FEW = 400  # test pictures


def attacked_of(slug):
    """How many pictures its network is tested with under attack."""
    return NETWORKS[card(slug)["network"]].tested


@pytest.mark.parametrize("slug", RECIPES)
def test_a_shipped_card_says_what_its_recipe_says(slug):
    facts, recipe = card(slug), RECIPES[slug]
    assert facts["config"] == asdict(recipe.config)
    assert facts["name"] == CLASSIFIERS[slug].name == recipe.name
    assert facts["accuracy"]["measured_by"] == f"python -m inference.training.recipes {slug}"
    assert facts["accuracy"]["measured"][0]["right"] == facts["test"]["right"]


@pytest.mark.parametrize("slug", RECIPES)
def test_the_weights_beside_a_card_are_its_own_and_small(slug):
    weights = CARDS / card(slug)["weights"]["file"]
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == card(slug)["weights"]["sha256"]
    assert weights.stat().st_size < 5_000_000


@pytest.mark.parametrize("slug", RECIPES)
def test_a_shipped_classifier_is_about_as_right_as_its_card_says(slug):
    measured = evaluate(load(slug, "cpu"), data_of(card(slug)["dataset"]["slug"]).test[:FEW])
    assert abs(measured.accuracy - card(slug)["test"]["accuracy"]) < 0.015  # the first pictures are a little harder


def test_every_trained_card_that_is_there_has_a_recipe():
    trained = {path.stem for path in CARDS.glob("*.json") if "config" in json.loads(path.read_text(encoding="utf-8"))}
    assert trained == set(RECIPES)


def test_digits_is_right_and_helpless():
    """What the lab needs: an accurate network, and an attack that breaks it."""
    test = card("digits")["test"]
    assert test["accuracy"] >= 0.99
    assert test["worst"]["accuracy"] < 0.05


def test_digits_hardened_holds_at_little_cost():
    test = card("digits-hardened")["test"]
    assert test["accuracy"] >= 0.97
    assert test["worst"]["accuracy"] >= 0.88
    assert test["worst"]["accuracy"] <= test["pgd"]["accuracy"] <= test["fgsm"]["accuracy"]


def test_signs_is_right_on_pictures_it_never_saw_and_helpless():
    test = card("signs")["test"]
    assert test["accuracy"] >= 0.97
    assert test["fgsm"]["accuracy"] < 0.1 and test["worst"]["accuracy"] < 0.05


def test_signs_hardened_holds_three_in_four_where_its_twin_holds_none():
    plain, hardened = (card(slug)["test"] for slug in ("signs", "signs-hardened"))
    assert hardened["worst"]["accuracy"] >= 0.7 and plain["worst"]["accuracy"] < 0.05
    assert hardened["worst"]["accuracy"] <= hardened["pgd"]["accuracy"] <= hardened["fgsm"]["accuracy"]
    assert hardened["accuracy"] >= 0.97


@pytest.mark.parametrize("slug", ["signs", "signs-hardened"])
def test_the_drawn_signs_of_a_card_are_those_that_are_made_here(slug):
    """To the bit, on whatever processor."""
    assert card(slug)["dataset"]["sha256"] == data_of("signs").sha256
    assert "by a program" in card(slug)["trained_on"]


@pytest.mark.parametrize("slug", RECIPES)
def test_the_strong_attacks_figure_tells_its_protocol(slug):
    told = card(slug)["test"]["worst"]["protocol"]["text"]
    assert told == f"PGD-50 (eps {card(slug)['epsilon']}/255, 5 restarts, {attacked_of(slug)} pictures, seed 0)"


@pytest.mark.parametrize(("hardened", "plain"), TWINS.items())
def test_the_hardened_ones_twin_differs_in_nothing_but_the_hardening(hardened, plain):
    one, other = (card(slug)["config"] for slug in (hardened, plain))
    assert {name for name in one if one[name] != other[name]} >= {"adversarial", "metric"}
    assert {name for name in one if one[name] != other[name]} <= {"adversarial", "metric", "attack_steps"}


def test_what_hardening_takes_of_the_clean_pictures_is_shown_on_digits_and_not_on_signs():
    prices = {slug: compare(card(slug)["test"], card(plain)["test"]) for slug, plain in TWINS.items()}
    assert {slug: bool(price and price.shown) for slug, price in prices.items()} == {
        "digits-hardened": True,
        "signs-hardened": False,
    }
    assert all(price and price.difference < 0 for price in prices.values())


@pytest.mark.parametrize("slug", RECIPES)
def test_a_picture_that_is_wrong_as_it_is_is_right_under_no_attack(slug):
    test = card(slug)["test"]
    clean = outcomes(test)
    for name in ("fgsm", "pgd", "worst"):
        attacked = outcomes(test[name])
        assert sum(attacked) == test[name]["right"] and len(attacked) == attacked_of(slug)
        assert not [place for place, right in enumerate(attacked) if right and not clean[place]]


@pytest.mark.parametrize("slug", RECIPES)
def test_a_card_is_about_right_under_attack_too(slug):
    protocol = Protocol("pgd", card(slug)["epsilon"], 100, steps=20)
    measured = evaluate(load(slug, "cpu"), data_of(card(slug)["dataset"]["slug"]).test, protocol)
    low, high = measured.interval()
    assert low - 0.03 <= card(slug)["test"]["pgd"]["accuracy"] <= high  # the first hundred are a little easier
