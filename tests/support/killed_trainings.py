"""Starts trainings that are killed in the middle of their second epoch.

python -m tests.support.killed_trainings FOLDER CONFIG...: each configuration is JSON and trains in FOLDER/0, FOLDER/1
and so on. A program of its own, for only a process without threads may fork safely.
"""

import json
import os
import signal
import sys
from pathlib import Path

import torch

from inference.catalog.configuration import validate
from inference.data.base import Data, load_data
from inference.training.loop import train


def main(folder: Path, *configs: str) -> None:
    torch.set_num_threads(1)
    whole = load_data("mnist")
    few = Data(whole.record, whole.training[:600], whole.test[:200])
    children = [start(few, folder / str(number), json.loads(text)) for number, text in enumerate(configs)]
    assert all(os.waitpid(child, 0)[1] == signal.SIGKILL for child in children)


def start(few: Data, folder: Path, values: dict) -> int:
    child = os.fork()
    if child == 0:
        config = validate(values)
        for _epoch in train(
            config, few, folder=folder, on_step=lambda done, total: die_at(done, total / config.epochs)
        ):
            pass
        os._exit(0)  # it should not have come so far
    return child


def die_at(done: int, epoch: float) -> None:
    """kill -9, from the inside so that it hits the middle of the second epoch."""
    if done > 1.5 * epoch:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
