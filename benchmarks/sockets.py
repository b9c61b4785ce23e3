"""500 open sockets: how long after a job's end do those who watch it know?

    python -m benchmarks.sockets [--visitors 100] [--tabs 5] [--url http://127.0.0.1:8000]

Each visitor starts an attack on a photograph of 512 x 512 pixels and follows it over several sockets, as tabs do; all
sockets are open before the worker comes to the last jobs. The lag is the time from the job's `finished` to the arrival
of the message that says so; clients, site and clock are one machine. Then all sockets watch one more job together.
"""

import argparse
import asyncio
import json
import math
import statistics
import time
from datetime import datetime
from typing import Any

import aiohttp

from benchmarks.browser import OVER, Browser
from benchmarks.load import a_site
from benchmarks.photos import photographs
from benchmarks.timing import circumstances, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=100)
    parser.add_argument("--tabs", type=int, default=5)
    parser.add_argument("--url", help="a running site; without it one is started")
    chosen = parser.parse_args()
    photos = photographs(chosen.visitors, phones=False)
    with a_site(chosen.url) as (url, _site):
        lags, most = asyncio.run(each_its_own(url, photos, chosen.tabs))
        together = asyncio.run(all_the_same(url, photos[0], chosen.visitors * chosen.tabs))
    rows = [row(f"{chosen.visitors} jobs, {chosen.tabs} sockets each", lags), row("one job, all sockets", together)]
    print(table(["", "sockets", "p50 ms", "p95 ms", "longest ms"], rows))
    print(f"\nMost sockets open at once: {most}\n\n{circumstances()}")


async def each_its_own(url: str, photos: list[bytes], tabs: int) -> tuple[list[float], int]:
    """(lags, most sockets open at once)."""
    open_now, most = 0, 0

    async def watch(browser: Browser, job: str) -> float:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        try:
            return await lag(browser, job)
        finally:
            open_now -= 1

    async def visitor(photo: bytes) -> list[float]:
        async with Browser(url) as browser:
            await browser.open_page()
            job = await browser.attack(await browser.upload(photo))
            return await asyncio.gather(*(watch(browser, job) for _ in range(tabs)))

    found = await asyncio.gather(*(visitor(photo) for photo in photos))
    return [one for lags in found for one in lags], most


async def all_the_same(url: str, photo: bytes, count: int) -> list[float]:
    """Lags of many sockets that watch one job."""
    async with Browser(url) as browser:
        await browser.open_page()
        picture = await browser.upload(photo)
        seen = await browser.follow(await browser.attack(picture))
        job = seen["result"]["sweep_job"]  # long enough for all sockets to open
        return await asyncio.gather(*(lag(browser, job) for _ in range(count)))


async def lag(browser: Browser, job: str) -> float:
    """Seconds from the job's end to the message that tells it; nan if the socket was opened after the end."""
    seen: dict[str, Any] = {}
    messages = 0
    async with browser.session.ws_connect(f"{browser.url}/ws/jobs/{job}", headers={"Origin": browser.url}) as socket:
        async for message in socket:
            messages += 1
            if message.type == aiohttp.WSMsgType.TEXT and (seen := json.loads(message.data))["status"] in OVER:
                break
    assert seen["status"] == "done", seen
    return time.time() - datetime.fromisoformat(seen["finished"]).timestamp() if messages > 1 else math.nan


def row(name: str, measured: list[float]) -> list[str]:
    lags = [lag for lag in measured if not math.isnan(lag)]
    p95 = statistics.quantiles(lags, n=20)[-1]
    return [name, str(len(lags)), *(f"{lag * 1e3:.0f}" for lag in (statistics.median(lags), p95, max(lags)))]


if __name__ == "__main__":
    main()
