"""A progress bar on a terminal's last line; where there is no terminal, nothing."""

import shutil
import sys
import time
from typing import TextIO

WIDTH = 30
PAUSE = 0.1  # seconds between two drawings


class Bar:
    """Drawn on stderr, so that what is printed on stdout may be piped; gone when the `with` is left."""

    def __init__(self, words: str, stream: TextIO | None = None) -> None:
        self.words = words
        self.stream = stream or sys.stderr
        self.began: tuple[float, int] | None = None  # when, and how much was done by then
        self.drawn = 0.0

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *error: object) -> None:
        self.clear()

    def show(self, done: int, total: int) -> None:
        """How much is done of what there is to do."""
        if not self.stream.isatty():
            return
        now = time.monotonic()
        self.began = self.began or (now, done)
        if now - self.drawn >= PAUSE or done == total:
            self.drawn = now
            line = f"{self.words} {_bar(done / total)} {done / total:4.0%}{self._left(now, done, total)}"
            self._write(line[: shutil.get_terminal_size().columns - 1])

    def clear(self) -> None:
        """Make room for a line that stays."""
        if self.drawn:
            self._write("")

    def _left(self, now: float, done: int, total: int) -> str:
        """In minutes and seconds, once it can be said."""
        since, before = self.began or (now, done)
        if done <= before:
            return ""
        minutes, seconds = divmod(round((now - since) / (done - before) * (total - done)), 60)
        return f"  {minutes}:{seconds:02d} left"

    def _write(self, line: str) -> None:
        self.stream.write(f"\r\x1b[K{line}")
        self.stream.flush()


def _bar(share: float) -> str:
    full = round(share * WIDTH)
    return "█" * full + "░" * (WIDTH - full)
