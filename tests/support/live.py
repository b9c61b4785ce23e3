"""A pytest plugin: the whole site as `./run` starts it, on a free port, with a data folder of its own.

    def test_something(live):
        requests.get(live.url)                     # "http://127.0.0.1:54321", without a slash at the end
        live.data / "db.sqlite3"                   # its data folder; logs in live.data / "log"
        live.password                              # the first admin's, as it was printed
        live.pids("worker")                        # the service's process and all its descendants
        live.kill("worker")                        # kill -9 the service's main process; the supervisor starts it again
        live.kill("worker", everyone=True)         # the same for its descendants
        live.stop("broker"); live.start("broker")  # stays down between the two
        live.wait_ready()                          # until /readyz says 200 again
        live.manage("token", "alice")              # a management command on the site's own database; returns its output

Services: broker, web, worker, keeper, train. `stop` puts a file into data/run/hold, `start` removes it (see
webapp/supervisor/supervisor.py); process ids come from data/run/services.json. There is no other channel to the
supervisor. `live` lasts the whole session: a test that stops a service starts it again, `with live.without("broker"):`.
A test that ends or configures the site itself starts its own: `with started_site(tmp_path, LOG_LEVEL="INFO") as site:`.

Leases are short, so that a lost worker is noticed in seconds. With DATABASE_URL set, each site gets a database of its
own there; the broker is the embedded one in any case (`./test --services` makes that a real Redis).
"""

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import pytest

from tests.support.paths import ROOT
from webapp.supervisor.lifeline import Lifeline

QUICK = {
    "GIBBON_JOB_LEASE_SECONDS": "4",
    "GIBBON_JOB_HEARTBEAT_SECONDS": "1",
    "GIBBON_KEEPER_SECONDS": "0.5",
    "GIBBON_PREPARE_COURSE": "false",  # two minutes of work that few tests look at
    "GIBBON_JOBS_AT_ONCE": os.environ.get("GIBBON_JOBS_AT_ONCE", "4"),  # as with two cores, however many there are
}
START = 120.0  # seconds for a first start: migrations, samples, the network


