"""A service: one long-lived part of the site (or one step of its start), and the process that is it now."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from webapp.supervisor.lifeline import PROJECT
from webapp.supervisor.logs import Logs
from webapp.supervisor.orphans import SERVICE
from webapp.supervisor.watchdog import kill_group

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before a dead service is started again
HEALTHY = 30.0  # seconds after which earlier deaths are forgiven


@dataclass(frozen=True)
class Service:
    """What to start, when, and how to end it."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()  # services that must be ready (or, `once`, done) before the first start
    delay: float = 0.0  # seconds after that
    niceness: int = 0  # by how much its priority is below the supervisor's
    once: bool = False  # a step: it must end with 0 and is not started again
    console: bool = False  # what it prints is for the person at the console; its errors still go to the log
    grace: float = 7.0  # seconds from SIGTERM to SIGKILL
    stops_last: bool = False
    keeps: tuple[int, ...] = ()  # file descriptors it inherits
    prepare: Callable[[], None] = lambda: None  # called before each start
    done: Callable[[], object] = lambda: None  # called when a step has ended well
    ready: Callable[[], bool] = lambda: True  # asked while it runs, until it says yes


def pause(failures: int) -> float:
    """Seconds to wait after that many deaths in a row: 0.5, 1, 2, … 30."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1))


def lower_priority(pid: int, niceness: int) -> None:
    """Of a process that has just begun, with a session of its own.

    Linux shares the processor out among sessions first (sched(7), autogroups): beside another only theirs counts.
    """
    with contextlib.suppress(OSError):  # it has ended, or the system has no such thing
        os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, 0) + niceness)
        with open(f"/proc/{pid}/autogroup", "r+b", buffering=0) as session:
            for _ in range(10):  # of all who are not root the system lets one change one, ten times a second
                if session.write(b"%d" % niceness):
                    break
                time.sleep(0.05)


class Child:
    """A service's process: none, running or asked to end; and when the next start is due."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.process: subprocess.Popen[bytes] | None = None
        self.due: float | None = None  # monotonic time of the next start, None while unknown
        self.deadline: float | None = None  # when it is killed, once it was asked to end
        self.started = 0.0
        self.log_start = 0
        self.starts = self.failures = 0
        self.is_ready = self.is_done = False

    @property
    def pid(self) -> int | None:
        """The process id, which is its group's too; None while it does not run."""
        return self.process.pid if self.process else None

    def start(self, environment: Mapping[str, str], logs: Logs) -> int:
        """Start it in a session and group of its own, away from the terminal; returns the process id."""
        name = self.service.name
        self.service.prepare()
        self.log_start = logs.size(name)
        with logs.open(name) as log:
            self.process = subprocess.Popen(
                self.service.command,
                stdin=subprocess.DEVNULL,
                stdout=None if self.service.console else log,
                stderr=log,
                start_new_session=True,
                pass_fds=self.service.keeps,
                cwd=PROJECT,
                env={**environment, **self.service.environment, SERVICE: name},
            )
        if self.service.niceness:
            lower_priority(self.process.pid, self.service.niceness)
        self.started, self.deadline, self.is_ready = time.monotonic(), None, False
        self.starts += 1
        return self.process.pid

    def check_ready(self) -> bool:
        """Whether what needs this may start."""
        if self.service.once:
            return self.is_done
        if self.process and not self.is_ready:
            self.is_ready = self.service.ready()
        return self.process is not None and self.is_ready

    def ask_to_end(self) -> None:
        """SIGTERM to its leader, which ends its own children; SIGKILL to the group when the grace is over."""
        if self.process and self.deadline is None:
            self.deadline = time.monotonic() + self.service.grace
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End the whole group now."""
        if self.process:
            kill_group(self.process.pid)

    def ended(self, code: int) -> bool:
        """The process was reaped. Sets when it is due again; True if nobody had asked for this end."""
        if self.process:
            self.process.returncode = code  # it was waited for elsewhere
        asked, self.process, self.is_ready = self.deadline is not None, None, False
        self.deadline = None
        if asked or self.service.once:
            self.due = time.monotonic()
            if self.service.once and code == 0:
                self.is_done = True
                self.service.done()
            return not asked and code != 0
        lived = time.monotonic() - self.started
        self.failures = 1 if lived >= HEALTHY else self.failures + 1
        self.due = time.monotonic() + pause(self.failures)
        return True
