"""What one visitor costs: core-milliseconds by process, and with --profile by step, in units of a bare gradient pass.

    python -m benchmarks.story_cost [--runs 5] [--visitors 6] [--profile | --computing]

A visitor uploads a JPEG of 512 x 512 pixels, asks for the prediction, attacks by FGSM, and waits for every level with
its control; or cancels the levels as soon as the verdict is there. A program that asks ten times a second, by the API.
Each run is so many visitors one after the other on an idle site that is started for it; told are the medians of the
runs. Processor time, so other programs beside it matter less than they would to a clock. The twenty draws that follow
every level are measured apart, at another level, and taken off. --profile (py-spy 0.4.3, on the PATH, with leave to
look into other processes) samples worker and web in a run of its own and shares their time out over the steps.
--computing starts no site: it measures what a worker computes for one visitor, in this process.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import psutil
import torch
from torch.nn.functional import cross_entropy

from attacks.frozen import frozen
from benchmarks.photos import photographs
from benchmarks.timing import circumstances, table
from inference import experiment
from inference.images import canonicalise
from inference.networks.classifier import load
from tests.support.live import Site, started_site, wait_until

CLASSIFIER = "imagenet-lite0"
EPSILON, OTHER = 2, 5  # levels: of the attack; of the draws that are measured apart
POLL = 0.1  # seconds
RATE = 250  # samples a second
Found = TypeVar("Found")
PARTS = ("worker", "web", "decoders", "broker", "keeper")
# The first line whose words are in a sampled stack, from its innermost frame outwards, names the step.
STEPS = {
    "SSIM, distances": ("distances.py",),
    "PNG: writing": ("write_sign", "write_change", "write (inference/images", "_png"),
    "PNG: reading": ("reread", "read_sign", "read (inference/images", "decode.py", "bare.py"),
    "verdicts": ("quick.py", "probabilities", "judged_alone", "_judge (", "judging.py"),
    "gradient": ("fgsm.py", "runner.py"),
    "noise, moved pictures": ("controls.py", "noise.py", "step (inference"),
    "database": ("django/db", "sqlite3", "psycopg"),
    "files": ("webapp/core/storage.py", "webapp/core/files.py", "django/core/files"),
    "events": ("channels", "webapp/jobs/events.py", "redis/asyncio"),
    "broker": ("kombu", "celery", "billiard", "redis", "amqp"),
    "HTTP": ("uvicorn", "starlette", "ninja", "django", "asgiref", "websockets", "httptools"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--visitors", type=int, default=6, help="in each run")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--computing", action="store_true")
    chosen = parser.parse_args()
    bare = gradient_pass()
    if chosen.computing:
        photos = photographs((chosen.runs + 1) * chosen.visitors, phones=False)
        print(
            f"Core-ms a picture, medians of {chosen.runs * chosen.visitors}; bare gradient pass: {bare:.1f} core-ms.\n"
        )
        print(table(["step", "core-ms", "in passes"], computing(photos, chosen.visitors, bare)))
        print(f"\n{circumstances()}")
        return 0
    photos = iter(photographs((chosen.runs * 2 + 4) * chosen.visitors, phones=False))
    with a_site() as (site, client):
        for photo in [next(photos) for _ in range(chosen.visitors)]:
            client.visit(photo, cancel=False)
        costs: dict[str, list[Counter[str]]] = {"every level": [], "levels cancelled": [], "20 draws more": []}

        def some() -> list[bytes]:
            return [next(photos) for _ in range(chosen.visitors)]

        for _ in range(chosen.runs):
            whole, attacks = measured(site, partial(client.visit, cancel=False), some())
            draws, _none = measured(site, partial(client.draws, level=OTHER), attacks)
            whole.subtract(draws)
            short, _cancelled = measured(site, partial(client.visit, cancel=True), some())
            for name, found in zip(costs, (whole, short, draws), strict=True):
                costs[name].append(found)
        print(
            f"{chosen.runs} runs of {chosen.visitors} visitors; core-ms a visitor, medians. Bare gradient pass of the"
        )
        print(f"network as served, one picture of its own size: {bare:.1f} core-ms.\n")
        print(table(["", *PARTS, "in all", "in passes"], [row(name, found, bare) for name, found in costs.items()]))
        if chosen.profile:
            profile(site, medians(costs["every level"]), partial(measured, site, client.visit, some()))
    print(f"\n{circumstances()}")
    return 0


def gradient_pass() -> float:
    """Core-milliseconds of one picture forwards and backwards, and nothing around it."""
    model = load(CLASSIFIER, "cpu")
    pictures = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    label, found = torch.tensor([0]), []
    with frozen(model):
        for _ in range(25):
            begun = time.process_time()
            leaf = pictures.clone().requires_grad_(True)
            torch.autograd.grad(cross_entropy(model(leaf), label), leaf)
            found.append(time.process_time() - begun)
    return statistics.median(found[5:]) * 1e3


def computing(photos: list[bytes], warm_ups: int, bare: float) -> list[list[str]]:
    """What a worker computes: rows of a table."""
    classifier, order = load(CLASSIFIER, "cpu"), {"epsilon": EPSILON, "target": None, "seed": 0}
    found: dict[str, list[float]] = {"prediction": [], "attack": [], "every level": []}
    for photo in photos:
        png = canonicalise(photo, "photo").png
        moments = [time.process_time()]
        experiment.predict(classifier, png)
        moments.append(time.process_time())
        made = experiment.attack(classifier, png, "fgsm", order)
        moments.append(time.process_time())
        assert made.sign_png
        known = (experiment.Step(0), experiment.Step(EPSILON))
        steps = [step for step in experiment.steps_of(range(classifier.levels + 1), EPSILON) if step not in known]
        experiment.judge_steps(classifier, png, made.sign_png, steps, seed=0)
        moments.append(time.process_time())
        for name, begun, ended in zip(found, moments, moments[1:], strict=False):
            found[name].append((ended - begun) * 1e3)
    middle = {name: statistics.median(one[warm_ups:]) for name, one in found.items()}
    return [[name, f"{value:.0f}", f"{value / bare:.1f}"] for name, value in middle.items()]


class Client:
    """A program with a token."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def visit(self, photo: bytes, *, cancel: bool = False) -> str:
        """One story; the attack's id."""
        picture = self._upload(photo)["id"]
        self._wait(self._start({"kind": "predict", "image": picture}))
        params = {"epsilon": EPSILON, "target": None, "seed": 0}
        attack = self._start({"kind": "attack", "image": picture, "attack": "fgsm", "params": params})
        sweep = self._wait(attack)["result"]["sweep_job"]
        if cancel:
            self._ask("DELETE", f"/jobs/{sweep}")
        self._wait(sweep)
        if not cancel:
            self.draws(attack, EPSILON)
        return attack

    def draws(self, attack: str, level: int) -> dict[str, Any]:
        return self._wait(self._ask("POST", f"/jobs/{attack}/points/{level}/draws", b"")["id"])

    def _start(self, order: dict[str, Any]) -> str:
        job: str = self._ask("POST", "/jobs", json.dumps(order | {"classifier": CLASSIFIER}).encode())["id"]
        return job

    def _wait(self, job: str) -> dict[str, Any]:
        while (found := self._ask("GET", f"/jobs/{job}"))["status"] in ("queued", "running"):
            time.sleep(POLL)
        assert found["status"] in ("done", "cancelled"), found
        return found

    def _upload(self, photo: bytes) -> dict[str, Any]:
        mark = uuid.uuid4().hex
        head = f'--{mark}\r\nContent-Disposition: form-data; name="image"; filename="photo.jpg"\r\n'
        head += "Content-Type: image/jpeg\r\n\r\n"
        body = head.encode() + photo + f"\r\n--{mark}--\r\n".encode()
        return self._ask("POST", "/images", body, f"multipart/form-data; boundary={mark}")

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", body, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            found: dict[str, Any] = json.loads(answer.read() or b"{}")
        return found


