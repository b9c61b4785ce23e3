"""A whole site in a folder of its own, every process a real one, each started, stopped and killed by name."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import DEVNULL, PIPE

from tests.support.live import own_database
from tests.support.paths import ROOT
from tests.support.people import Caller, status_of, wait_for
from webapp.supervisor import broker
from webapp.supervisor.lifeline import Lifeline

PREPARE = """
from django.core.management import call_command
from webapp.registry.services import register_shipped
call_command("migrate", verbosity=0)
register_shipped()
"""
# Runs each line, a piece of code as JSON, and answers with a line: what it printed, and how it went wrong.
CONSOLE = """
import contextlib, io, json, sys, traceback
import django
django.setup()
from django.db import connections
for line in sys.stdin:
    printed, error = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(printed):
            exec(json.loads(line), {})
    except Exception:
        error = traceback.format_exc()
    connections.close_all()
    print(json.dumps([printed.getvalue(), error]), flush=True)
"""
ISSUE = """
from django.contrib.auth.models import User
from webapp.visitors.models import Token, Visitor
user = User.objects.create_user("{name}")
Visitor.objects.create(user=user)
token = Token(user=user, name="test")
print(token.set_secret())
token.save()
"""


class BareSite:
    """Broker, web, keeper and workers; leases are short so that tests wait seconds."""

    def __init__(self, folder: Path, lifeline: Lifeline, settings: Mapping[str, str]) -> None:
        self.lifeline = lifeline
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.socket = broker.socket_path(private(folder / "run"))
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.support.site_settings",
            "GIBBON_DATA": str(folder),
            "REDIS_URL": f"unix://{self.socket}",
            "GIBBON_JOB_LEASE_SECONDS": "2.5",
            "GIBBON_JOB_HEARTBEAT_SECONDS": "0.5",
            "GIBBON_KEEPER_SECONDS": "0.5",
            "GIBBON_JOB_SECONDS": "8",
            "GIBBON_TRAIN_SECONDS": "8",
            "GIBBON_JOBS_PER_MINUTE": "10000",
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        manage = (sys.executable, "manage.py")
        self.commands = {
            "broker": broker.command(broker.find_binary(), self.socket),
            "web": self.web_on(self.port),
            "console": (sys.executable, "-c", CONSOLE),
            "keeper": (*manage, "keeper"),
            "worker": (*manage, "worker", "--queues", "interactive,sweep,study"),
            "light": (*manage, "worker", "--queues", "train"),
            "light2": (*manage, "worker", "--queues", "train"),
        }

    # --- Processes ------------------------------------------------------------------------------------------------

    def start(self, *names: str) -> None:
        """Start what does not run; each in a group of its own."""
        for name in names:
            if name not in self.processes:
                with (self.folder / f"{name}.log").open("ab") as log:
                    talks = name == "console"
                    streams = {"stdin": PIPE if talks else DEVNULL, "stdout": PIPE if talks else log, "stderr": log}
                    self.processes[name] = subprocess.Popen(
                        self.commands[name], env=self.environment, cwd=ROOT, process_group=0, **streams
                    )
                self.lifeline.watch(self.processes[name].pid)

    def stop(self, *names: str) -> None:
        """Ask to end, as a supervisor does, and wait."""
        for name in names:
            if name in self.processes:
                self.processes[name].terminate()
        for name in names:
            if name in self.processes:
                self.processes.pop(name).wait(20)

    def kill(self, name: str) -> None:
        """kill -9 for the whole group."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        for pipe in filter(None, (process.stdin, process.stdout)):
            pipe.close()
        self.lifeline.forget(process.pid)

    def close(self) -> None:
        for name in list(self.processes):
            with contextlib.suppress(ProcessLookupError):
                self.kill(name)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def web_on(self, port: int) -> tuple[str, ...]:
        """The command of a web server there."""
        return (sys.executable, "-m", "uvicorn", "webapp.asgi:application", "--no-proxy-headers", f"--port={port}")

    # --- Inside ---------------------------------------------------------------------------------------------------

    def python(self, code: str) -> str:
        """What a piece of code prints that runs with the site's settings, in a process kept for all such pieces."""
        self.start("console")
        console = self.processes["console"]
        assert console.stdin and console.stdout
        console.stdin.write(json.dumps(code).encode() + b"\n")
        console.stdin.flush()
        answer = console.stdout.readline()
        assert answer, self.log("console")
        printed, error = json.loads(answer)
        assert not error, error
        return printed.strip()

    def create_jobs(
        self, kind: str, count: int = 1, *, messages: int = 1, owner: Caller | None = None, total: int = 100
    ) -> list[str]:
        """Queued jobs of a kind that no page offers, each with so many messages; of nobody, or of `owner`."""
        return self.python(
            "from webapp.jobs import services\n"
            "from webapp.registry.models import ModelVersion\n"
            "from webapp.visitors.models import Visitor\n"
            "version = ModelVersion.objects.get(classifier__slug='imagenet-lite0')\n"
            f"owner = {owner.name if owner else None!r}\n"
            "visitor = owner and Visitor.objects.get(user__username=owner)\n"
            f"for _ in range({count}):\n"
            f"    job = services.create_job(kind={kind!r}, visitor=visitor, version=version, total={total})\n"
            f"    for _ in range({messages - 1}):\n"
            "        services.enqueue(job.pk)\n"
            "    print(job.pk)\n"
        ).split()

    def notes(self, kind: str) -> list[str]:
        """The ids that jobs of this kind have noted, in order."""
        path = self.folder / "notes" / kind
        return path.read_text().split() if path.exists() else []

    def redis(self, *words: str) -> bytes:
        """One command to the broker, as a line; the raw answer."""
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.socket))
            client.sendall(" ".join(words).encode() + b"\r\n")
            return client.recv(4096)

    def new_person(self) -> Caller:
        """Somebody who calls the API with a token of their own."""
        name = secrets.token_hex(4)
        return Caller(self.url, {"Authorization": f"Bearer {self.python(ISSUE.format(name=name))}"}, name)

    def wait_up(self, seconds: float = 30) -> None:
        wait_for(lambda: status_of(f"{self.url}/healthz") == 200, seconds)


def private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def bare_site(folder: Path, **settings: str) -> Iterator[BareSite]:
    """A site with its broker, web server and keeper up; workers are the test's to start."""
    with own_database() as database, contextlib.closing(Lifeline(secrets.token_hex(8))) as lifeline:
        lifeline.start()
        built = BareSite(folder, lifeline, database | settings)
        try:
            built.start("broker")
            wait_for(lambda: broker.answers(built.socket), 10)
            built.python(PREPARE)
            built.start("web", "keeper")
            built.wait_up()
            yield built
        finally:
            built.close()
