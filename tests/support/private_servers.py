"""`python -m tests.support.private_servers COMMAND …`: COMMAND with a private PostgreSQL server and Redis beside it.

COMMAND finds DATABASE_URL (a server that lives in a temporary folder and on a free port of this machine), REDIS_URL (a
free port) and GIBBON_BROKER (the Redis program: the tests start and stop it themselves). All is gone afterwards, also
after a kill -9. PostgreSQL refuses to run as root, so root starts it as the user postgres, or nobody.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from webapp.supervisor.lifeline import Lifeline

PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")
PATIENCE = 30.0  # seconds for the server to come up


def main(command: list[str]) -> int:
    """Run the command among its servers; its exit code is ours."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with postgresql() as database:
        services = {
            "DATABASE_URL": database,
            "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
            "GIBBON_BROKER": redis(),
        }
        return subprocess.run(command, env={**os.environ, **services}).returncode


def redis() -> str:
    """The Redis (or Valkey) program of this system."""
    return shutil.which("redis-server") or shutil.which("valkey-server") or refuse("redis-server")


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A new PostgreSQL server; yields its address."""
    lifeline = Lifeline(secrets.token_hex(8))
    lifeline.start()
    with tempfile.TemporaryDirectory(prefix="gibbon-pg-", ignore_cleanup_errors=True) as folder:
        port, password = free_port(), secrets.token_hex(16)
        give_away(Path(folder))
        data = Path(folder) / "data"
        initialise(data, password)
        options = [f"-cport={port}", "-clisten_addresses=127.0.0.1", f"-cunix_socket_directories={folder}"]
        haste = [
            "-cfsync=off",
            "-cfull_page_writes=off",
            "-csynchronous_commit=off",
            "-cmax_connections=200",
            "-clog_min_messages=fatal",
        ]
        server = start([program("postgres"), "-D", str(data), *options, *haste], start_new_session=True)
        lifeline.watch(server.pid)
        try:
            wait_for(port, server)
            yield f"postgres://gibbon:{password}@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # "fast": do not wait for clients
            server.wait(timeout=20)
            lifeline.forget(server.pid)
            lifeline.close()


def initialise(data: Path, password: str) -> None:
    """A new cluster whose superuser is `gibbon`."""
    words = ["-D", str(data), "-U", "gibbon", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]
    secret = data.with_name("password")
    secret.write_text(password)
    give_away(secret)
    if start([program("initdb"), *words, f"--pwfile={secret}"]).wait():
        raise SystemExit("initdb failed.")


def start(command: list[str], **options: Any) -> subprocess.Popen[Any]:
    """A process that is not root's, and quiet."""
    name = unprivileged()
    who = {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []} if name else {}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/", **who, **options)


def give_away(path: Path) -> None:
    """It belongs to the server's user."""
    if name := unprivileged():
        shutil.chown(path, name)


def unprivileged() -> str | None:
    """Whom root lends its place to; None if we are not root."""
    if os.getuid() != 0:
        return None
    return "postgres" if "postgres" in {entry.pw_name for entry in pwd.getpwall()} else "nobody"


def program(name: str) -> str:
    """A program of PostgreSQL; Debian keeps them off PATH."""
    if found := shutil.which(name):
        return found
    places = sorted(path for place in PLACES for path in Path("/").glob(f"{place[1:]}/{name}"))
    return str(places[-1]) if places else refuse(name)


def refuse(name: str) -> str:
    """Nothing is skipped: without the server there are no tests."""
    raise SystemExit(f"{name} is missing: install PostgreSQL and Redis (Debian: apt install postgresql redis-server).")


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, server: subprocess.Popen[Any]) -> None:
    """Until the server takes connections."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if time.monotonic() > deadline or server.poll() is not None:
            raise SystemExit("PostgreSQL does not start.")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