@contextmanager
def a_site() -> Iterator[tuple[Site, Client]]:
    """With the usual leases, idle: the samples have been judged."""
    usual = {"GIBBON_JOB_LEASE_SECONDS": "12", "GIBBON_JOB_HEARTBEAT_SECONDS": "2", "GIBBON_KEEPER_SECONDS": "1"}
    free = {"GIBBON_JOBS_PER_MINUTE": "1000000", "GIBBON_PICTURES_PER_VISITOR": "100000"}
    with (
        tempfile.TemporaryDirectory(prefix="gibbon-") as folder,
        started_site(Path(folder), **usual, **free) as site,
    ):
        wait_until(lambda: idle(site), "the samples are never done", within=600, site=site)
        yield site, Client(site.url, site.manage("token", "admin", "story").split()[-1])


def idle(site: Site) -> bool:
    with urllib.request.urlopen(f"{site.url}/metrics") as response:
        text = response.read()
    return b'"sweep"' in text and not any(state in text for state in (b'"queued"', b'"running"'))


def measured(site: Site, work: Callable[..., Found], given: list[Any]) -> tuple[Counter[str], list[Found]]:
    """Core-milliseconds of each part of the site for each piece of work, and what these gave."""
    before = spent(site)
    found = [work(one) for one in given]
    after = spent(site)
    return Counter({part: (after[part] - before[part]) * 1e3 / len(given) for part in PARTS}), found


