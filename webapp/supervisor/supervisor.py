"""The supervisor: one loop that starts services, waits for what happens to them, and stops them all.

Files in its directory, for people and programs:
  services.json   who runs now: process ids, starts, the address
  hold/NAME       while this file exists, the service NAME is stopped and stays so; remove it, and it is started again
"""

import contextlib
import json
import os
import secrets
import select
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from webapp.supervisor import orphans
from webapp.supervisor.lifeline import Lifeline
from webapp.supervisor.logs import Logs
from webapp.supervisor.service import Child, Service
from webapp.supervisor.watchdog import kill_group

TURN = 0.2  # seconds between looks at what sends no signal: holds, deadlines, readiness
ROTATE = 10.0  # seconds between looks at the logs
SERVICES_FILE = "services.json"
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def say(text: str) -> None:
    """A line for the person at the console, who may have closed it."""
    with contextlib.suppress(OSError):
        os.write(1, f"{text}\n".encode(errors="backslashreplace"))


def clear_last_run(directory: Path) -> None:
    """End what a run that was killed together with its watchdog may have left, and lift its holds."""
    with contextlib.suppress(FileNotFoundError, ValueError, KeyError):
        orphans.kill(json.loads((directory / SERVICES_FILE).read_text())["run"])
    hold = directory / "hold"
    hold.mkdir(parents=True, exist_ok=True)
    for file in hold.iterdir():
        file.unlink()


class Supervisor:
    """Runs `services` until a signal or a failed step ends it."""

    def __init__(
        self,
        services: Sequence[Service],
        *,
        directory: Path,
        logs: Logs,
        environment: Mapping[str, str],
        facts: Mapping[str, Any] | None = None,
        say: Callable[[str], None] = say,
    ) -> None:
        self.children = {service.name: Child(service) for service in services}
        self.directory, self.logs, self.say = directory, logs, say
        self.run_name = secrets.token_hex(8)
        self.environment = {**environment, orphans.RUN: self.run_name}
        self.facts = dict(facts or {})
        self.lifeline = Lifeline(self.run_name)
        self.stops_asked = 0
        self.outcome = 0
        self.rotated = time.monotonic()

    def run(self) -> int:
        """Until told to stop. 0 after a signal, 1 if a step of the start failed."""
        with self.hear_signals():
            self.lifeline.start()
            try:
                while not self.stops_asked and not self.outcome:
                    self.turn()
            finally:
                self.stop()
        return self.outcome

    def turn(self) -> None:
        """One round: start what is due, end what is held or late, then wait for something to happen."""
        self.obey_holds()
        self.start_due()
        self.kill_late()
        if time.monotonic() - self.rotated > ROTATE:
            self.logs.rotate()
            self.rotated = time.monotonic()
        self.wait()

    # --- Starting -------------------------------------------------------------------------------------------------

    def start_due(self) -> None:
        """Start every service whose time has come."""
        for child in self.children.values():
            if child.process or child.is_done or self.is_held(child):
                continue
            if child.due is None and all(self.children[name].check_ready() for name in child.service.needs):
                child.due = time.monotonic() + child.service.delay
            if child.due is not None and child.due <= time.monotonic():
                self.start(child)

    def start(self, child: Child) -> None:
        """Start one; a command that cannot be started counts as a death."""
        try:
            self.lifeline.watch(child.start(self.environment, self.logs))
        except OSError as error:
            child.ended(127)
            self.say(f"{child.service.name} cannot be started: {error}")
            self.outcome = self.outcome or int(child.service.once)
        self.write_services()

    # --- Ending ---------------------------------------------------------------------------------------------------

    def reap(self) -> None:
        """Take note of every process that ended; as process 1, of orphans too."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                self.ended(pid, os.waitstatus_to_exitcode(status))

    def ended(self, pid: int, code: int) -> None:
        """A process is gone: end what it left behind, and decide what follows."""
        if pid == self.lifeline.pid:
            self.lifeline.replace(code)
            self.write_services()
            return
        for child in self.children.values():
            if child.pid == pid:
                kill_group(pid)
                orphans.kill(self.run_name, child.service.name)
                self.lifeline.forget(pid)
                if child.ended(code):
                    self.mourn(child, code)
                self.write_services()

    def mourn(self, child: Child, code: int) -> None:
        """Tell the person at the console that a service died, and what it said last."""
        name, manner = child.service.name, f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        if child.service.once:
            self.say(f"The step “{name}” failed ({manner}); Gibbon stops.")
            self.outcome = 1
        else:
            wait = max(0.0, (child.due or 0) - time.monotonic())
            self.say(f"{name} ended by itself ({manner}) and is started again in {wait:.1f} s.")
        for line in self.logs.last_words(name, since=child.log_start):
            self.say(f"  {line}")
        self.say(f"  More in {self.logs.path(name)}")

    def stop(self) -> None:
        """Ask all to end, the ones others lean on last; a second signal, or the end of the grace, kills."""
        last = {child for child in self.children.values() if child.service.stops_last}
        for children in (set(self.children.values()) - last, last):
            for child in children:
                child.ask_to_end()
            while any(child.process for child in children):
                self.kill_late(now=self.stops_asked > 1)
                self.wait()
        orphans.kill(self.run_name)
        self.lifeline.close()
        with contextlib.suppress(FileNotFoundError):
            (self.directory / SERVICES_FILE).unlink()

    def kill_late(self, *, now: bool = False) -> None:
        """Kill what was asked to end and has not within its grace, or `now`."""
        for child in self.children.values():
            if child.deadline is not None and (now or child.deadline < time.monotonic()):
                child.kill()

    # --- Holding --------------------------------------------------------------------------------------------------

    def is_held(self, child: Child) -> bool:
        """Whether somebody asked for this service to stay down."""
        return (self.directory / "hold" / child.service.name).exists()

    def obey_holds(self) -> None:
        """Stop the services that are held, and start those that were at once when they no longer are."""
        for child in self.children.values():
            if self.is_held(child):
                child.ask_to_end()

    # --- Waiting --------------------------------------------------------------------------------------------------

    def wait(self) -> None:
        """Sleep until a signal comes (a child's end is one), at most a turn; then reap."""
        with contextlib.suppress(InterruptedError):
            ready, _, _ = select.select([self.wakeup], [], [], TURN)
            if ready:
                os.read(self.wakeup, 4096)
        self.reap()

    @contextlib.contextmanager
    def hear_signals(self) -> Iterator[None]:
        """Signals only count, and wake the loop through a pipe."""
        self.wakeup, write = os.pipe()
        os.set_blocking(self.wakeup, False)
        os.set_blocking(write, False)
        before = {number: signal.signal(number, self.count_stop) for number in STOPS}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        old = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(old)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(self.wakeup)
            os.close(write)

    def count_stop(self, number: int, frame: FrameType | None) -> None:
        """The first signal asks, the second one insists."""
        self.stops_asked += 1

    # --- What others may read -------------------------------------------------------------------------------------

    def write_services(self) -> None:
        """Who runs now, replaced in one step so that a reader never sees half of it."""
        services = {
            name: {"pid": child.pid, "starts": child.starts, "done": child.is_done}
            for name, child in self.children.items()
        }
        state = {"run": self.run_name, "supervisor": os.getpid(), "watchdog": self.lifeline.pid, **self.facts}
        draft = self.directory / f"{SERVICES_FILE}.draft"
        with contextlib.suppress(OSError):  # a full disk: what runs goes on, and the next change is written again
            draft.write_text(json.dumps({**state, "services": services}, indent=1))
            draft.replace(self.directory / SERVICES_FILE)
