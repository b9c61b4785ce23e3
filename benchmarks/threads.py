"""What it costs, and saves, that torch's threads spin briefly while they wait and then sleep.

    python -m benchmarks.threads [--rounds 20] [--workers]

One verdict on a 512 x 512 photograph, and one epoch of LeNet on 12,000 digits, each in a process of its own: with the
waiting Gibbon sets, with none and with libgomp's default, on a machine left alone and beside one busy process for each
core. Two threads, or more where there are more cores: one thread never waits.

--workers: what so many waiting attacks take of one process with two threads, one at a time and in company, and of two
processes with one each; processor, time and memory.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from benchmarks.timing import circumstances, spread, table

WAITING = {
    "spinning briefly (Gibbon)": {},
    "sleeping at once": {"GOMP_SPINCOUNT": "0"},
    "spinning (libgomp's default)": {"GOMP_SPINCOUNT": "300000"},
}
WORKERS = {  # processes, threads of each, and whether it does what waits in company
    "one with two threads, one at a time": (1, 2, False),
    "one with two threads, in company": (1, 2, True),
    "two with one thread each": (2, 1, False),
}
ATTACKS = 16
PICTURES = 12_000
BUSY = "while True: pass"


def main() -> int:
    """Print the table; with --child, what this process took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--workers", action="store_true")
    parser.add_argument("--attacks", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--company", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.attacks:
        attack_when_told(options.attacks, company=options.company)
        return 0
    if options.workers:
        print(workers(options.rounds))
        return 0
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


def workers(rounds: int) -> str:
    """The table of processes that attack."""
    rows = []
    for name, (processes, threads, company) in WORKERS.items():
        found = attacks_of(rounds, processes, threads, company=company)
        core, seconds = (statistics.median(one[place] for one in found) / ATTACKS * 1e3 for place in (0, 1))
        rows.append([name, f"{core:.0f}", f"{seconds:.0f}", f"{found[-1][2]:.0f}"])
    head = ["processes", "core-ms an attack", "ms an attack", "MB of all"]
    return f"{table(head, rows)}\n\n{rounds} rounds of {ATTACKS} attacks; {circumstances()}"


def attacks_of(rounds: int, processes: int, threads: int, *, company: bool) -> list[tuple[float, float, float]]:
    """(core-seconds, seconds, megabytes) of each round of all the processes together."""
    command = [sys.executable, "-m", "benchmarks.threads", "--attacks", str(ATTACKS // processes)]
    environment = os.environ | {"GIBBON_TORCH_THREADS": str(threads)}
    piped: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    with ExitStack() as stack:
        given = [*command, *(["--company"] if company else [])]
        children = [stack.enter_context(subprocess.Popen(given, **piped)) for _ in range(processes)]
        answers(children)  # they are warm
        return [one_round(children) for _ in range(rounds)]


def one_round(children: list[subprocess.Popen[str]]) -> tuple[float, float, float]:
    begun = time.perf_counter()
    for child in children:
        print("go", file=child.stdin, flush=True)
    told = answers(children)
    return sum(core for core, _memory in told), time.perf_counter() - begun, sum(memory for _core, memory in told)


def answers(children: list[subprocess.Popen[str]]) -> list[list[float]]:
    return [json.loads(child.stdout.readline()) for child in children if child.stdout]


def attack_when_told(count: int, *, company: bool) -> None:
    """So many attacks at each line of the input; what they took, as JSON: core-seconds, and megabytes so far."""
    from benchmarks.photos import photographs
    from inference import experiment
    from inference.images import canonicalise
    from inference.networks.classifier import load
    from inference.networks.threads import side_by_side

    classifier, order = load("imagenet-lite0", device="cpu"), {"epsilon": 2, "target": None, "seed": 0}
    classifier.warm()
    pngs = [canonicalise(photo, "photo").png for photo in photographs(count, phones=False)]

    def attack(number: int) -> None:
        experiment.attack(classifier, pngs[number], "fgsm", order)

    def all_in_company() -> None:
        side_by_side(attack, count)

    def one_by_one() -> None:
        for number in range(count):
            attack(number)

    work = all_in_company if company else one_by_one
    work()
    print("[]", flush=True)
    for _line in sys.stdin:
        begun = time.process_time()
        work()
        took = time.process_time() - begun
        print(json.dumps([took, psutil.Process().memory_info().rss / 1e6]), flush=True)


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