def spent(site: Site) -> dict[str, float]:
    """Seconds of processor time so far."""
    found = {name: sum(map(seconds_of, site.pids(name))) for name in ("worker", "broker", "keeper")}
    web, *decoders = site.pids("web")
    return found | {"web": seconds_of(web), "decoders": sum(map(seconds_of, decoders))}


def seconds_of(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def medians(found: list[Counter[str]]) -> dict[str, float]:
    return {part: statistics.median(one[part] for one in found) for part in PARTS}


def row(name: str, found: list[Counter[str]], bare: float) -> list[str]:
    middle, whole = medians(found), statistics.median(sum(one.values()) for one in found)
    return [name, *(f"{middle[part]:.0f}" for part in PARTS), f"{whole:.0f}", f"{whole / bare:.1f}"]


# --- By step --------------------------------------------------------------------------------------------------------


def profile(site: Site, whole: dict[str, float], work: Callable[[], object]) -> None:
    """Where worker and web were while visitors came: shares of their samples, and of their core-milliseconds.

    The draws that follow are left out of the worker's.
    """
    spy = shutil.which("py-spy")
    assert spy, "py-spy is not on the PATH"
    with tempfile.TemporaryDirectory(prefix="gibbon-") as folder:
        files = {"worker": Path(folder, "worker"), "web": Path(folder, "web")}
        pids = {"worker": max(site.pids("worker"), key=seconds_of), "web": site.pids("web")[0]}
        # fmt: off
        spies = [
            subprocess.Popen([spy, "record", "--pid", str(pids[name]), "--rate", str(RATE), "--nonblocking",
                              "--format", "raw", "--full-filenames", "--output", str(file)],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for name, file in files.items()
        ]
        # fmt: on
        time.sleep(1)
        work()
        for one in spies:
            one.send_signal(2)
            one.wait()
        for name, file in files.items():
            counts = steps_of(file.read_text())
            rows = [
                [step, f"{count / counts.total():.0%}", f"{whole[name] * count / counts.total():.0f}"]
                for step, count in counts.most_common()
            ]
            print(f"\n{name}: {counts.total()} samples\n")
            print(table(["step", "share", "core-ms a visitor"], rows))


def steps_of(text: str) -> Counter[str]:
    """Samples by step, of stacks written as `frame;frame;frame count`."""
    counts: Counter[str] = Counter()
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        if "webapp/lab/work.py" in stack and "draws (" in stack:
            continue
        counts[step_of(stack.split(";")[::-1])] += int(count)
    return counts


def step_of(frames: list[str]) -> str:
    """frames: innermost first."""
    for frame in frames:
        for step, words in STEPS.items():
            if any(word in frame for word in words):
                return step
    return "other"


if __name__ == "__main__":
    sys.exit(main())
