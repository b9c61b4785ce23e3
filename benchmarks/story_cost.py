"""What one visitor costs: core-milliseconds by process, and with --profile by step, in units of a bare gradient pass.

    python -m benchmarks.story_cost [--runs 5] [--visitors 6] [--profile | --computing] [--data FOLDER]

A visitor uploads a JPEG of 512 x 512 pixels, attacks by FGSM, which tells what the network sees, too, and waits for
every level with its control; or cancels the levels as soon as the verdict is there. A program that asks ten times a
second, by the API. Each run is so many visitors one after the other on an idle site that is started for it; told are
the medians of the runs. Processor time, so other programs beside it matter less than they would to a clock; the bare
pass is measured between the runs. The twenty draws that follow every level are measured apart, at another level, and
taken off; apart, too, a prediction of its own, for which the page no longer asks beside an attack of one step.

--profile has py-spy (it needs leave to look into other processes) sample worker and web during these runs, levels and
draws included, and shares their time out over the steps. Its worker has one torch thread: py-spy sees threads of
Python, and not those that torch computes with. --computing starts no site: it measures what a worker computes for one
visitor, in this process. --data names a data folder that stays: a second run need not wait for the samples.
"""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import psutil
import torch
from torch.nn.functional import cross_entropy

from attacks.frozen import frozen
from benchmarks.photos import photographs
from benchmarks.spying import spied, steps_of
from benchmarks.story import CLASSIFIER, EPSILON, a_site
from benchmarks.timing import circumstances, table
from inference import experiment
from inference.images import canonicalise
from inference.networks.classifier import Classifier, load
from inference.networks.threads import one_thread
from tests.support.live import Site

OTHER = 5  # the level of the draws that are measured apart
PARTS = ("worker", "web", "decoders", "broker", "keeper")
KINDS = ("every level", "levels cancelled", "20 draws more", "a prediction more")
Found = TypeVar("Found")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--visitors", type=int, default=6, help="in each run")
    parser.add_argument("--data", type=Path, help="a folder for the site's data, which stays")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--profile", action="store_true")
    only.add_argument("--computing", action="store_true")
    chosen = parser.parse_args()
    if chosen.profile:
        torch.set_num_threads(1)
    photos = iter(photographs((chosen.runs * 2 + 2) * chosen.visitors, phones=False))
    if chosen.computing:
        computing(chosen.runs, chosen.visitors, photos)
    else:
        (profile if chosen.profile else whole)(chosen.runs, chosen.visitors, photos, chosen.data)
    print(f"\n{circumstances()}")


class Bare:
    """One picture forwards and backwards on the network as it is served, and nothing around it."""

    def __init__(self, model: Classifier | None = None) -> None:
        self.model, self.seconds = model or load(CLASSIFIER, "cpu"), list[float]()
        self.pictures = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
        for _ in range(5):
            self._once()

    def measure(self, passes: int = 20) -> None:
        self.seconds += [self._once() for _ in range(passes)]

    @property
    def core_ms(self) -> float:
        return statistics.median(self.seconds) * 1e3

    def _once(self) -> float:
        begun = time.process_time()
        with one_thread(), frozen(self.model):  # as the site attacks
            leaf = self.pictures.clone().requires_grad_(True)
            torch.autograd.grad(cross_entropy(self.model(leaf), torch.tensor([0])), leaf)
        return time.process_time() - begun


# --- The whole site -------------------------------------------------------------------------------------------------


def whole(runs: int, visitors: int, photos: Iterator[bytes], data: Path | None) -> None:
    """Prints the table by process."""
    bare, costs = Bare(), {kind: list[Counter[str]]() for kind in KINDS}
    with a_site(data) as (site, client):
        some(photos, visitors, client.visit)
        for _ in range(runs):
            bare.measure()
            every, attacks = measured(site, lambda: some(photos, visitors, client.visit))
            draws, _done = measured(site, lambda of=attacks: [client.draws(attack, OTHER) for attack in of])
            every.subtract(draws)
            predictions, _told = measured(site, lambda of=attacks: [client.prediction(attack) for attack in of])
            cancelled, _gone = measured(site, lambda: some(photos, visitors, client.leave))
            for kind, found in zip(KINDS, (every, cancelled, draws, predictions), strict=True):
                costs[kind].append(found)
        bare.measure()
    print(f"{runs} runs of {visitors} visitors; core-ms a visitor, medians. Bare gradient pass: {told(bare)}.\n")
    rows = [row(kind, found, visitors, bare.core_ms) for kind, found in costs.items()]
    print(table(["", *PARTS, "in all", "in passes"], rows))


def some(photos: Iterator[bytes], count: int, visit: Callable[[bytes], Found]) -> list[Found]:
    return [visit(next(photos)) for _ in range(count)]


