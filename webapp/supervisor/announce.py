"""Asks the site whether it answers, and tells the person at the console when it does."""

import contextlib
import http.client
import threading
import time
from collections.abc import Callable

PATIENCE = 600.0  # seconds; a first start on a slow machine makes the samples too
READY, UP, NOT_YET = "ready", "up", "not yet"


def announce(host: str, port: int, addresses: list[str], say: Callable[[str], None]) -> None:
    """In the background: print the addresses once the site answers, and a line once the network is loaded."""
    threading.Thread(target=watch, args=(host, port, addresses, say), daemon=True).start()


def watch(host: str, port: int, addresses: list[str], say: Callable[[str], None]) -> None:
    """Wait for the page, then for the worker."""
    start = time.monotonic()
    if not wait_for(host, port, "/healthz", {UP, READY}):
        return
    say("\n".join(addresses))
    if wait_for(host, port, "/readyz", {READY}):
        say(f"Ready after {time.monotonic() - start:.1f} s: the network is loaded. Ctrl-C stops everything.")


def wait_for(host: str, port: int, path: str, wanted: set[str]) -> bool:
    """Ask twice a second until the answer is one of `wanted`."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if ask(host, port, path) in wanted:
            return True
        time.sleep(0.5)
    return False


def ask(host: str, port: int, path: str) -> str:
    """READY for 200, UP for any other answer, NOT_YET for none."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("GET", path)
        return READY if connection.getresponse().status == 200 else UP
    return NOT_YET
