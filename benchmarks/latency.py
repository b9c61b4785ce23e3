"""From a photograph to the prediction and to the first verdict: the site, bare computing, and the same job in Gradio.

    python -m benchmarks.latency [--rounds 30] [--url http://127.0.0.1:8000] [--earlier FOLDER]

Bare computing is one process that decodes the JPEG, follows the gradient, writes and rereads the PNG and judges it:
what the worker does, with nothing around. Site and Gradio app are real servers on this machine, asked over HTTP as a
browser does (upload, start, then the socket or Gradio's event stream); times run from the first byte of the upload to
the verdict. JPEGs of 512 x 512 pixels, no two alike. With one client the site is idle before each round (neither
sweep nor draws run); 16 clients ask without a pause. Without --url the site is started for it, without limits per
visitor. The Gradio app calls this checkout's functions and gains what they gain; --earlier names another checkout,
whose own app is asked in the same minutes.
"""

import argparse
import asyncio
import itertools
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.browser import Browser
from benchmarks.load import a_site
from benchmarks.photos import photographs
from benchmarks.timing import circumstances, table
from inference.experiment.picture import attack, predict
from inference.images import canonicalise
from inference.networks.classifier import load

CLIENTS = 16
OVER = 40  # ms that the site may take more than bare computing
# benchmarks/gradio_app.py's functions, in its order, and how many times as quick the site is to be: for one client, and
# in requests a second for many
GRADIO = {"Gradio": (1.5, 2.2), "Gradio, files passed through": (1.1, 1.7)}
PARAMS = {"epsilon": 2}
Seconds = list[float]
Ask = Callable[[Browser, bytes], Awaitable[float]]


@dataclass(frozen=True)
class Crowd:
    """What 16 clients saw together: seconds of each request, requests a second."""

    seconds: Seconds
    rate: float


@dataclass(frozen=True)
class Peer:
    """One function of a Gradio app: what one client saw, what 16 saw, and how many times as quick the site is to be."""

    name: str
    seconds: Seconds
    crowd: Crowd
    aims: tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rounds", type=int, default=30, help="photographs for one client; 16 clients get four times as many"
    )
    parser.add_argument("--url", help="a running site; without it one is started")
    parser.add_argument("--earlier", type=Path, help="an earlier checkout, whose Gradio app is asked too")
    chosen = parser.parse_args()
    photos = photographs(chosen.rounds * 4, phones=False)
    one = photos[: chosen.rounds]
    bare = {"prediction": bare_predictions(one), "first verdict": bare_verdicts(one)}
    with a_site(chosen.url, GIBBON_JOBS_PER_MINUTE="1000000", GIBBON_PICTURES_PER_VISITOR="100000") as (url, _site):
        alone = {
            "prediction": asyncio.run(one_client(url, one, to_prediction)),
            "first verdict": asyncio.run(one_client(url, one, to_verdict)),
        }
        both = asyncio.run(one_client(url, one, to_both))
        alone |= {f"{name}, both asked at once": [pair[at] for pair in both] for at, name in enumerate(bare)}
        crowd, crowd_rate = asyncio.run(many_clients(url, photos, to_verdict))
    peers = gradio_peers(Path.cwd(), "", one, photos)
    if chosen.earlier:
        peers += gradio_peers(chosen.earlier, ", earlier functions", one, photos)
    report(bare, alone, Crowd(crowd, crowd_rate), peers)


# --- Bare computing -----------------------------------------------------------------------------------------------


def bare_predictions(photos: list[bytes]) -> Seconds:
    classifier = load("imagenet-lite0")
    return timed(lambda photo: predict(classifier, canonicalise(photo, "photo").png), photos)


def bare_verdicts(photos: list[bytes]) -> Seconds:
    classifier = load("imagenet-lite0")
    return timed(lambda photo: attack(classifier, canonicalise(photo, "photo").png, "fgsm", PARAMS), photos)


def timed(action: Callable[[bytes], object], photos: list[bytes]) -> Seconds:
    """Seconds for each photograph."""
    found = []
    for photo in warmed(photos):
        started = time.perf_counter()
        action(photo)
        found.append(time.perf_counter() - started)
    return found[2:]


def warmed(photos: list[bytes]) -> list[bytes]:
    """Two more at the beginning, whose times are not counted."""
    return photos[:2] + photos


# --- The site -----------------------------------------------------------------------------------------------------


async def to_prediction(browser: Browser, photo: bytes) -> float:
    """Seconds from the upload to the prediction."""
    started = time.perf_counter()
    await browser.follow(await browser.predict(await browser.upload(photo)))
    return time.perf_counter() - started


async def to_verdict(browser: Browser, photo: bytes) -> float:
    """Seconds from the upload to the first verdict."""
    started = time.perf_counter()
    job = await browser.follow(await browser.attack(await browser.upload(photo)))
    took = time.perf_counter() - started
    assert job["status"] == "done", job
    return took


async def to_both(browser: Browser, photo: bytes) -> tuple[float, float]:
    """Seconds to the prediction and to the first verdict when a program asks for both."""
    started = time.perf_counter()
    picture = await browser.upload(photo)

    async def prediction() -> float:
        await browser.follow(await browser.predict(picture))
        return time.perf_counter() - started

    first = asyncio.create_task(prediction())
    await browser.follow(await browser.attack(picture))
    second = time.perf_counter() - started
    return await first, second


async def one_client(url: str, photos: list[bytes], ask: Callable[[Browser, bytes], Awaitable]) -> list:
    """Each photograph asked of an idle site."""
    async with Browser(url) as browser:
        await browser.open_page()
        found = []
        for photo in warmed(photos):
            found.append(await ask(browser, photo))
            await browser.settled()
        return found[2:]


