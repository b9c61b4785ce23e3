"""How a process divides its processor: a thread for each picture, or all its threads for one batch.

Two pictures in a thread each take less of a processor than one after the other in two threads, which wait for each
other at every layer; a single one takes hardly longer in one thread as soon as another program wants a core. And how
many threads add up decides on last bits: computed by one, a picture comes to the same on a machine with other cores.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

import torch

Found = TypeVar("Found")
Other = TypeVar("Other")

_here = threading.local()  # .threads: of a thread that computes alone for a while, how many it had before


def set_threads() -> None:
    """As many CPU threads as GIBBON_TORCH_THREADS says; torch's own choice if it says nothing."""
    wanted = os.environ.get("GIBBON_TORCH_THREADS", "").strip()
    if not wanted:
        return
    if not wanted.isdigit() or int(wanted) < 1:
        raise ValueError(f"GIBBON_TORCH_THREADS is {wanted!r}; it must be a whole number from 1.")
    torch.set_num_threads(int(wanted))


def threads() -> int:
    """How many CPU threads there are: for one batch, or for as many pictures at once."""
    return getattr(_here, "threads", 0) or torch.get_num_threads()


@contextmanager
def one_thread() -> Iterator[None]:
    """What this thread computes meanwhile, it computes alone; a decorator, too."""
    before = torch.get_num_threads()
    if before == 1:  # told again, torch would begin every new thread with one
        yield
        return
    _here.threads = before
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        _here.threads = 0


def side_by_side(work: Callable[[int], Found], parts: int) -> list[Found]:
    """`work(0)`, `work(1)`, and so on; as many at once as there are threads, each in a thread of its own.

    A single part is left to the thread that asks.
    """
    if parts == 1 or threads() == 1:
        return [work(part) for part in range(parts)]
    return list(threads_apart().map(work, range(parts)))


def both(one: Callable[[], Found], other: Callable[[], Other], device: torch.device) -> tuple[Found, Other]:
    """The one in this thread, the other meanwhile in a thread of its own, where there is more than one.

    On a CPU only: Apple's MPS takes no commands from two threads, and a GPU has nothing to gain.
    """
    if device.type != "cpu" or threads() == 1:
        return one(), other()
    later = threads_apart().submit(other)
    try:
        found = one()
    finally:
        wait([later])
    return found, later.result()


def threads_apart() -> Executor:
    """As many threads as there are here, each of which computes without the help of the others."""
    return _pool(threads())


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    """Threads in which torch computes without helpers: it notes how many a thread may use when it is told there."""
    before, ready = torch.get_num_threads(), threading.Barrier(count + 1)
    pool = ThreadPoolExecutor(count, thread_name_prefix="apart")

    def begin() -> None:
        torch.set_num_threads(1)
        torch.get_num_threads()  # noted now, and not later from what others have set meanwhile
        ready.wait()

    for _ in range(count):
        pool.submit(begin)
    ready.wait()
    torch.set_num_threads(before)  # the number that new threads begin with
    return pool
