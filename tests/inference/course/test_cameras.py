"""A standard and a hardened network beside each other."""

import pytest

from inference.catalog.protocols import Protocol
from inference.course import cameras
from inference.course.shipped import digits, network
from inference.evaluation.accuracy import evaluate
from tests.inference.course.test_small import ended


@pytest.fixture(scope="module")
def told():
    return ended(cameras.compared(pictures=20))[1]


def test_figures_are_those_of_the_evaluation(told):
    """Part by part they are drawn as all at once, so they agree."""
    classifier, judged = network("digits-hardened"), digits().test
    for name, protocol in {
        "clean": None,
        "noise": Protocol("noise", 51, 20),
        "fgsm": Protocol("fgsm", 51, 20),
        "pgd": Protocol("pgd", 51, 20, steps=20),
        "pgd-l2": Protocol("pgd-l2", 0, 20, steps=20, within=4.0),
    }.items():
        figure = evaluate(classifier, judged[:20], protocol)
        mine = told["networks"]["hardened"]["figures"][name]
        assert (mine["right"], mine["of"]) == (figure.right, figure.of)
        assert mine["interval"] == list(figure.interval())


def test_one_breaks_and_the_other_holds_until_another_norm_comes(told):
    standard, hardened = (told["networks"][name]["figures"] for name in ("standard", "hardened"))
    assert standard["clean"]["right"] >= 19 and standard["pgd"]["right"] <= 1
    assert hardened["pgd"]["right"] >= 18
    assert hardened["pgd-l2"]["right"] < hardened["pgd"]["right"] - 2


def test_the_price_is_paired_and_of_all_test_pictures(told):
    price = told["price"]
    assert price["of"] == 10_000
    assert price["interval"][0] < price["difference"] < price["interval"][1]
    assert price["difference"] == pytest.approx((9944 - 9883) / 10_000)


def test_results_come_part_by_part():
    steps = cameras.compared(pictures=20, epsilon=10)
    share, found = next(steps)
    assert share == 0.5
    assert found["networks"]["standard"]["figures"]["clean"]["of"] == cameras.PART
    assert found["networks"]["hardened"]["figures"] == {}


@pytest.mark.walk
def test_signs_are_compared_as_digits_are():
    steps = cameras.compared(subject="signs", pictures=10, epsilon=8, radius=2.0)
    found = ended(steps)[1]
    standard, hardened = (found["networks"][name]["figures"] for name in ("standard", "hardened"))
    assert standard["clean"]["right"] >= 9 and standard["pgd"]["right"] <= 1 and hardened["pgd"]["right"] >= 5
    assert found["price"]["of"] == 1600