async def many_clients(url: str, photos: list[bytes], ask: Ask) -> tuple[Seconds, float]:
    """(seconds of each, requests a second) of 16 visitors who take the next photograph as soon as one is answered."""
    rest = iter(photos)

    async def client() -> Seconds:
        async with Browser(url) as browser:
            await browser.open_page()
            return [await ask(browser, photo) for photo in rest]

    return await crowd_of(client, len(photos))


async def crowd_of(client: Callable[[], Awaitable[Seconds]], count: int) -> tuple[Seconds, float]:
    started = time.perf_counter()
    found = list(itertools.chain(*await asyncio.gather(*(client() for _ in range(CLIENTS)))))
    assert len(found) == count
    return found, count / (time.perf_counter() - started)


# --- Gradio -------------------------------------------------------------------------------------------------------


def gradio_peers(checkout: Path, note: str, one: list[bytes], photos: list[bytes]) -> list[Peer]:
    with gradio_app(checkout) as address:
        return [
            Peer(name + note, *asyncio.run(gradio(address, number, one, photos)), aims)
            for number, (name, aims) in enumerate(GRADIO.items())
        ]


@contextmanager
def gradio_app(checkout: Path) -> Iterator[str]:
    """The address of a checkout's Gradio app in a process of its own."""
    port = free_port()
    quiet = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "NO_PROXY": "127.0.0.1,localhost"}
    command = [sys.executable, "-m", "benchmarks.gradio_app", str(port)]
    app = subprocess.Popen(command, cwd=checkout, env={**os.environ, **quiet}, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        asyncio.run(answering(address))
        yield address
    finally:
        app.terminate()
        app.wait(10)


async def answering(address: str) -> None:
    deadline = time.monotonic() + 120
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline:
            try:
                async with session.get(f"{address}/config") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.5)
    raise TimeoutError("The Gradio app does not answer.")


async def gradio(address: str, function: int, one: list[bytes], photos: list[bytes]) -> tuple[Seconds, Crowd]:
    """One client's seconds, then what 16 see."""
    async with aiohttp.ClientSession() as session:
        alone = [await gradio_verdict(session, address, function, photo) for photo in warmed(one)][2:]
    rest = iter(photos)

    async def client() -> Seconds:
        async with aiohttp.ClientSession() as session:
            return [await gradio_verdict(session, address, function, photo) for photo in rest]

    return alone, Crowd(*await crowd_of(client, len(photos)))


async def gradio_verdict(session: aiohttp.ClientSession, address: str, function: int, photo: bytes) -> float:
    """Seconds of one job, with the requests that Gradio's own page sends: upload, join the queue, listen."""
    started = time.perf_counter()
    form = aiohttp.FormData()
    form.add_field("files", photo, filename="photo.jpg", content_type="image/jpeg")
    async with session.post(f"{address}/gradio_api/upload", data=form) as response:
        [path] = await response.json()
    image = {"path": path, "orig_name": "photo.jpg", "meta": {"_type": "gradio.FileData"}}
    mark = os.urandom(6).hex()
    order = {"data": [image], "fn_index": function, "session_hash": mark}
    async with session.post(f"{address}/gradio_api/queue/join", json=order) as response:
        assert response.status == 200, await response.text()
    async with session.get(f"{address}/gradio_api/queue/data", params={"session_hash": mark}) as stream:
        async for line in stream.content:
            if b'"process_completed"' in line:
                assert b'"success":true' in line.replace(b" ", b""), line
                return time.perf_counter() - started
    raise RuntimeError("Gradio's stream ended without a result.")


# --- Telling ------------------------------------------------------------------------------------------------------


def report(bare: dict[str, Seconds], alone: dict[str, Seconds], crowd: Crowd, peers: list[Peer]) -> None:
    rows = [row(f"bare computing, {name}", found) for name, found in bare.items()]
    rows += [row(f"site, 1 client, {name}", found) for name, found in alone.items()]
    rows += [row(f"{peer.name}, 1 client, first verdict", peer.seconds) for peer in peers]
    rows += [row(f"site, {CLIENTS} clients, first verdict", crowd.seconds, crowd.rate)]
    rows += [
        row(f"{peer.name}, {CLIENTS} clients, first verdict", peer.crowd.seconds, peer.crowd.rate) for peer in peers
    ]
    print(table(["", "n", "p50 ms", "p95 ms", "requests/s"], rows))
    for name in bare:
        over = statistics.median(alone[name]) - statistics.median(bare[name])
        print(f"\nsite - bare, {name}, p50: {over * 1e3:.0f} ms (aim: {OVER})")
    for peer in peers:
        faster = statistics.median(peer.seconds) / statistics.median(alone["first verdict"])
        print(f"\n{peer.name} / site, 1 client, p50: {faster:.2f} (aim: {peer.aims[0]})")
        more = crowd.rate / peer.crowd.rate
        print(f"\nsite / {peer.name}, {CLIENTS} clients, requests/s: {more:.2f} (aim: {peer.aims[1]})")
    print(f"\n{circumstances('gradio')}")


def row(name: str, found: Seconds, rate: float | None = None) -> list[str]:
    p95 = statistics.quantiles(found, n=20)[-1]
    per_second = f"{rate:.1f}" if rate else ""
    return [name, str(len(found)), f"{statistics.median(found) * 1e3:.0f}", f"{p95 * 1e3:.0f}", per_second]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