def measured(site: Site, work: Callable[[], Found]) -> tuple[Counter[str], Found]:
    """Core-milliseconds of each part of the site meanwhile, and what the work gave."""
    before = spent(site)
    found = work()
    after = spent(site)
    return Counter({part: (after[part] - before[part]) * 1e3 for part in PARTS}), found


def spent(site: Site) -> dict[str, float]:
    """Seconds of processor time so far."""
    found = {name: sum(map(seconds_of, site.pids(name))) for name in ("worker", "broker", "keeper")}
    web, *decoders = site.pids("web")
    return found | {"web": seconds_of(web), "decoders": sum(map(seconds_of, decoders))}


def seconds_of(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def row(kind: str, found: list[Counter[str]], visitors: int, bare: float) -> list[str]:
    parts = [statistics.median(one[part] for one in found) / visitors for part in PARTS]
    in_all = statistics.median(one.total() for one in found) / visitors
    return [kind, *(f"{part:.0f}" for part in parts), f"{in_all:.0f}", f"{in_all / bare:.1f}"]


def told(bare: Bare) -> str:
    return f"{bare.core_ms:.1f} core-ms, median of {len(bare.seconds)}"


# --- By step --------------------------------------------------------------------------------------------------------


def profile(runs: int, visitors: int, photos: Iterator[bytes], data: Path | None) -> None:
    """Prints where worker and web were while visitors came: shares of their samples, and of their core-milliseconds."""
    bare = Bare()
    with a_site(data, GIBBON_TORCH_THREADS="1") as (site, client):
        some(photos, visitors, client.visit)
        bare.measure(50)
        with spied({name: site.pids(name)[0] for name in ("worker", "web")}) as stacks:
            spent_, _attacks = measured(site, lambda: some(photos, runs * visitors, client.visit))
        bare.measure(50)
    print(f"{runs * visitors} visitors with one torch thread; bare gradient pass: {told(bare)}.")
    for name, parts in {"worker": ("worker",), "web": ("web", "decoders")}.items():
        counts, core_ms = steps_of(stacks[name]), sum(spent_[part] for part in parts) / runs / visitors
        print(f"\n{' and '.join(parts)}: {core_ms:.0f} core-ms a visitor, {counts.total()} samples\n")
        print(table(["step", "share", "core-ms", "in passes"], list(shares(counts, core_ms, bare.core_ms))))


def shares(counts: Counter[str], core_ms: float, bare: float) -> Iterator[list[str]]:
    for step, count in counts.most_common():
        share = count / counts.total()
        yield [step, f"{share:.0%}", f"{core_ms * share:.1f}", f"{core_ms * share / bare:.2f}"]


# --- Computing alone ------------------------------------------------------------------------------------------------


def computing(runs: int, visitors: int, photos: Iterator[bytes]) -> None:
    """Prints what a worker computes of each picture."""
    classifier = load(CLASSIFIER, "cpu")
    bare, found = Bare(classifier), {name: list[float]() for name in ("prediction", "attack", "every level")}
    some(photos, visitors, lambda photo: computed(classifier, photo))
    for _ in range(runs):
        bare.measure()
        for seconds in some(photos, visitors, lambda photo: computed(classifier, photo)):
            for name, one in zip(found, seconds, strict=True):
                found[name].append(one * 1e3)
    print(f"Core-ms a picture, medians of {runs * visitors}; bare gradient pass: {told(bare)}.\n")
    middle = {name: statistics.median(all_) for name, all_ in found.items()}
    rows = [[name, f"{value:.0f}", f"{value / bare.core_ms:.1f}"] for name, value in middle.items()]
    print(table(["step", "core-ms", "in passes"], rows))


def computed(classifier: Classifier, photo: bytes) -> list[float]:
    """Seconds of processor time of prediction, attack and every level."""
    png, order = canonicalise(photo, "photo").png, {"epsilon": EPSILON, "target": None, "seed": 0}
    moments = [time.process_time()]
    experiment.predict(classifier, png)
    moments.append(time.process_time())
    made = experiment.attack(classifier, png, "fgsm", order)
    moments.append(time.process_time())
    levels(classifier, png, made)
    moments.append(time.process_time())
    return [ended - begun for begun, ended in pairwise(moments)]


def levels(classifier: Classifier, png: bytes, made: Any) -> None:
    """Those that the attack has not judged already."""
    known = (experiment.Step(0), experiment.Step(EPSILON))
    steps = [step for step in experiment.steps_of(range(classifier.levels + 1), EPSILON) if step not in known]
    experiment.judge_steps(classifier, png, made.sign_png, steps, seed=0)


if __name__ == "__main__":
    main()
