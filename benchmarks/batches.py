"""What several waiting pictures gain by being computed together: in one batch, or beside each other in threads.

    python -m benchmarks.batches [--rounds 7] [--site]

Eight photographs of 512 x 512 pixels each way, in turns: FGSM's gradient and verdicts, alone with all threads, in
batches through the network, and in a thread each; then whole predictions and attacks with their files, alone and as a
worker does them where they wait. Core-milliseconds and milliseconds a picture, and how far the answers are from those
given alone. --site: sixteen predictions, then sixteen attacks, wait at a site whose worker stood still; what its worker
takes until all are done, one at a time and in company.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import psutil
import torch
from torch import Tensor

from attacks import run
from benchmarks.photos import photographs
from benchmarks.story import CLASSIFIER, Client, a_site
from benchmarks.story_cost import seconds_of
from benchmarks.timing import circumstances, interleaved, table
from inference import experiment
from inference.experiment.opened import opened
from inference.images import canonicalise
from inference.networks.classifier import Classifier, load
from inference.networks.threads import side_by_side
from tests.support.live import Site

PICTURES, WAITING = 8, 16
ORDER = {"epsilon": 2, "target": None, "seed": 0}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--site", action="store_true")
    chosen = parser.parse_args()
    print(at_a_site(chosen.rounds) if chosen.site else in_this_process(chosen.rounds))
    print(f"\n{circumstances()}")
    return 0


def in_this_process(rounds: int) -> str:
    classifier = load(CLASSIFIER, "cpu")
    classifier.warm()
    pngs = [canonicalise(photo, "photo").png for photo in photographs(PICTURES, phones=False)]
    groups = (gradients(classifier, pngs), verdicts(classifier, pngs), *whole(classifier, pngs))
    rows = [row for group in groups for row in rows_of(group, rounds)]
    return table(["", "how", "core-ms", "ms", "differs from alone"], rows)


Contestants = tuple[str, Mapping[str, Callable[[], list[Any]]], Callable[[list[Any], list[Any]], str]]


def rows_of(group: Contestants, rounds: int) -> list[list[str]]:
    """Each contestant's name, core-milliseconds and milliseconds a picture, and how far its answers are from alone."""
    name, contestants, differs = group
    told = {how: differs(contestants["alone"](), work()) for how, work in contestants.items()}
    walls: dict[str, list[float]] = {how: [] for how in contestants}

    def timed(how: str) -> None:
        begun = time.perf_counter()
        contestants[how]()
        walls[how].append(time.perf_counter() - begun)

    cores = interleaved({how: partial(timed, how) for how in contestants}, rounds, clock=time.process_time)
    return [[name, how, a_picture(cores[how]), a_picture(walls[how][-rounds:]), told[how]] for how in contestants]


def a_picture(seconds: list[float]) -> str:
    """Median milliseconds."""
    return f"{statistics.median(seconds) / PICTURES * 1e3:.0f}"


def gradients(classifier: Classifier, pngs: Sequence[bytes]) -> Contestants:
    pixels = classifier.to_pixels(np.stack([opened(png) for png in pngs]))

    def some(size: int, number: int) -> Tensor:
        made = run("fgsm", classifier, pixels[number * size :][:size], None, {"epsilon": 2})
        assert made.direction
        return made.direction.sign

    def differs(alone: list[Tensor], other: list[Tensor]) -> str:
        signs = torch.cat(alone)
        return f"{int((signs != torch.cat(other)).sum())} of {signs.numel():,} signs"

    return "gradient", in_each_way(some), differs


def verdicts(classifier: Classifier, pngs: Sequence[bytes]) -> Contestants:
    pictures = np.stack([opened(png) for png in pngs])

    def some(size: int, number: int) -> np.ndarray:
        return classifier.probabilities(pictures[number * size :][:size])

    def differs(alone: list[np.ndarray], other: list[np.ndarray]) -> str:
        return apart(np.concatenate(alone), np.concatenate(other))

    return "verdict", in_each_way(some), differs


