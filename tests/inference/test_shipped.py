"""The classifiers that were trained here: what lies in the repository is what their recipes make, and good enough."""

import hashlib
import json
from dataclasses import asdict

import pytest

from inference.catalog import CARDS, CLASSIFIERS, card
from inference.classifier import load
from inference.data import load_data
from inference.evaluate import Protocol, evaluate
from inference.shipped import RECIPES

FEW = 400  # test pictures


@pytest.mark.parametrize("slug", RECIPES)
def test_a_shipped_card_says_what_its_recipe_says(slug):
    facts, recipe = card(slug), RECIPES[slug]
    assert facts["config"] == asdict(recipe.config)
    assert facts["name"] == CLASSIFIERS[slug].name == recipe.name
    assert facts["accuracy"]["measured_by"] == f"python -m inference.shipped {slug}"
    assert facts["accuracy"]["measured"][0]["right"] == facts["test"]["right"]


@pytest.mark.parametrize("slug", RECIPES)
def test_the_weights_beside_a_card_are_its_own_and_small(slug):
    weights = CARDS / card(slug)["weights"]["file"]
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == card(slug)["weights"]["sha256"]
    assert weights.stat().st_size < 5_000_000


@pytest.mark.parametrize("slug", RECIPES)
def test_a_shipped_classifier_is_about_as_right_as_its_card_says(slug):
    measured = evaluate(load(slug, "cpu"), load_data("mnist").test[:FEW])
    assert abs(measured.accuracy - card(slug)["test"]["accuracy"]) < 0.015  # the first pictures are a little harder


def test_every_trained_card_that_is_there_has_a_recipe():
    trained = {path.stem for path in CARDS.glob("*.json") if "config" in json.loads(path.read_text(encoding="utf-8"))}
    assert trained == set(RECIPES)


def test_digits_is_right_and_helpless():
    """What the story needs: an accurate network, and an attack that breaks it."""
    test = card("digits")["test"]
    assert test["accuracy"] >= 0.99
    assert test["pgd40"]["accuracy"] < 0.05


def test_digits_hardened_holds_at_little_cost():
    test = card("digits-hardened")["test"]
    assert test["accuracy"] >= 0.97
    assert test["pgd40"]["accuracy"] >= 0.88
    assert test["pgd40"]["accuracy"] <= test["pgd"]["accuracy"] <= test["fgsm"]["accuracy"]


@pytest.mark.parametrize("slug", RECIPES)
def test_the_strong_attacks_figure_tells_its_protocol(slug):
    told = card(slug)["test"]["pgd40"]["protocol"]["text"]
    assert told == "PGD-40 (eps 77/255, 10 restarts, 1000 pictures, seed 0)"


@pytest.mark.parametrize("slug", RECIPES)
def test_a_card_is_about_right_under_attack_too(slug):
    protocol = Protocol("pgd", 77, 100, steps=20)
    measured = evaluate(load(slug, "cpu"), load_data("mnist").test, protocol)
    low, high = measured.interval()
    assert low - 0.03 <= card(slug)["test"]["pgd"]["accuracy"] <= high  # the first hundred are a little easier
