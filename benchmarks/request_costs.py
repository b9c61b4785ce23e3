"""What single requests cost the web process: core-milliseconds of each kind, its event loop and sockets included.

    python -m benchmarks.request_costs [--times 100]

A program with a token asks an idle site the same again and again, over HTTP; the worker is stopped meanwhile, except
for what has to be done before. Processor time of the web process alone, without its decoders.
"""

import argparse
import itertools
from collections.abc import Callable, Iterator
from urllib.request import urlopen

from benchmarks.photos import photographs
from benchmarks.story import EPSILON, Client, a_site
from benchmarks.story_cost import seconds_of
from benchmarks.timing import circumstances, table
from tests.support.live import Site

PARAMS = {"epsilon": EPSILON, "target": None, "seed": 0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100)
    times = parser.parse_args().times
    photos = itertools.cycle(photographs(20, phones=False))
    with a_site(None, GIBBON_QUEUE_LIMIT="100000") as (site, client):
        rows = [[name, f"{core_ms(site, ask, times):.1f}"] for name, ask in requests(site, client, photos)]
    print(table(["request", "core-ms"], rows))
    print(f"\nMeans of {times}; {circumstances()}")


def requests(site: Site, client: Client, photos: Iterator[bytes]) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each kind with what sends one."""
    photo = client.upload(next(photos))["id"]
    order = {"image": photo}
    prediction = client.wait(client.start(order | {"kind": "predict"}))["id"]
    attack = client.wait(client.start(order | {"kind": "attack", "attack": "fgsm", "params": PARAMS}))["id"]
    client.wait(client.ask("GET", f"/jobs/{attack}")["result"]["sweep_job"])
    site.stop("worker")
    yield "upload, 512 × 512", lambda: client.upload(next(photos))
    yield "begin a prediction", lambda: client.start(order | {"kind": "predict"})
    yield "begin an attack", lambda: client.start(order | {"kind": "attack", "attack": "fgsm", "params": PARAMS})
    yield "a finished prediction", lambda: client.ask("GET", f"/jobs/{prediction}")
    yield "a finished attack", lambda: client.ask("GET", f"/jobs/{attack}")
    yield "a picture's facts", lambda: client.ask("GET", f"/images/{photo}")
    yield "the lab's first page", lambda: urlopen(site.url).read()


def core_ms(site: Site, ask: Callable[[], object], times: int) -> float:
    """Of the web process, for one."""
    for _ in range(5):
        ask()
    web = site.pids("web")[0]
    before = seconds_of(web)
    for _ in range(times):
        ask()
    return (seconds_of(web) - before) / times * 1e3


if __name__ == "__main__":
    main()
