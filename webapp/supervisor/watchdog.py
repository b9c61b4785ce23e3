"""The watchdog: a small process that outlives the supervisor by a moment, to see that nothing else does.

Its standard input is a pipe whose only other end is held by the supervisor. Lines `+GROUP` and `-GROUP` tell which
process groups there are. When the supervisor is gone, however it went, the pipe ends: then every group is killed, and
every process that carries the run's mark in its environment, which finds those that left their group.
"""

import contextlib
import os
import signal
import sys
from typing import BinaryIO


def main(run: str, lifeline: BinaryIO) -> int:
    """Wait for the end of the supervisor, then kill what it left; 0 if nothing lives."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # it ends with the supervisor, not before
    for group in read_groups(lifeline):
        kill_group(group)
    from webapp.supervisor import orphans  # psutil is imported only when there is work for it

    return 0 if orphans.kill(run, within=10) else 1


def read_groups(lifeline: BinaryIO) -> set[int]:
    """The groups alive when the pipe ended; a line cut short by the supervisor's death is left out."""
    groups: set[int] = set()
    for line in lifeline:
        if line.endswith(b"\n"):
            change, group = line[:1], int(line[1:])
            groups.add(group) if change == b"+" else groups.discard(group)
    return groups


def kill_group(group: int) -> None:
    """SIGKILL to a process group that may be gone; macOS answers EPERM for one of zombies."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.stdin.buffer))
