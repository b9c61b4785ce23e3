"""What it costs, and saves, that torch's threads spin briefly while they wait and then sleep.

    python -m benchmarks.threads [--rounds 20]

One verdict on a 512 x 512 photograph, and one epoch of LeNet on 12,000 digits, each in a process of its own: with the
waiting Gibbon sets, with none and with libgomp's default, on a machine left alone and beside one busy process for each
core. Two threads, or more where there are more cores: one thread never waits.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.timing import circumstances, spread, table

WAITING = {
    "spinning briefly (Gibbon)": {},
    "sleeping at once": {"GOMP_SPINCOUNT": "0"},
    "spinning (libgomp's default)": {"GOMP_SPINCOUNT": "300000"},
}
PICTURES = 12_000
BUSY = "while True: pass"


def main() -> int:
    """Print the table; with --child, what this process took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps([verdicts(options.rounds), epoch()]))
        return 0
    rows = []
    for others in (0, os.cpu_count() or 1):
        for name, environment in WAITING.items():
            with busy(others):
                seconds, pace = measured(options.rounds, environment)
                rows.append([str(others), name, spread(seconds), f"{pace:.0f}"])
    print(table(["busy processes beside it", "threads wait", "ms a verdict: median (quartiles)", "digits/s"], rows))
    print(f"\n{options.rounds} verdicts and {PICTURES} digits a line; {circumstances()}")
    return 0


def verdicts(rounds: int) -> list[float]:
    """Seconds of each of so many verdicts on a photograph of noise."""
    import numpy as np

    from inference.networks.classifier import load

    classifier = load("imagenet-lite0", device="cpu")
    classifier.warm()
    picture = np.random.default_rng(0).integers(0, 256, (1, 512, 512, 3), np.uint8)
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        classifier.probabilities(picture)
        seconds.append(time.perf_counter() - started)
    return seconds


def epoch() -> float:
    """Pictures a second in one epoch of LeNet."""
    from benchmarks.learners import CPU, lenet_config
    from inference.data.base import load_data
    from inference.training.loop import train

    data = load_data("mnist")
    data = replace(data, training=data.training[:PICTURES])
    with tempfile.TemporaryDirectory(prefix="gibbon-") as folder:
        (only,) = train(lenet_config(1, 0), data, folder=Path(folder), device=CPU)
    return only.pictures_per_second


def measured(rounds: int, environment: dict[str, str]) -> tuple[list[float], float]:
    command = [sys.executable, "-m", "benchmarks.threads", "--child", "--rounds", str(rounds)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    seconds, pace = json.loads(done.stdout)
    return seconds, pace


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many other processes that take all the time they are given."""
    others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


if __name__ == "__main__":
    sys.exit(main())
