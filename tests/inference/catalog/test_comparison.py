"""What figures counted picture by picture tell: of one network, and of two on the same pictures."""

import math

import pytest
from scipy.stats import binomtest

from inference.catalog.comparison import Measured, Paired, compare, outcomes, paired

PROTOCOL = {"attack": "pgd", "epsilon": 77}


def figure(right: list[bool], **changes) -> dict:
    return Measured.of_each(right).as_json() | {"protocol": PROTOCOL} | changes


@pytest.mark.parametrize("right", [[], [True], [False, True, True], [i % 3 == 0 for i in range(1001)], [False] * 16])
def test_each_pictures_outcome_survives_being_stored(right):
    measured = Measured.of_each(right)
    assert (measured.right, measured.of) == (sum(right), len(right))
    assert outcomes({"each": measured.each, "of": measured.of}) == right


def test_forty_two_against_thirty_five_is_no_difference():
    """The figures of a real candidate and a live version: 99.13 % and 99.20 % of 10,000."""
    found = Paired(35, 42, 10_000)
    assert round(found.p, 2) == 0.49 and not found.shown
    low, high = found.interval()
    assert low < found.difference == -0.0007 < high and low < 0 < high


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (1, 0), (0, 5), (0, 6), (12, 30), (5, 5), (400, 300)])
def test_mcnemars_test_is_the_exact_binomial_test(gained, lost):
    expected = binomtest(gained, gained + lost, 0.5).pvalue if gained + lost else 1.0
    assert math.isclose(Paired(gained, lost, 1000).p, expected, rel_tol=1e-9)


def test_six_lost_and_none_gained_is_beyond_noise_and_five_are_not():
    assert Paired(0, 6, 500).shown and not Paired(0, 5, 500).shown


def test_the_interval_of_a_difference_is_bonetts_and_prices():
    """By hand: (11 - 21) / 102 and 1.96 times the root of (32 / 102 - (10 / 102)^2) / 102."""
    low, high = Paired(10, 20, 100).interval()
    half = 1.959964 * math.sqrt((32 / 102 - (10 / 102) ** 2) / 102)
    assert math.isclose(low, -10 / 102 - half) and math.isclose(high, -10 / 102 + half)


def test_only_pictures_on_which_two_differ_count():
    assert paired([True, True, False, False], [True, False, True, False]) == Paired(1, 1, 4)
    with pytest.raises(ValueError, match="shorter"):
        paired([True], [])


NOT_COMPARABLE = {
    "without outcomes": {"each": ""},
    "other pictures in number": figure([True, True]),
    "another protocol": {"protocol": PROTOCOL | {"epsilon": 20}},
}


@pytest.mark.parametrize("changes", NOT_COMPARABLE.values(), ids=NOT_COMPARABLE)
def test_figures_of_another_kind_are_not_compared(changes):
    ours = figure([True, False, True])
    assert compare(ours, figure([True, True, True])) == Paired(0, 1, 3)
    assert compare(ours, ours | changes) is None
