"""How long it takes to a network that knows 99.0 % of MNIST's test pictures, by three ways of training.

    python -m benchmarks.training --choose    # prints the epochs that stand in benchmarks/learners.py
    python -m benchmarks.training [--seeds 3] [--pictures 60000]

Beforehand, `--choose` finds for each contender the fewest epochs with which it reaches 99.0 %, as a mean over the
seeds, on a validation split of the training pictures (80/20, drawn with seed 0). Then each learns from all 60,000
training pictures for so many epochs, and the test pictures are looked at once. Every run has a process of its own with
the same number of threads; contenders take turns in a new order for each seed.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import mean, median

import torch

from benchmarks.learners import LEARNERS
from benchmarks.timing import circumstances, ratio, table
from inference.data.base import Data, load_data, split
from inference.evaluation.accuracy import evaluate
from inference.networks.threads import set_threads

WANTED = 0.99
MOST = 20  # epochs that --choose tries
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes that ru_maxrss counts in


@dataclass(frozen=True)
class Run:
    """What one process saw."""

    learner: str
    epochs: int
    seconds: float  # of training alone
    loading: float  # seconds until the pictures were in memory
    accuracy: float
    pictures_per_second: float
    peak_megabytes: float


def main() -> None:
    """Print the table, or the epochs; with --child, one run as JSON."""
    chosen = arguments()
    set_threads()
    if chosen.child:
        run = learn(chosen.child, chosen.epochs, chosen.seed, pictures=chosen.pictures, choosing=chosen.choose)
        print(json.dumps(asdict(run)))
    elif chosen.choose:
        choose(chosen.learners, chosen.seeds, pictures=chosen.pictures)
    else:
        runs = list(all_runs(chosen.learners, chosen.seeds, pictures=chosen.pictures))
        report(chosen.learners, runs)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--choose", action="store_true", help="find the epochs on the validation split")
    parser.add_argument("--learners", nargs="+", choices=list(LEARNERS), default=list(LEARNERS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--pictures", type=int, default=60_000, help="fewer to try the benchmark itself")
    for name, kind in (("child", str), ("epochs", int), ("seed", int)):
        parser.add_argument(f"--{name}", type=kind, help=argparse.SUPPRESS)
    return parser.parse_args()


# --- One run, in its own process ----------------------------------------------------------------------------------


def learn(name: str, epochs: int, seed: int, *, pictures: int, choosing: bool) -> Run:
    """Train, then score once: on the test pictures, or on the validation split while epochs are chosen."""
    started = time.perf_counter()
    data = material(pictures, choosing=choosing)
    loaded = time.perf_counter()
    model = LEARNERS[name].learn(data, epochs, seed)
    seconds = time.perf_counter() - loaded
    return Run(
        learner=name,
        epochs=epochs,
        seconds=seconds,
        loading=loaded - started,
        accuracy=evaluate(model, data.test).accuracy,
        pictures_per_second=epochs * len(data.training) / seconds,
        peak_megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT / 1e6,
    )


def material(pictures: int, *, choosing: bool) -> Data:
    """MNIST; while epochs are chosen its test part is the validation split, and the real one is not there."""
    data = load_data("mnist")
    training = data.training[:pictures]
    if not choosing:
        return Data(data.record, training, data.test)
    return Data(data.record, *split(training, share=0.2, seed=0))


def in_a_process(name: str, epochs: int, seed: int, *, pictures: int, choosing: bool = False) -> Run:
    command = [sys.executable, "-m", "benchmarks.training", "--child", name]
    command += ["--epochs", str(epochs), "--seed", str(seed), "--pictures", str(pictures)]
    environment = os.environ | {"GIBBON_TORCH_THREADS": str(torch.get_num_threads())}
    done = subprocess.run(
        [*command, *(["--choose"] if choosing else [])], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return Run(**json.loads(done.stdout))


# --- Beforehand ---------------------------------------------------------------------------------------------------


def choose(learners: list[str], seeds: int, *, pictures: int) -> None:
    """Print, for each contender, the fewest epochs with which it knows enough of the validation split."""
    for name in learners:
        for epochs in range(1, MOST + 1):
            known = mean(validated(name, epochs, seed, pictures=pictures) for seed in range(seeds))
            print(f"{name}, {epochs} epochs: {known:.2%} of the validation split", flush=True)
            if known >= WANTED:
                break
        else:
            print(f"{name}: not reached within {MOST} epochs")


def validated(name: str, epochs: int, seed: int, *, pictures: int) -> float:
    return in_a_process(name, epochs, seed, pictures=pictures, choosing=True).accuracy


# --- In earnest ---------------------------------------------------------------------------------------------------


def all_runs(learners: list[str], seeds: int, *, pictures: int) -> Iterator[Run]:
    """Every contender with every seed; whatever else the machine does in a round meets them all."""
    shuffle = random.Random(0).shuffle
    for seed in range(seeds):
        order = list(learners)
        shuffle(order)
        for name in order:
            yield in_a_process(name, LEARNERS[name].epochs, seed, pictures=pictures)


def report(learners: list[str], runs: list[Run]) -> None:
    of = {name: [run for run in runs if run.learner == name] for name in learners}
    head = ["", "epochs", "seconds: median (all)", "test accuracy", "pictures/s", "peak MB"]
    print(table(head, [row(LEARNERS[name].name, found) for name, found in of.items()]))
    seconds = {name: [run.seconds for run in found] for name, found in of.items()}
    pace = {name: [run.pictures_per_second for run in found] for name, found in of.items()}
    if {"gibbon", "public"} <= of.keys():
        print(f"\nTime, public recipe / Gibbon: {ratio(seconds['public'], seconds['gibbon'])} (bar: 5)")
    if {"gibbon", "loader"} <= of.keys():
        print(f"\nPictures a second, Gibbon / DataLoader: {ratio(pace['gibbon'], pace['loader'])} (bar: 1.8)")
    loading = median(run.loading for run in runs)
    print(f"\nSeconds are of training alone; loading the pictures ({loading:.1f} s) comes before.")
    print(f"\n{circumstances('torchvision')}")


def row(name: str, runs: list[Run]) -> list[str]:
    seconds = [run.seconds for run in runs]
    return [
        name,
        str(runs[0].epochs),
        f"{median(seconds):.1f} ({', '.join(f'{second:.1f}' for second in seconds)})",
        ", ".join(f"{run.accuracy:.2%}" for run in runs),
        f"{median(run.pictures_per_second for run in runs):.0f}",
        f"{max(run.peak_megabytes for run in runs):.0f}",
    ]


if __name__ == "__main__":
    main()
