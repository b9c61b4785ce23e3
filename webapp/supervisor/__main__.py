"""`python -m webapp.supervisor`: what `./run` becomes once the environment is there.

Exit codes: 0 stopped, 1 failed, 2 something in the settings has to be put right first.
"""

import contextlib
import fcntl
import importlib
import json
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from webapp.core.root_path import path_below
from webapp.supervisor import announce, broker, network, site
from webapp.supervisor.lifeline import PROJECT
from webapp.supervisor.logs import Logs
from webapp.supervisor.supervisor import SERVICES_FILE, Supervisor, clear_last_run, say

OPEN_FILES = 8192  # every WebSocket is one; many systems allow only 256 or 1024 until asked
BAD_SETTING = 2


class BadSetting(ValueError):
    """Something in the environment cannot be; the sentence says what."""


def main() -> int:
    """Run the site until it is stopped."""
    try:
        data = Path(os.environ.get("GIBBON_DATA") or PROJECT / "var").resolve()
        run = make_run_directory(data)
        with only_one(run):
            return supervise(data, run)
    except KeyboardInterrupt:  # in the moment before signals are counted
        return 0
    except (BadSetting, broker.NoBroker, network.CannotListen) as refusal:
        say(str(refusal))
        return BAD_SETTING


def supervise(data: Path, run: Path) -> int:
    """Listen, start everything, and stay."""
    host, wanted = os.environ.get("HOST") or "127.0.0.1", read_port(os.environ.get("PORT") or "8000")
    below = read_path(os.environ.get("GIBBON_PATH") or "")
    clear_last_run(run)
    with network.listen(host, wanted) as listener:
        port, hosts = listener.getsockname()[1], network.lan_hosts(host)
        environment = children_environment(data, run, host, port, hosts)
        check_settings()
        settled = site.is_settled(run, environment)
        if not settled:
            (run / site.STAMP).unlink(missing_ok=True)  # what starts beside setup waits for a new one
        supervisor = Supervisor(
            site.services(environment, run=run, listener=listener.fileno(), settled=settled),
            directory=run,
            logs=Logs(data / "log"),
            environment=environment,
            facts={"url": network.url(nearest(host), port, below)},
        )
        allow_many_files()
        say("Gibbon is starting." if settled else "Gibbon is starting; this first time takes a little longer.")
        announce.announce(nearest(host), port, address_lines(nearest(host), hosts, port, below), say)
        outcome = supervisor.run()
    say("Gibbon has stopped.")
    return outcome


def children_environment(data: Path, run: Path, host: str, port: int, hosts: list[str]) -> dict[str, str]:
    """What every service is told, besides what we were told ourselves. The broker's address is left in a file too, so
    that `manage.py` in another shell finds it."""
    broker_url = os.environ.get("REDIS_URL") or f"unix://{broker.socket_path(run)}"
    (run / "broker.url").write_text(broker_url)
    return {
        **os.environ,
        "GIBBON_DATA": str(data),
        "HOST": host,
        "PORT": str(port),
        "GIBBON_LAN_HOSTS": ",".join(dict.fromkeys([nearest(host), *hosts])),
        "REDIS_URL": broker_url,
        "PYTHONUNBUFFERED": "1",
    }


def nearest(host: str) -> str:
    """The address by which this machine reaches itself, as a URL spells it."""
    return {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}.get(host, network.written(host))  # noqa: S104  looked up, not bound


def address_lines(near: str, hosts: list[str], port: int, below: str) -> list[str]:
    """What is printed once the site answers."""
    beyond = [f"In this network: {network.url(host, port, below)}" for host in hosts if host != near]
    return [f"Gibbon is at {network.url(near, port, below)}", *beyond]


def read_port(text: str) -> int:
    """PORT as a number; 0 takes a free one."""
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise BadSetting(f"PORT={text} is not a port: a number from 1 to 65535 (0 takes a free one).")
    return int(text)


def read_path(text: str) -> str:
    """GIBBON_PATH as settings.py understands it."""
    try:
        return path_below(text)
    except ValueError as error:
        raise BadSetting(f"GIBBON_PATH={text} cannot be used: {error}.") from error


def check_settings() -> None:
    """What the services would read is read once before they are started, or each would die of it with a traceback."""
    try:
        importlib.import_module("webapp.settings")
    except ImproperlyConfigured as error:
        raise BadSetting(str(error)) from error


def make_run_directory(data: Path) -> Path:
    """data/run, for sockets and process ids: its owner's alone."""
    run = data / "run"
    try:
        run.mkdir(parents=True, exist_ok=True)
        run.chmod(0o700)
    except OSError as error:
        raise BadSetting(f"GIBBON_DATA={data} cannot be written: {error.strerror}.") from error
    return run


@contextlib.contextmanager
def only_one(run: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system lets go however we end."""
    with (run / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BadSetting(f"Gibbon already runs with this data folder{where(run)}. Stop that one first.") from error
        yield


def where(run: Path) -> str:
    """The address and process of the run that holds the lock, if it has written them."""
    with contextlib.suppress(ValueError, KeyError):
        state = json.loads(read(run / SERVICES_FILE))
        return f" (process {state['supervisor']}, {state['url']})"
    return ""


def read(path: Path) -> str:
    """A small file's text, empty if there is none."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text()
    return ""


def allow_many_files() -> None:
    """Raise the soft limit of open files as far as the hard one lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    sys.exit(main())
