"""Kills a process that saves checkpoints, so many times, and tells what was left.

It goes on, for 20 times as many at most, until a kill came after a saving and another within one: on a busy machine
a few may all come too early.

python -m tests.support.killed_savings PATH KILLS: a program of its own, for only a process without threads may fork
safely.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import torch
from torch import nn

from inference.catalog.errors import BadWeights
from inference.networks import checkpoints


def main(path: Path, kills: int) -> None:
    torch.set_num_threads(1)
    network, chance = nn.Linear(1000, 500, bias=False).requires_grad_(False), random.Random(0)
    told = {"unreadable": 0, "mixed": 0, "saved": 0}
    save(path, network, 0)
    begun = time.monotonic()
    save(path, network, 0)
    took = time.monotonic() - begun  # on a busy machine as long as there: some kills come before, some after the first
    for number in range(20 * kills):
        if number >= kills and told["saved"] and any(path.parent.glob(f"{checkpoints.DRAFT}*")):
            break
        kill_one(path, network, number * 1000, after=chance.uniform(0.1, 8) * took)
        try:
            tensors, facts = checkpoints.load(path)
        except BadWeights:
            told["unreadable"] += 1
            continue
        told["mixed"] += not bool((tensors["network.weight"] == facts["count"]).all())
        told["saved"] += facts["count"] > number * 1000
    print(json.dumps(told))


def kill_one(path: Path, network: nn.Module, count: int, *, after: float) -> None:
    child = os.fork()
    if child == 0:
        while True:
            count += 1
            save(path, network, count)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def save(path: Path, network: nn.Module, count: int) -> None:
    """Every weight is the count that the facts tell of."""
    network.weight.fill_(count)
    checkpoints.save(path, network, None, {"count": count})


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