class Site:
    """One running site and what can be done to it."""

    python = sys.executable  # benchmarks run elsewhere and name the site's own
    patience = START  # seconds until it is ready; benchmarks have more

    def __init__(self, data: Path, **settings: str) -> None:
        self.data, self.console_file = data, data / "console.txt"
        data.mkdir(parents=True, exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        self.environment = {
            **inherited,
            **QUICK,
            "HOST": "127.0.0.1",
            "PORT": "0",
            **settings,
            "GIBBON_DATA": str(data),
        }
        self.lifeline = Lifeline(secrets.token_hex(8))
        self.lifeline.start()
        self.launch()

    def launch(self) -> None:
        """Start the supervisor; again after it was ended."""
        with self.console_file.open("ab") as console:
            self.supervisor = subprocess.Popen(
                [self.python, "-m", "webapp.supervisor"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.lifeline.watch(self.supervisor.pid)  # a killed pytest takes the site along

    # --- What it is -----------------------------------------------------------------------------------------------

    @property
    def state(self) -> dict:
        """The supervisor's notes, empty while there are none."""
        with contextlib.suppress(FileNotFoundError):
            return json.loads((self.data / "run" / "services.json").read_text())
        return {}

    @property
    def url(self) -> str:
        """The site's address, without a slash at the end."""
        return self.state["url"].rstrip("/")

    @property
    def console(self) -> str:
        """What a person at the console has read so far."""
        return self.console_file.read_text()

    @property
    def password(self) -> str:
        """The first admin's password."""
        found = re.search(r"password (\S+)", self.console)
        assert found, f"no password was printed: {self.console}"
        return found[1]

    def pid(self, name: str) -> int | None:
        """The service's main process, None while it does not run."""
        return self.state.get("services", {}).get(name, {}).get("pid")

    def pids(self, name: str) -> list[int]:
        """The service's main process and all its descendants."""
        with contextlib.suppress(psutil.NoSuchProcess):
            if pid := self.pid(name):
                return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
        return []

    def living(self) -> list[psutil.Process]:
        """Every process that carries this site's data folder in its environment, the supervisor included."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get("GIBBON_DATA") == str(self.data):
                    found.append(process)
        return found

    # --- What can be done to it -----------------------------------------------------------------------------------

    def stop(self, name: str) -> None:
        """End a service and keep it down."""
        (self.data / "run" / "hold" / name).touch()
        wait_until(lambda: self.pid(name) is None, f"{name} does not stop", within=15)

    def start(self, name: str) -> None:
        """Let a stopped service run again; it has a process when this returns, and is not yet warm."""
        (self.data / "run" / "hold" / name).unlink(missing_ok=True)
        wait_until(lambda: self.pid(name), f"{name} does not start", within=35)

    @contextlib.contextmanager
    def without(self, name: str) -> Iterator[None]:
        """The site while a service is down."""
        self.stop(name)
        try:
            yield
        finally:
            self.start(name)

    def kill(self, name: str, number: int = signal.SIGKILL, *, everyone: bool = False) -> None:
        """Send a signal to the service's main process, or to its descendants too."""
        victims = self.pids(name) if everyone else [self.pid(name)]
        assert victims and victims[0], f"{name} does not run"
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    @contextlib.contextmanager
    def standing_still(self, name: str, condition: Callable[[], object]) -> Iterator[None]:
        """A service that stands still where the condition holds, however short that is; afterwards it goes on.

        Until then it runs in slices, and is looked at between them: by a quick look, or it would lose its lease.
        """
        deadline = time.monotonic() + 60
        self.kill(name, signal.SIGSTOP, everyone=True)
        try:
            while not condition():
                assert time.monotonic() < deadline, f"{name} never came there"
                self.kill(name, signal.SIGCONT, everyone=True)
                time.sleep(0.05)
                self.kill(name, signal.SIGSTOP, everyone=True)
            yield
        finally:
            self.kill(name, signal.SIGCONT, everyone=True)

    def manage(self, *words: str) -> str:
        """A management command against this site's database and broker; what it printed."""
        broker = (self.data / "run" / "broker.url").read_text()
        command = [self.python, "manage.py", *words]
        environment = {**self.environment, "REDIS_URL": broker}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def status(self, path: str, *, timeout: float = 5) -> int | None:
        """The status of a GET, None if there was no answer."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=timeout) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except (OSError, KeyError, HTTPException):
            return None

    def wait_ready(self, within: float | None = None) -> None:
        """Until a worker with its network loaded is there."""
        seconds = within or self.patience
        wait_until(lambda: self.status("/readyz") == 200, "the site is not ready", within=seconds, site=self)

    def end(self, number: int = signal.SIGTERM) -> int:
        """End the whole site by a signal to its supervisor; returns the exit code."""
        self.supervisor.send_signal(number)
        code = self.supervisor.wait(timeout=30)
        self.lifeline.forget(self.supervisor.pid)
        return code

    def close(self) -> None:
        """End what still runs, however the test left it."""
        if self.supervisor.poll() is None:
            self.end()
        self.lifeline.close()


# What would make a site another one than `./run` starts; OpenMP has one thread in each of several test processes.
NOT_INHERITED = (
    "OMP_NUM_THREADS",
    "REDIS_URL",
    "DJANGO_SETTINGS_MODULE",
    "GIBBON_TEST_HOME",
    "GIBBON_LAN_HOSTS",
    "DEBUG",
    "SECRET_KEY",
)


def wait_until(condition: Callable[[], object], failure: str, *, within: float, site: Site | None = None) -> None:
    """Wait for something to become true; a test fails with `failure` if it does not, or if the site has ended."""
    deadline = time.monotonic() + within
    while not condition():
        ended = site is not None and site.supervisor.poll() is not None
        assert time.monotonic() < deadline and not ended, (
            f"{failure}; the console says:\n{site.console if site else ''}"
        )
        time.sleep(0.1)


@contextlib.contextmanager
def started_site(data: Path, **settings: str) -> Iterator[Site]:
    """A site with these environment variables, ready, and ended afterwards."""
    with own_database() as database:
        site = Site(data, **database, **settings)
        try:
            site.wait_ready()
            yield site
        finally:
            site.close()


@contextlib.contextmanager
def own_database() -> Iterator[dict[str, str]]:
    """With DATABASE_URL set, the address of a new, empty database on that server; else nothing (SQLite)."""
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        yield {}
        return
    import psycopg

    name = f"site_{secrets.token_hex(4)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield {"DATABASE_URL": urlunsplit(urlsplit(address)._replace(path=f"/{name}"))}
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site that the whole session shares, reachable from the network.

    Its folder has a name that is too long and too odd for a socket's path.
    """
    folder = tmp_path_factory.mktemp("live") / f"my pictures {'and more ' * 12}"
    with started_site(folder, HOST="0.0.0.0", TMPDIR=str(tmp_path_factory.mktemp("short"))) as site:
        yield site
