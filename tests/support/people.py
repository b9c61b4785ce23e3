"""People who use a running site from outside: with a token like a program, or with cookies like a browser."""

import http.client
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

from attacks.catalog import find

ENDED = ("done", "failed", "cancelled")
CLASSIFIER = "imagenet-lite0"


def attack_on(picture: Mapping[str, Any], attack: str, **params: Any) -> dict[str, Any]:
    """The order of an attack, with a usual epsilon if it has one."""
    usual = {"epsilon": 2} if find(attack).budget == "epsilon" else {}
    order = {"kind": "attack", "image": picture["id"], "classifier": CLASSIFIER, "attack": attack}
    return order | {"params": usual | params}


class Caller:
    """A caller of the API; `headers` tell who."""

    def __init__(self, url: str, headers: Mapping[str, str], name: str = "") -> None:
        self.url, self.headers, self.name = url, dict(headers), name

    def send(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """(status, body) of one request."""
        request = urllib.request.Request(self.url + path, data, {**self.headers, **headers}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                self.keep(response.headers.get_all("Set-Cookie") or [])
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def keep(self, cookies: list[str]) -> None:
        """A program keeps no cookies."""

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """(status, JSON)."""
        data = None if body is None else json.dumps(body).encode()
        status, answer = self.send(method, path, data, {"Content-Type": "application/json"})
        return status, json.loads(answer or b"null")

    def upload(self, data: bytes) -> dict[str, Any]:
        """A new picture of one's own."""
        status, answer = self.send("POST", "/api/v1/images", *form_of(data))
        assert status == 201, answer
        return json.loads(answer)

    def attack(self, picture: Mapping[str, Any], attack: str = "fgsm", **params: Any) -> str:
        """The id of a new attack."""
        status, job = self.call("POST", "/api/v1/jobs", attack_on(picture, attack, **params))
        assert status == 202, job
        return job["id"]

    def forecast(self, picture: Mapping[str, Any], attack: str = "fgsm", **params: Any) -> dict[str, Any]:
        """What such an attack would be told."""
        status, told = self.call("POST", "/api/v1/jobs/forecast", attack_on(picture, attack, **params))
        assert status == 200, told
        return told

    def latencies(self, picture: Mapping[str, Any], seconds: float) -> list[float]:
        """How long each of a row of predictions took, from the request to the answer, sorted."""
        took, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.monotonic()
            status, job = self.predict(picture)
            assert status == 202, job
            wait_for(lambda job=job: self.job(job["id"])["status"] == "done", 60)
            took.append(time.monotonic() - begun)
            time.sleep(0.1)
        return sorted(took)

    def predict(self, picture: Mapping[str, Any]) -> tuple[int, Any]:
        return self.call("POST", "/api/v1/jobs", {"kind": "predict", "image": picture["id"], "classifier": CLASSIFIER})

    def job(self, job_id: str) -> dict[str, Any]:
        return self.call("GET", f"/api/v1/jobs/{job_id}")[1]

    def wait(self, job_id: str, seconds: float = 30) -> dict[str, Any]:
        """The job once it has ended."""
        wait_for(lambda: self.job(job_id)["status"] in ENDED, seconds, lambda: self.job(job_id))
        return self.job(job_id)

    def follow(self, job_id: str, **options: Any) -> ClientConnection:
        """A socket, opened as a page of this site does."""
        who = {name: value for name, value in self.headers.items() if name in ("Authorization", "Cookie")}
        address = self.url.replace("http", "ws") + f"/ws/jobs/{job_id}"
        return connect(address, **({"origin": self.url, "additional_headers": who} | options))


class Guest(Caller):
    """A browser: opens the page, keeps its cookies, sends the CSRF token with every change."""

    def __init__(self, url: str) -> None:
        super().__init__(url, {})
        self.cookies: dict[str, str] = {}
        status, _page = self.send("GET", "/", None, {})
        assert status == 200
        self.headers["X-CSRFToken"] = self.cookies["csrftoken"]

    def keep(self, cookies: list[str]) -> None:
        self.cookies |= dict(cookie.split(";")[0].split("=", 1) for cookie in cookies)
        self.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def exchange(
    url: str, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> tuple[int, dict[str, str], str]:
    """(status, headers, text), with exactly these headers sent."""
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        return response.status, told, response.read().decode("utf-8", "replace")


def form_of(data: bytes, name: str = "a.png") -> tuple[bytes, dict[str, str]]:
    """(body, headers) of a form with one file."""
    mark = secrets.token_hex(8)
    head = f'--{mark}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'.encode()
    return head + data + f"\r\n--{mark}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={mark}"}


def status_of(url: str) -> int:
    """The HTTP status, 0 while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0


def wait_for(condition: Callable[[], object], seconds: float, explain: Callable[[], object] = str) -> float:
    """How long it took until the condition held; fails when it took too long."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, f"not within {seconds} s: {explain()}"
        time.sleep(0.05)
    return time.monotonic() - start
