"""Work that calls back at each step, taken a step at a time."""

import threading
from collections.abc import Iterator

import pytest
import torch

from webapp.jobs.stepwise import Stepwise, in_steps

LOG: list[object] = []


def counting(on_step) -> str:
    LOG.clear()
    try:
        for number in range(3):
            LOG.append(number)
            on_step(number, 3)
        return "counted"
    finally:
        LOG.append("over")


def test_it_stands_still_at_each_step_and_has_a_result_after_the_last() -> None:
    steps = Stepwise(counting)
    first = next(iter(steps))
    assert (first, LOG) == ((0, 3), [0])
    assert list(steps) == [(1, 3), (2, 3)]
    assert steps.result == "counted" and LOG[-1] == "over"


def test_closed_before_it_ends_where_it_stands_and_leaves_no_thread() -> None:
    before, steps = threading.active_count(), Stepwise(counting)
    next(iter(steps))
    steps.close()
    assert LOG == [0, "over"] and threading.active_count() == before


def test_work_that_answers_every_exception_ends_all_the_same() -> None:
    def stubborn(on_step) -> None:
        for number in range(100):
            try:
                on_step(number)
            except Exception:
                LOG.append("answered")

    LOG.clear()
    steps = Stepwise(stubborn)
    next(iter(steps))
    steps.close()
    assert not LOG


def test_what_goes_wrong_is_raised_where_the_steps_are_asked_for() -> None:
    def wrong(on_step) -> None:
        on_step(1)
        raise ZeroDivisionError("by nought")

    with pytest.raises(ZeroDivisionError, match="by nought"):
        list(Stepwise(wrong))


def test_what_it_switches_on_for_itself_is_not_on_for_others() -> None:
    def without_gradients(on_step) -> bool:
        with torch.no_grad():
            on_step()
            return torch.is_grad_enabled()

    steps = Stepwise(without_gradients)
    for _step in steps:
        assert torch.is_grad_enabled()
    assert steps.result is False


@pytest.mark.parametrize("turns", [True, False])
def test_in_steps_each_is_called_here_and_the_result_is_the_same(turns: bool) -> None:
    told: list[tuple[int, int, bool]] = []

    def each(done: int, total: int) -> None:
        told.append((done, total, threading.current_thread() is threading.main_thread()))

    def whole() -> Iterator[None]:
        told.append((yield from in_steps(counting, each, turns=turns)))

    assert len(list(whole())) == (3 if turns else 0)
    assert told == [(0, 3, True), (1, 3, True), (2, 3, True), "counted"]
