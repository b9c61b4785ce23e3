"""The supervisor with real processes: it starts, restarts, stops, and leaves nothing behind however it ends."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.paths import ROOT
from webapp.supervisor.service import pause


class Supervised:
    """A supervisor over stand-in services, in a directory of its own that marks all its processes."""

    def __init__(self, directory: Path, *names: str) -> None:
        self.directory = directory
        self.console = directory / "console"
        with self.console.open("wb") as console:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.stand_in", str(directory), *names],
                cwd=ROOT,
                env={**os.environ, "GIBBON_TEST_MARK": str(directory)},
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def living(self) -> list[psutil.Process]:
        """Every process that carries its mark, supervisor and watchdog included."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get("GIBBON_TEST_MARK") == str(self.directory):
                    found.append(process)
        return found

    def state(self) -> dict:
        with contextlib.suppress(FileNotFoundError):
            return json.loads((self.directory / "services.json").read_text())
        return {"services": {}, "watchdog": None}

    def pid(self, name: str) -> int | None:
        return self.state()["services"].get(name, {}).get("pid")

    def starts(self, name: str) -> int:
        return self.state()["services"].get(name, {}).get("starts", 0)

    def said(self) -> str:
        return self.console.read_text()

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=15)


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    """Builds such trees, and clears them away whatever the test did."""
    made: list[Supervised] = []

    def build(*names: str) -> Supervised:
        made.append(Supervised(tmp_path, *names))
        return made[-1]

    yield build
    for each in made:
        for process in each.living():
            with contextlib.suppress(psutil.Error):
                process.kill()
        each.process.wait(timeout=10)


