"""The supervisor's end of the pipe to its watchdog."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from webapp.supervisor.orphans import RUN, SERVICE

PROJECT = Path(__file__).resolve().parents[2]


class Lifeline:
    """Starts the watchdog, tells it every process group, and starts another one should it die."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.groups: set[int] = set()
        self.watchdog: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The watchdog's process id while there is one."""
        return self.watchdog.pid if self.watchdog else None

    def start(self) -> None:
        """A watchdog in a session of its own, so that neither Ctrl-C nor a closed terminal reaches it."""
        self.watchdog = subprocess.Popen(
            [sys.executable, "-m", "webapp.supervisor.watchdog", self.run],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=PROJECT,
            env={name: value for name, value in os.environ.items() if name not in (RUN, SERVICE)},
            bufsize=0,
        )
        for group in self.groups:
            self._tell("+", group)

    def replace(self, code: int) -> None:
        """The watchdog died with `code`: note that it was reaped elsewhere, and start another."""
        if self.watchdog:
            self.watchdog.returncode = code
            if self.watchdog.stdin:
                self.watchdog.stdin.close()
        self.start()

    def watch(self, group: int) -> None:
        """From now on `group` dies with the supervisor."""
        self.groups.add(group)
        self._tell("+", group)

    def forget(self, group: int) -> None:
        """The group is gone; its number may become somebody else's."""
        self.groups.discard(group)
        self._tell("-", group)

    def close(self) -> None:
        """Let the watchdog do its last round, and wait for it."""
        if self.watchdog and self.watchdog.stdin:
            self.watchdog.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.watchdog.wait(timeout=15)

    def _tell(self, change: str, group: int) -> None:
        if self.watchdog and self.watchdog.stdin:
            with contextlib.suppress(BrokenPipeError):  # dead: the next one is told everything
                self.watchdog.stdin.write(f"{change}{group}\n".encode())