def in_each_way(some: Callable[[int, int], Any]) -> dict[str, Callable[[], list[Any]]]:
    """some: of a batch's size and its number."""
    names = {1: "alone", 4: "in fours"}
    ways = {how: partial(one_by_one, partial(some, size), PICTURES // size) for size, how in names.items()}
    more = {
        f"{how}, a thread each": partial(side_by_side, partial(some, size), PICTURES // size)
        for size, how in names.items()
    }
    return ways | more


def one_by_one(work: Callable[[int], Any], parts: int) -> list[Any]:
    return [work(part) for part in range(parts)]


def whole(classifier: Classifier, pngs: Sequence[bytes]) -> Iterator[Contestants]:
    """What jobs compute, the pictures opened anew each time."""

    def prediction(number: int) -> np.ndarray:
        return np.array([one.probability for one in experiment.predict(classifier, pngs[number]).top])

    def predictions(way: Callable[..., list[np.ndarray]]) -> list[np.ndarray]:
        opened.cache_clear()
        return way(prediction, PICTURES)

    def attack(number: int) -> experiment.Attacked:
        return experiment.attack(classifier, pngs[number], "fgsm", ORDER)

    def attacks(way: Callable[..., list[experiment.Attacked]]) -> list[experiment.Attacked]:
        opened.cache_clear()
        return way(attack, PICTURES)

    def files(alone: list[experiment.Attacked], other: list[experiment.Attacked]) -> str:
        same = sum((one.png, one.sign_png) == (two.png, two.sign_png) for one, two in zip(alone, other, strict=True))
        far = apart(*([one.probabilities for one in made] for made in (alone, other)))
        return f"{same} of {len(alone)} files the same; {far}"

    for name, kind, differs in (("prediction", predictions, apart), ("attack", attacks, files)):
        yield name, {"alone": partial(kind, one_by_one), "in company": partial(kind, side_by_side)}, differs


def apart(alone: Any, other: Any) -> str:
    return f"probabilities {np.abs(np.asarray(alone) - np.asarray(other)).max():.0e}"


# --- At a site ------------------------------------------------------------------------------------------------------


def at_a_site(rounds: int) -> str:
    """Rows of its worker's core-milliseconds and of milliseconds a job."""
    photos = photographs(WAITING * rounds, phones=False)
    rows = []
    for at_once in ("1", "4"):
        for kind, took in waiting_jobs(at_once, photos).items():
            middle = (f"{statistics.median(one[place] for one in took):.0f}" for place in (0, 1))
            rows.append([kind, at_once, *middle])
    return table([f"{WAITING} waiting", "at once", "core-ms a job", "ms a job"], sorted(rows))


def waiting_jobs(at_once: str, photos: list[bytes]) -> dict[str, list[tuple[float, float]]]:
    """kind -> (core-milliseconds of the worker, milliseconds) a job in each round, of jobs that waited for it."""
    found: dict[str, list[tuple[float, float]]] = {"prediction": [], "attack": []}
    with a_site(GIBBON_JOBS_AT_ONCE=at_once) as (site, client):
        program = Program(client.url, client.token)
        for first in range(0, len(photos), WAITING):
            pictures = program.upload_all(photos[first : first + WAITING])
            predictions = [{"kind": "predict", "image": one} for one in pictures]
            attacks = [{"kind": "attack", "image": one, "attack": "fgsm", "params": ORDER} for one in pictures]
            found["prediction"].append(program.after_a_pause(site, predictions))
            found["attack"].append(program.after_a_pause(site, attacks))
    return found


class Program(Client):
    """A program with a token that has much to ask."""

    def upload_all(self, photos: list[bytes]) -> list[str]:
        return [self._upload(photo)["id"] for photo in photos]

    def after_a_pause(self, site: Site, orders: list[dict[str, Any]]) -> tuple[float, float]:
        """Given while the worker's process stands still, so that all wait when it goes on."""
        worker = psutil.Process(max(site.pids("worker"), key=seconds_of))
        worker.suspend()
        jobs = [self._start(order) for order in orders]
        before, begun = seconds_of(worker.pid), time.perf_counter()
        worker.resume()
        for job in reversed(jobs):
            self._wait(job)
        took = seconds_of(worker.pid) - before, time.perf_counter() - begun
        return took[0] / len(jobs) * 1e3, took[1] / len(jobs) * 1e3


if __name__ == "__main__":
    sys.exit(main())
