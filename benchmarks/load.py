"""A lecture hall: 200 visitors from one address within a minute, each uploads a photograph and attacks it.

    python -m benchmarks.load [--visitors 200] [--seconds 60] [--addresses 1] [--url http://127.0.0.1:8000]

Without --url the site is started for it as `./run` would, with a data folder of its own. The photographs are JPEGs of
512 x 512 pixels, every tenth one of 12 megapixels, no two alike. Visitors come at random times, drawn with seed 0; each
does what the lab page does: opens it, uploads, starts FGSM at 2/255, follows it by WebSocket, then the sweep. Times run
from the start of the upload. The clients share the machine with the site. Whoever is refused goes away. With
--addresses they come from as many of 127.0.0.2, 127.0.0.3 and so on (Linux), for an address has its limits.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from urllib.request import urlopen

import django
import psutil

from benchmarks.browser import Browser, Refused
from benchmarks.photos import photographs
from benchmarks.timing import circumstances, table
from tests.support.live import Site, started_site

PATIENCE = 480.0  # seconds for a visit: beyond the time in which every sweep is complete or told dropped
MEGABYTE = 1_000_000


@dataclass
class Visit:
    """What one visitor saw; times in seconds from the start of the upload."""

    browser: Browser
    verdict: float | None = None
    sweep: float | None = None
    ends: list[str] = field(default_factory=list)  # how attack and sweep ended
    trouble: str = ""
    refused: str = ""  # with which status, and whether it was told when to come again


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--addresses", type=int, default=1, help="from which they come, of this machine")
    parser.add_argument("--url", help="a running site; without it one is started")
    chosen = parser.parse_args()
    photos = photographs(chosen.visitors)
    with a_site(chosen.url) as (url, site):
        before = web_memory(site)
        started = time.perf_counter()
        visits = asyncio.run(everybody(url, photos, chosen.seconds, chosen.addresses))
        took = time.perf_counter() - started
        after, said = web_memory(site), (site.data / "log" / "web.log").read_text() if site else ""
        idle_after = idle(site) if site else 0.0
    report(visits, took)
    if site:
        print(f"\nWeb process: {before:.0f} MB before, {after:.0f} MB after (resident).")
        print(f"The site was idle {idle_after:.0f} s after the last visitor had gone.")
    print(f"\n{circumstances()}")
    if said:
        print(f"\nThe web process said:\n{said}", file=sys.stderr)
    return int(any(visit.trouble for visit in visits))


async def everybody(url: str, photos: list[bytes], seconds: float, addresses: int) -> list[Visit]:
    """All visits, each beginning at its own moment."""
    draw = random.Random(0)
    arrivals = sorted(draw.uniform(0, seconds) for _ in photos)
    places = [None] if addresses == 1 else [f"127.0.0.{number + 2}" for number in range(addresses)]
    each = zip(photos, arrivals, cycle(places), strict=False)
    return await asyncio.gather(*(visit(url, photo, wait, place) for photo, wait, place in each))


async def visit(url: str, photo: bytes, wait: float, address: str | None) -> Visit:
    """One visitor, from the page to the complete sweep, or to a refusal."""
    await asyncio.sleep(wait)
    async with Browser(url, address) as browser:
        seen = Visit(browser)
        try:
            async with asyncio.timeout(PATIENCE):
                await _visit(browser, photo, seen)
        except Refused as refusal:
            when = f"come again in {refusal.retry_after} s" if refusal.retry_after else "not told when to come again"
            seen.refused = f"{refusal.status}, {when}"
        except (TimeoutError, OSError, KeyError) as error:
            seen.trouble = f"{type(error).__name__} {error}"
        return seen


async def _visit(browser: Browser, photo: bytes, seen: Visit) -> None:
    await browser.open_page()
    started = time.perf_counter()
    picture = await browser.upload(photo)
    attack = await browser.follow(await browser.attack(picture))
    seen.verdict = since(started)
    seen.ends.append(attack["status"])
    sweep = await browser.follow(attack["result"]["sweep_job"])
    seen.sweep = since(started)
    seen.ends.append(sweep["status"])


def since(moment: float) -> float:
    return time.perf_counter() - moment


def report(visits: list[Visit], took: float) -> None:
    """The table and the counts."""
    browsers = [visit.browser for visit in visits]
    times = {
        "page to job accepted (POST /jobs)": [second for one in browsers for second in one.accepted],
        "picture accepted (POST /images)": [second for one in browsers for second in one.uploaded],
        "upload to first verdict": [visit.verdict for visit in visits if visit.verdict],
        "upload to end of sweep": [visit.sweep for visit in visits if visit.sweep],
    }
    print(f"\n{len(visits)} visitors, all done after {took:.0f} s\n")
    print(table(["", "n", "p50 s", "p95 s", "longest s"], [row(name, seconds) for name, seconds in times.items()]))
    statuses = Counter(status for one in browsers for status in one.statuses)
    print(f"\nAnswers: {dict(sorted(statuses.items()))}; 5xx: {sum(n for code, n in statuses.items() if code >= 500)}")
    for position, kind in enumerate(("attacks", "sweeps")):
        taken = [visit for visit in visits if not visit.refused]
        ends = Counter(visit.ends[position] if len(visit.ends) > position else "lost" for visit in taken)
        print(f"{kind}: {dict(ends)}")
    for refusal, count in Counter(visit.refused for visit in visits if visit.refused).most_common():
        print(f"{count} were refused: {refusal}")
    for trouble, count in Counter(visit.trouble for visit in visits if visit.trouble).items():
        print(f"{count} x {trouble}")


def row(name: str, seconds: list[float]) -> list[str]:
    if len(seconds) < 2:
        return [name, str(len(seconds)), "–", "–", "–"]
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return [name, str(len(seconds)), f"{statistics.median(seconds):.2f}", f"{p95:.2f}", f"{max(seconds):.2f}"]


@contextmanager
def a_site(url: str | None, **settings: str) -> Iterator[tuple[str, Site | None]]:
    """(address, site): the running one that was named, or one of our own with the usual leases."""
    if url:
        yield url.rstrip("/"), None
        return
    Site.python = str(Path(django.__file__).parents[4] / "bin" / "python")  # whatever else is installed here
    usual = {"GIBBON_JOB_LEASE_SECONDS": "12", "GIBBON_JOB_HEARTBEAT_SECONDS": "2", "GIBBON_KEEPER_SECONDS": "1"}
    with (
        tempfile.TemporaryDirectory(prefix="gibbon-") as folder,
        started_site(Path(folder), **(usual | settings)) as site,
    ):
        wait_idle(site)
        yield site.url, site


def wait_idle(site: Site) -> None:
    """Until the samples have been judged at every level."""
    while any(state in (text := metrics(site)) for state in (b'"queued"', b'"running"')) or b'"sweep"' not in text:
        time.sleep(0.5)


def idle(site: Site) -> float:
    """Seconds until nothing waits and nothing is computed."""
    begun = time.perf_counter()
    while any(state in metrics(site) for state in (b'"queued"', b'"running"')):
        time.sleep(0.5)
    return since(begun)


def metrics(site: Site) -> bytes:
    with urlopen(f"{site.url}/metrics") as response:
        return response.read()


def web_memory(site: Site | None) -> float:
    """Resident megabytes of the web process; its decoders are processes of their own."""
    pid = site.pid("web") if site else None
    return psutil.Process(pid).memory_info().rss / MEGABYTE if pid else 0.0


if __name__ == "__main__":
    sys.exit(main())
