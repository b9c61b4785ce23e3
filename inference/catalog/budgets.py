"""Which budget to try next, for an attack that runs again at each: the smallest one that succeeds is looked for."""

from collections.abc import Mapping

from attacks.options import Limits, Option

CLOSE = 1.1  # a number's search ends when the smallest success is at most so many times the failure below it


def next_budget(option: Option, tried: Mapping[float, bool], limits: Limits) -> float | None:
    """The next value of a budget to try, None when there is no more to learn.

    tried: at each value, whether the attack succeeded; 0, the picture itself, counts as a failure. Until one succeeds
    the largest is doubled; then what lies between the smallest success and the largest failure below it is halved,
    down to neighbours where the budget is counted. Success need not be monotone in the budget: what is found is the
    smallest of those tried that has a failure right below it.
    """
    counted = option.kind != "number"
    low, high = option.bounds(limits)
    successes = [value for value, succeeded in tried.items() if succeeded]
    if not successes:
        most = max(tried, default=0)
        return None if most >= high else min(high, _doubled(most, option, low))
    smallest = min(successes)
    below = max((value for value, succeeded in tried.items() if not succeeded and value < smallest), default=0)
    if smallest <= low or (smallest - below <= 1 if counted else smallest <= CLOSE * below):
        return None
    middle = (smallest + below) // 2 if counted else float(f"{(smallest + below) / 2:.2g}")
    return None if middle in tried else max(low, middle)


def runs_at_most(option: Option, value: float, *, succeeded: bool, limits: Limits) -> int:
    """How often a search that begins at `value` runs the attack again, at most: up by doubling, back by halving."""
    if next_budget(option, {value: succeeded}, limits) is None:
        return 0
    low, high = option.bounds(limits)
    up = 0 if succeeded else _halvings(high / value)
    finest = 1 if option.kind != "number" else min(low, value) * (CLOSE - 1)
    return up + _halvings((value if succeeded else high) / finest)


def _doubled(most: float, option: Option, low: float) -> float:
    if most <= 0:
        return float(low) if option.kind == "number" else int(max(low, 1))
    return 2 * most


def _halvings(ratio: float) -> int:
    return max(1, int(ratio)).bit_length()
