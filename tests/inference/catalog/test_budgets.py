"""The search for the smallest budget that succeeds."""

import pytest

from attacks.options import Limits, Option
from attacks.records.common import EPSILON
from inference.catalog.budgets import CLOSE, next_budget, runs_at_most

RADIUS = Option("radius", "number", 1.0, "Radius", "How long.", minimum=0.05, maximum=20.0)
LIMITS = Limits(levels=128)


def searched(option: Option, succeeds, start: float) -> dict[float, bool]:
    tried = {start: succeeds(start)}
    while (value := next_budget(option, tried, LIMITS)) is not None:
        assert value not in tried
        low, high = option.bounds(LIMITS)
        assert low <= value <= high
        tried[value] = succeeds(value)
    return tried


@pytest.mark.parametrize("start", [1, 2, 77, 128])
@pytest.mark.parametrize("smallest", [1, 2, 3, 7, 64, 100, 127, 128])
def test_of_levels_the_very_smallest_is_found(smallest: int, start: int) -> None:
    tried = searched(EPSILON, lambda value: value >= smallest, start)
    assert min(value for value, succeeded in tried.items() if succeeded) == smallest
    assert smallest == 1 or tried[smallest - 1] is False
    assert len(tried) <= runs_at_most(EPSILON, start, succeeded=tried[start], limits=LIMITS) + 1


def test_where_there_is_nothing_to_learn_nothing_is_run() -> None:
    assert runs_at_most(EPSILON, 1, succeeded=True, limits=LIMITS) == 0
    assert runs_at_most(EPSILON, 128, succeeded=False, limits=LIMITS) == 0


def test_where_none_succeeds_the_widest_was_tried() -> None:
    tried = searched(EPSILON, lambda value: False, 3)
    assert tried == dict.fromkeys((3, 6, 12, 24, 48, 96, 128), False)


@pytest.mark.parametrize("smallest", [0.05, 0.06, 0.5, 1.0, 1.37, 19.0])
def test_of_lengths_one_a_tenth_above_a_failure_at_most(smallest: float) -> None:
    tried = searched(RADIUS, lambda value: value >= smallest, 1.0)
    found = min(value for value, succeeded in tried.items() if succeeded)
    failed = max((value for value, succeeded in tried.items() if not succeeded), default=0.0)
    assert smallest <= found and (found <= 0.05 or found <= CLOSE * failed * 1.01)
    assert len(tried) <= runs_at_most(RADIUS, 1.0, succeeded=tried[1.0], limits=LIMITS) + 1


def test_where_success_comes_and_goes_it_ends_at_a_success_above_a_failure() -> None:
    tried = searched(EPSILON, lambda value: value in (5, 6, 20, 40, 80), 80)
    found = min(value for value, succeeded in tried.items() if succeeded)
    assert tried[found] and (found == 1 or tried[found - 1] is False)
