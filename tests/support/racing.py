"""A class that races: each asks for a race of one's own, is told when it will be done, and follows it to its end."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.support.people import Caller

OVER = ("done", "failed", "cancelled")


def race_all(students: Sequence["Student"], *, within: float) -> Iterator[None]:
    """They start within so many seconds; a turn for the caller, again and again, until all have ended."""
    pause = within / len(students)
    threads = [threading.Thread(target=one.race, args=(place * pause,)) for place, one in enumerate(students)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        yield
    for thread in threads:
        thread.join()


class Student:
    """One race, asked for and followed to its end."""

    def __init__(self, caller: Caller, options: Mapping[str, Any]) -> None:
        self.caller, self.options = caller, options
        self.told: dict = {}
        self.took = self.first = self.answered = 0.0
        self.status = ""

    def race(self, wait: float) -> None:
        time.sleep(wait)
        begun = time.monotonic()
        status, self.told = self.caller.call(
            "POST", "/api/v1/computations", {"computation": "race", "options": self.options}
        )
        self.answered = time.monotonic() - begun
        self.status = self.told["status"] if status == 201 else f"refused with {status}"
        turn = 0.0
        while status == 201 and self.status not in OVER:
            time.sleep(0.3)
            job = self.caller.job(self.told["id"])
            self.status = job["status"]
            now = time.monotonic()
            turn = turn or (now if self.status == "running" else 0.0)
            if turn and not self.first and (job["live"] or job["result"]):
                self.first = now - turn
        self.took = time.monotonic() - begun
