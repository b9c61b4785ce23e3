"""What it costs, and saves, that torch's threads wait without spinning.

    python -m benchmarks.threads [--rounds 20]

One verdict on a 512 x 512 photograph, in a process of its own for each line: with the waiting Gibbon sets
(OMP_WAIT_POLICY=PASSIVE) and with libgomp's default number of spins, on a machine left alone and beside one busy
process for each core.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.timing import circumstances, spread, table

WAITING = {"sleeping (Gibbon)": {}, "spinning (libgomp's default)": {"GOMP_SPINCOUNT": "300000"}}
BUSY = "while True: pass"


def main() -> int:
    """Print the table; with --child, the seconds of each verdict in this process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(*verdicts(options.rounds))
        return 0
    rows = []
    for others in (0, os.cpu_count() or 1):
        for name, environment in WAITING.items():
            with busy(others):
                rows.append([str(others), name, spread(measured(options.rounds, environment))])
    print(table(["busy processes beside it", "threads wait", "ms a verdict: median (quartiles)"], rows))
    print(f"\n{options.rounds} verdicts a line; {circumstances()}")
    return 0


def verdicts(rounds: int) -> list[float]:
    """Seconds of each of so many verdicts on a photograph of noise."""
    import numpy as np

    from inference.classifier import load

    classifier = load("imagenet-lite0", device="cpu")
    classifier.warm()
    picture = np.random.default_rng(0).integers(0, 256, (1, 512, 512, 3), np.uint8)
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        classifier.probabilities(picture)
        seconds.append(time.perf_counter() - started)
    return seconds


def measured(rounds: int, environment: dict[str, str]) -> list[float]:
    command = [sys.executable, "-m", "benchmarks.threads", "--child", "--rounds", str(rounds)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


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
