"""The supervisor's end of the pipe to its warden."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from webapp.supervisor.strays import RUN, SERVICE

PROJECT = Path(__file__).resolve().parents[2]


class Lifeline:
    """Starts the warden, tells it every process group, and starts another one should it die."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.groups: set[int] = set()
        self.warden: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The warden's process id while there is one."""
        return self.warden.pid if self.warden else None

    def start(self) -> None:
        """A warden in a session of its own, so that neither Ctrl-C nor a closed terminal reaches it."""
        self.warden = subprocess.Popen(
            [sys.executable, "-m", "webapp.supervisor.warden", self.run],
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
        """The warden died with `code`: note that it was reaped elsewhere, and start another."""
        if self.warden:
            self.warden.returncode = code
            if self.warden.stdin:
                self.warden.stdin.close()
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
        """Let the warden do its last round, and wait for it."""
        if self.warden and self.warden.stdin:
            self.warden.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.warden.wait(timeout=15)

    def _tell(self, change: str, group: int) -> None:
        if self.warden and self.warden.stdin:
            with contextlib.suppress(BrokenPipeError):  # dead: the next one is told everything
                self.warden.stdin.write(f"{change}{group}\n".encode())
