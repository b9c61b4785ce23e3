"""Work in turns that shares its process with others' work, as if it were alone there."""

from collections.abc import Generator
from typing import TypeVar

import torch

from inference.networks.threads import one_thread

Told = TypeVar("Told")
Result = TypeVar("Result")


def alone(work: Generator[Told, None, Result], *, seed: int) -> Generator[Told, None, Result]:
    """The same steps and result: chance is drawn from `seed`, gradients are on, and there is one thread.

    At every yield all three are as they were before: whoever computes in between neither notices nor disturbs. One
    thread, because small networks gain little by two, and because sums would come out otherwise with another number.
    """
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        chance = torch.get_rng_state()
    while True:
        try:
            with one_thread(), torch.random.fork_rng([]), torch.enable_grad():
                torch.set_rng_state(chance)
                told = next(work)
                chance = torch.get_rng_state()
        except StopIteration as end:
            return end.value
        yield told
