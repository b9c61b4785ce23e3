"""Threads: a picture in one of them, several pictures in as many."""

import threading
from collections.abc import Iterator

import pytest
import torch

from inference.networks.threads import both, one_thread, side_by_side, threads

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def here() -> tuple[int, str]:
    """Torch's threads in this one, and its name."""
    return torch.get_num_threads(), threading.current_thread().name


def of_a_new_thread() -> int:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    return found[0]


def apart(told: tuple[int, str]) -> bool:
    return told[0] == 1 and told[1].startswith("apart")


def test_side_by_side_each_thread_computes_alone_and_the_others_keep_their_number() -> None:
    found = side_by_side(lambda part: (part, here()), 5)
    assert [part for part, _here in found] == list(range(5))
    assert all(apart(told) for _part, told in found)
    assert torch.get_num_threads() == of_a_new_thread() == 2


def test_who_computes_alone_has_the_other_threads_for_other_pictures() -> None:
    with one_thread():
        assert both(here, here, torch.device("mps")) == (here(), here())
        assert (torch.get_num_threads(), threads()) == (1, 2)
        assert all(map(apart, side_by_side(lambda _part: here(), 3)))
        mine, others = both(here, here, CPU)
        assert mine == here() and apart(others)
        with one_thread():
            assert (torch.get_num_threads(), threads()) == (1, 2)
        assert (torch.get_num_threads(), threads()) == (1, 2)
    assert torch.get_num_threads() == threads() == of_a_new_thread() == 2


def test_in_a_thread_apart_everything_is_done_there() -> None:
    @one_thread()
    def work(_part: int) -> tuple[int, bool]:
        me = here()
        return threads(), both(here, here, CPU) == (me, me) and side_by_side(lambda _part: here(), 2) == [me, me]

    assert side_by_side(work, 3) == [(1, True)] * 3
    assert of_a_new_thread() == 2


def test_what_goes_wrong_in_one_of_both_is_raised_when_the_other_is_over() -> None:
    over = threading.Event()

    def wrong() -> None:
        raise ZeroDivisionError("by nought")

    with pytest.raises(ZeroDivisionError):
        both(wrong, lambda: threading.Event().wait(0.1) or over.set(), CPU)
    assert over.is_set()
    with pytest.raises(ZeroDivisionError), one_thread():
        both(here, wrong, CPU)
    assert torch.get_num_threads() == 2
