"""What a visitor notices of a training beside them, and how long an owner waits for it: the site as `./run` starts it.

    python -m benchmarks.training_beside [--photos 60]

A visitor asks for a prediction, then for a first verdict (FGSM), of one 512 x 512 JPEG after the other, no two alike,
each when the last one's sweep is complete; times run from the first byte of the upload. First on the idle site, so
many photographs; then while a training with the site's defaults runs, started through the API: from the moment its
worker has begun until its version is there. The training's time runs from the request that starts it.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

from benchmarks.browser import OVER, Browser
from benchmarks.latency import to_prediction, to_verdict
from benchmarks.load import a_site
from benchmarks.photos import photographs
from benchmarks.timing import circumstances, table
from tests.support.live import Site

ASKED: dict[str, Callable[[Browser, bytes], Awaitable[float]]] = {
    "prediction": to_prediction,
    "first verdict": to_verdict,
}
Seen = dict[str, list[float]]  # seconds, for each thing that was asked for
SPARE = 400  # photographs for the time of a training; nobody knows how long it takes
BEGIN = 120.0  # seconds until a train worker must have begun
LOOK = 0.25  # seconds between two looks at the training


@dataclass(frozen=True)
class Training:
    """A training that has ended, as the API tells it, and the seconds from its start to its version."""

    job: dict[str, Any]
    seconds: float


def main() -> None:
    chosen = arguments()
    photos = photographs(chosen.photos + SPARE, phones=False)
    settings = {"GIBBON_JOBS_PER_MINUTE": "1000000", "GIBBON_PICTURES_PER_VISITOR": "100000"}
    with a_site(None, **settings, GIBBON_BYTES_PER_VISITOR="10000000000") as (url, site):
        assert site is not None
        owner = Owner(url, site)
        idle = asyncio.run(visit(url, photos[: chosen.photos], lambda: False))
        beside, training = asyncio.run(train_and_visit(url, owner, photos[chosen.photos :], chosen.config))
    report(idle, beside, training)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=60, help="on the idle site")
    parser.add_argument("--config", type=json.loads, default={}, help="settings that are not the defaults, as JSON")
    return parser.parse_args()


class Owner:
    """Starts and watches trainings through the API, with the first admin's token."""

    def __init__(self, url: str, site: Site) -> None:
        self.url = url
        self.headers = {
            "Authorization": f"Bearer {site.manage('token', 'admin', 'benchmark').strip()}",
            "Content-Type": "application/json",
        }

    def start(self, config: dict[str, Any]) -> str:
        """The run's id."""
        return self._ask("/api/v1/training-runs", json.dumps({"config": config}).encode())["id"]

    def look(self, run: str) -> dict[str, Any]:
        return self._ask(f"/api/v1/training-runs/{run}")

    def _ask(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        with urlopen(Request(self.url + path, body, self.headers), timeout=60) as response:
            return json.load(response)


# --- Doing --------------------------------------------------------------------------------------------------------


async def visit(url: str, photos: Iterable[bytes], over: Callable[[], bool]) -> Seen:
    """One photograph after the other, until there is none or it is `over`; what ends after that does not count."""
    seen: Seen = {name: [] for name in ASKED}
    async with Browser(url) as browser:
        await browser.open_page()
        for photo, (name, ask) in zip(photos, itertools.cycle(ASKED.items()), strict=False):
            seconds = await ask(browser, photo)
            if over():
                break
            seen[name].append(seconds)
            await browser.settled()
    return seen


async def train_and_visit(url: str, owner: Owner, photos: list[bytes], config: dict[str, Any]) -> tuple[Seen, Training]:
    """What a visitor sees while a training runs, and the training."""
    started = time.perf_counter()
    run = await asyncio.to_thread(owner.start, config)
    watching = asyncio.create_task(until(owner, run, OVER))
    await asyncio.wait_for(until(owner, run, ("running", *OVER)), BEGIN)
    seen = await visit(url, photos, watching.done)
    job = await watching
    training = Training(job, time.perf_counter() - started)
    assert job["status"] == "done", job["error"]
    return seen, training


async def until(owner: Owner, run: str, states: tuple[str, ...]) -> dict[str, Any]:
    """The training once it is in one of these states."""
    while (job := await asyncio.to_thread(owner.look, run))["status"] not in states:
        await asyncio.sleep(LOOK)
    return job


# --- Telling ------------------------------------------------------------------------------------------------------


def report(idle: Seen, beside: Seen, training: Training) -> None:
    rows = [
        row(f"{name}, {when}", seen[name])
        for name in ASKED
        for when, seen in (("idle site", idle), ("beside a training", beside))
    ]
    print(table(["one visitor", "n", "p50 ms", "p95 ms"], rows))
    for name in ASKED:
        times = statistics.median(beside[name]) / statistics.median(idle[name])
        print(f"\n{name}, beside a training / idle, p50: {times:.2f} (bar: 2)")
    result = training.job["result"]
    test, epochs = result["version"]["test"], result["config"]["epochs"]
    print(
        f"\nThe training ({result['network']['name']} on {result['dataset']['name']}, {epochs} epochs): "
        f"{training.seconds:.0f} s from its start to its version (bar: 180), "
        f"{test['accuracy']:.2%} of the test pictures right (bar: 99.0)."
    )
    print(f"\n{circumstances()}")


def row(name: str, seconds: list[float]) -> list[str]:
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return [name, str(len(seconds)), f"{statistics.median(seconds) * 1e3:.0f}", f"{p95 * 1e3:.0f}"]


if __name__ == "__main__":
    main()