def wait_until(condition: Callable[[], object], within: float = 8.0) -> None:
    """Wait for something to become true; a test fails if it does not."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.03)


def wait_for_family(it: Supervised) -> None:
    """Supervisor, watchdog, the service and its two children."""
    wait_until(lambda: it.pid("family"))
    wait_until(lambda: len(it.living()) == 5)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_good_order(supervised, number):
    built = supervised("family", "polite")
    wait_for_family_and_polite(built)
    assert built.stop(number) == 0
    assert built.living() == []
    assert (built.directory / "polite").read_text() == "left by itself"
    assert not (built.directory / "services.json").exists()


def wait_for_family_and_polite(built: Supervised) -> None:
    wait_until(lambda: built.pid("family") and built.pid("polite"))
    wait_until(lambda: len(built.living()) == 6)
    time.sleep(0.3)  # the polite one installs its handler


def test_kill_9_leaves_no_process_behind_grandchildren_included(supervised):
    built = supervised("family", "stubborn")
    wait_until(lambda: built.pid("stubborn"))
    wait_until(lambda: len(built.living()) == 6)
    built.process.kill()
    built.process.wait()
    wait_until(lambda: built.living() == [], within=15)


def test_kill_9_in_the_first_moments_leaves_nothing_either(supervised):
    built = supervised("family", "sleeper", "crasher")
    wait_until(lambda: len(built.living()) >= 2)
    built.process.kill()
    built.process.wait()
    wait_until(lambda: built.living() == [], within=15)


def test_a_killed_watchdog_is_replaced_and_the_next_one_knows_everything(supervised):
    built = supervised("family")
    wait_for_family(built)
    first = built.state()["watchdog"]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: built.state()["watchdog"] not in (None, first))
    built.process.kill()
    built.process.wait()
    wait_until(lambda: built.living() == [], within=15)


def test_what_survives_supervisor_and_watchdog_is_ended_by_the_next_start(supervised):
    built = supervised("family")
    wait_for_family(built)
    os.kill(built.process.pid, signal.SIGSTOP)  # or it would replace the watchdog
    os.kill(built.state()["watchdog"], signal.SIGKILL)
    before = {process.pid for process in built.living()} - {built.process.pid, built.state()["watchdog"]}
    built.process.kill()
    built.process.wait()
    assert len(before) == 3
    again = supervised("sleeper")
    wait_until(lambda: again.pid("sleeper"))
    assert before.isdisjoint(process.pid for process in again.living())


def test_a_dead_service_takes_its_children_along_and_is_started_again(supervised):
    built = supervised("family")
    wait_for_family(built)
    first = {process.pid for process in built.living()} - {built.process.pid, built.state()["watchdog"]}
    os.kill(built.pid("family"), signal.SIGKILL)
    wait_until(lambda: built.starts("family") == 2)
    wait_until(lambda: len(built.living()) == 5)
    assert first.isdisjoint(process.pid for process in built.living())
    assert "family ended by itself (SIGKILL)" in built.said()


def test_where_no_state_can_be_written_services_live_and_are_started_again(supervised):
    it = supervised("sleeper", "patient")
    wait_until(lambda: it.pid("sleeper") and it.pid("patient"))
    before = it.living()
    (it.directory / "services.json.draft").mkdir()  # as on a full disk

    os.kill(it.pid("sleeper"), signal.SIGKILL)

    wait_until(lambda: "sleeper ended by itself" in it.said())
    wait_until(lambda: len(it.living()) == len(before))
    assert set(it.living()) - set(before)
    assert it.stop() == 0


def test_a_service_that_keeps_dying_is_started_ever_more_rarely_and_its_last_words_are_shown(supervised):
    built = supervised("crasher")
    wait_until(lambda: built.starts("crasher") == 3)
    assert "out of bananas" in built.said()
    assert [f"again in {seconds} s" in built.said() for seconds in ("0.5", "1.0")] == [True, True]
    assert built.stop() == 0


def test_the_pause_doubles_up_to_half_a_minute():
    assert [pause(deaths) for deaths in (1, 2, 3, 4, 7, 50)] == [0.5, 1, 2, 4, 30, 30]


def test_who_does_not_end_when_asked_is_killed_after_its_grace(supervised):
    built = supervised("stubborn")
    wait_until(lambda: built.pid("stubborn"))
    time.sleep(0.3)  # it installs its handler
    start = time.monotonic()
    assert built.stop() == 0
    assert 0.4 < time.monotonic() - start < 4
    assert built.living() == []


def test_a_second_ctrl_c_does_not_wait(supervised):
    built = supervised("polite", "stubborn")
    wait_until(lambda: built.pid("stubborn"))
    built.process.send_signal(signal.SIGINT)
    assert built.stop() == 0
    assert built.living() == []


def test_a_step_comes_first_and_what_it_says_reaches_the_console(supervised):
    built = supervised("after-step", "step")
    wait_until(lambda: built.pid("after-step"))
    assert built.state()["services"]["step"]["done"]
    assert "the password is 12345" in built.said()
    assert "12345" not in (built.directory / "log" / "step.log").read_text()


def test_a_failed_step_stops_the_start_with_its_reason(supervised):
    built = supervised("after-broken", "broken-step")
    assert built.process.wait(timeout=10) == 1
    assert "no such database" in built.said()
    assert built.living() == []


def test_a_command_that_does_not_exist_is_told_and_the_others_go_on(supervised):
    built = supervised("absent", "sleeper")
    wait_until(lambda: built.pid("sleeper"))
    wait_until(lambda: "absent cannot be started" in built.said())
    assert built.stop() == 0


def test_a_held_service_stays_down_until_it_is_let_go(supervised):
    built = supervised("family", "sleeper")
    wait_for_family_and_sleeper(built)
    first = built.pid("sleeper")
    hold = built.directory / "hold" / "sleeper"
    hold.touch()
    wait_until(lambda: built.pid("sleeper") is None)
    time.sleep(1.0)  # longer than the first pause
    assert built.pid("sleeper") is None
    hold.unlink()
    wait_until(lambda: built.pid("sleeper"))
    assert built.pid("sleeper") != first
    assert "sleeper ended" not in built.said()


def wait_for_family_and_sleeper(built: Supervised) -> None:
    wait_until(lambda: built.pid("family") and built.pid("sleeper"))


def test_what_may_wait_yields_to_others_though_each_has_a_session_of_its_own(supervised):
    """Two at the same moment: who is not root may change ten sessions a second, one at a time."""
    built = supervised("patient", "quiet", "sleeper")
    wait_until(lambda: all(built.pid(name) for name in ("patient", "quiet", "sleeper")))
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert psutil.Process(built.pid("sleeper")).nice() == own
    for name in ("patient", "quiet"):
        assert psutil.Process(built.pid(name)).nice() == min(19, own + 7)
        session = Path(f"/proc/{built.pid(name)}/autogroup")
        if session.exists():  # a Linux that shares the processor out among sessions
            assert session.read_text().split()[-1] == "7"


def test_orphans_are_reaped_as_process_1_must(supervised):
    built = supervised("orphans")
    wait_until(lambda: built.pid("orphans"))
    children = psutil.Process(built.process.pid).children
    wait_until(lambda: len(children()) > 2)  # adopted
    wait_until(lambda: {child.pid for child in children()} == {built.pid("orphans"), built.state()["watchdog"]})
    assert built.stop() == 0
