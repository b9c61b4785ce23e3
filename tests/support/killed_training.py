"""A training that kills its process in the middle of its second epoch.

python -m tests.support.killed_training FOLDER CONFIG: the configuration is JSON, the pictures are the fixture `few`'s.
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


def main(folder: Path, values: str) -> None:
    torch.set_num_threads(1)
    config, whole = validate(json.loads(values)), load_data("mnist")
    few = Data(whole.record, whole.training[:600], whole.test[:200])
    for _epoch in train(config, few, folder=folder, on_step=lambda done, total: die_at(done, total / config.epochs)):
        pass


def die_at(done: int, epoch: float) -> None:
    """kill -9, from the inside so that it hits the middle of the second epoch."""
    if done > 1.5 * epoch:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
