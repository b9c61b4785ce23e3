"""A pytest plugin: the broker of the tests, and the order in which they run.

`broker` (session): a real Valkey or Redis server at settings.REDIS_URL, with `.url`, `.stop()`, `.start()`, `.flush()`.
Tests marked `late` (whole sites started and killed) run after the others, then those that drive a browser: Playwright's
event loop breaks asynchronous tests that come after it. Tests marked `last` end the site that all share: nobody has to
start it again. tests/support/dealing.py keeps the order in each of its processes.
"""

import contextlib
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from webapp.supervisor import broker as embedded
from webapp.supervisor.lifeline import Lifeline

PATIENCE = 10.0  # seconds for a server to come up


class Broker:
    """A server of our own at `url` (unix:///path or redis://127.0.0.1:port/0), which dies with the tests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = redis.Redis.from_url(url)
        self.lifeline = Lifeline(secrets.token_hex(8))
        self.process: subprocess.Popen[bytes] | None = None
        if not self.answers():
            self.lifeline.start()
            self.start()

    def answers(self) -> bool:
        """Whether a server is there."""
        with contextlib.suppress(redis.RedisError, OSError):
            return bool(self.client.ping())
        return False

    def start(self) -> None:
        """Start the server, empty, and wait for it."""
        self.process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, start_new_session=True)
        self.lifeline.watch(self.process.pid)
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            assert time.monotonic() < deadline and self.process.poll() is None, f"no broker at {self.url}"
            time.sleep(0.01)

    def command(self) -> tuple[str, ...]:
        """The supervisor's own command, with a port of this machine in place of the socket if the address names one."""
        address, binary = urlsplit(self.url), embedded.find_binary()
        if address.scheme == "unix":
            Path(address.path).unlink(missing_ok=True)
            return embedded.command(binary, Path(address.path))
        assert address.hostname == "127.0.0.1" and address.port, f"nothing answers at {self.url}"
        unused = Path(os.environ["GIBBON_TEST_HOME"]) / "unused.sock"
        return (*embedded.command(binary, unused), "--bind", "127.0.0.1", "--port", str(address.port))

    def stop(self) -> None:
        """Kill the server: what it knew is gone, as in a power cut."""
        assert self.process, f"the server at {self.url} is not ours to stop"
        self.process.kill()
        self.process.wait()
        self.lifeline.forget(self.process.pid)

    def flush(self) -> None:
        """FLUSHALL."""
        self.client.flushall()

    def close(self) -> None:
        """End the server and its watchdog."""
        self.client.close()
        if self.process:
            if self.process.poll() is None:
                self.stop()
            self.lifeline.close()


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """A server at the address in the settings, for the whole session."""
    from django.conf import settings

    server = Broker(settings.REDIS_URL)
    yield server
    server.close()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "late: starts whole sites; runs after the quick tests")
    config.addinivalue_line("markers", "last: ends the site that all share; runs after everything else")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=order)  # stable: within each group nothing moves


def order(item: pytest.Item) -> int:
    """0 for ordinary tests, 1 for late ones, 2 for those with a browser, 3 for what ends the site."""
    if item.get_closest_marker("last"):
        return 3
    fixtures = set(getattr(item, "fixturenames", ()))
    if fixtures & {"page", "context", "browser", "new_context"}:
        return 2
    return int("live" in fixtures or item.get_closest_marker("late") is not None)
