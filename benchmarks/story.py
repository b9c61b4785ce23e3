"""One visitor's story, as the lab page tells it: told by a program that asks a site ten times a second, by the API."""

import json
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.live import Site, started_site, wait_until

CLASSIFIER = "imagenet-lite0"
OVER = ("done", "failed", "cancelled")
EPSILON = 2  # the level of the attack
POLL = 0.1  # seconds


class Client:
    """A program with a token."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def visit(self, photo: bytes) -> str:
        """The whole story, every level and the draws at the attack's own included; the attack's id."""
        attack, levels = self._verdict(photo)
        self.wait(levels)
        self.draws(attack, EPSILON)
        return attack

    def leave(self, photo: bytes) -> None:
        """The story up to the verdict, whose levels are cancelled at once."""
        _attack, levels = self._verdict(photo)
        self.ask("DELETE", f"/jobs/{levels}")
        self.wait(levels)

    def prediction(self, attack: str) -> dict[str, Any]:
        """Of the attack's picture, whose result has told it already."""
        return self.wait(self.start({"kind": "predict", "image": self.ask("GET", f"/jobs/{attack}")["about"]["image"]}))

    def draws(self, attack: str, level: int) -> dict[str, Any]:
        return self.wait(self.ask("POST", f"/jobs/{attack}/points/{level}/draws", b"")["id"])

    def _verdict(self, photo: bytes) -> tuple[str, str]:
        """Upload and attack; the ids of the attack and of the job of its levels."""
        picture = self.upload(photo)["id"]
        params = {"epsilon": EPSILON, "target": None, "seed": 0}
        attack = self.start({"kind": "attack", "image": picture, "attack": "fgsm", "params": params})
        return attack, self.wait(attack)["result"]["sweep_job"]

    def start(self, order: dict[str, Any]) -> str:
        job: str = self.ask("POST", "/jobs", json.dumps(order | {"classifier": CLASSIFIER}).encode())["id"]
        return job

    def wait(self, job: str) -> dict[str, Any]:
        while (found := self.ask("GET", f"/jobs/{job}"))["status"] not in OVER:
            time.sleep(POLL)
        assert found["status"] != "failed", found
        return found

    def upload(self, photo: bytes) -> dict[str, Any]:
        mark = uuid.uuid4().hex
        head = f'--{mark}\r\nContent-Disposition: form-data; name="image"; filename="photo.jpg"\r\n'
        head += "Content-Type: image/jpeg\r\n\r\n"
        body = head.encode() + photo + f"\r\n--{mark}--\r\n".encode()
        return self.ask("POST", "/images", body, f"multipart/form-data; boundary={mark}")

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", body, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            found: dict[str, Any] = json.loads(answer.read() or b"{}")
        return found


@contextmanager
def a_site(kept: Path | None, **settings: str) -> Iterator[tuple[Site, Client]]:
    """With the usual leases, idle: the samples have been judged. kept: its data folder, which stays for another run."""
    Site.patience = 600
    usual = {"GIBBON_JOB_LEASE_SECONDS": "12", "GIBBON_JOB_HEARTBEAT_SECONDS": "2", "GIBBON_KEEPER_SECONDS": "1"}
    free = {"GIBBON_JOBS_PER_MINUTE": "1000000", "GIBBON_PICTURES_PER_VISITOR": "100000"}
    with (
        tempfile.TemporaryDirectory(prefix="gibbon-") as folder,
        started_site(kept or Path(folder), **usual, **free, **settings) as site,
    ):
        wait_until(lambda: idle(site), "the samples are never done", within=900, site=site)
        yield site, Client(site.url, site.manage("token", "admin", "story").split()[-1])


def idle(site: Site) -> bool:
    with urllib.request.urlopen(f"{site.url}/metrics") as answer:
        text = answer.read()
    return b'"sweep"' in text and not any(state in text for state in (b'"queued"', b'"running"'))
