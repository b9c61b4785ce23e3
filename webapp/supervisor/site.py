"""Which services make the site, from the environment that `./run` was started with."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from webapp.supervisor import broker
from webapp.supervisor.lifeline import PROJECT
from webapp.supervisor.service import Service

STAMP = "setup.stamp"
SETTLED_DELAY = 20.0  # seconds until setup looks again at a site where nothing has changed
TRAIN_DELAY = 12.0  # seconds; nobody waits for the train worker, so the visitors' one starts first
POLITE = 10  # the niceness of what nobody waits for
DECLARED = (
    "webapp/**/*.py",
    "attacks/**/*.py",
    "inference/catalog/*.py",
    "inference/assets/cards/*",
    "inference/assets/samples/*",
    "static/**/*",
    "requirements*.txt",
)


def services(environment: Mapping[str, str], *, run: Path, listener: int, settled: bool) -> list[Service]:
    """The table. `settled`: setup has nothing to do, so nothing waits for it."""
    own = [] if os.environ.get("REDIS_URL") else [broker_service(broker.socket_path(run))]
    housed = tuple(service.name for service in own)
    built = housed if settled else ("setup",)
    stamp = run / STAMP
    beside = {"GIBBON_SET_UP_FILE": str(stamp)}  # they load their code while the site is set up, and wait for its end
    threads = training_threads(environment)
    return [
        *own,
        Service(
            "setup",
            manage("setup"),
            niceness=POLITE if settled else 0,
            needs=housed,
            delay=SETTLED_DELAY if settled else 0,
            once=True,
            console=True,
            done=lambda: note_setup(stamp, fingerprint(environment)),
        ),
        Service(
            "web",
            (sys.executable, "-m", "webapp.supervisor.web", str(listener)),
            {"MALLOC_ARENA_MAX": "2", **beside},  # glibc's arenas per thread would keep memory that is long free
            needs=housed,
            keeps=(listener,),
        ),
        Service(
            "worker",
            manage("worker", "--queues", "interactive,sweep,study"),
            beside,
            needs=housed,
        ),
        Service("keeper", manage("keeper"), needs=built, delay=1.0),
        Service(
            "train",
            manage("worker", "--queues", "train"),
            {"GIBBON_TORCH_THREADS": threads},
            niceness=POLITE,
            needs=built,
            delay=TRAIN_DELAY,
        ),
    ]


def broker_service(path: Path) -> Service:
    """The embedded server; a socket left by a killed one is removed before each start."""
    return Service(
        "broker",
        broker.command(broker.find_binary(), path),
        grace=3,
        stops_last=True,
        prepare=lambda: path.unlink(missing_ok=True),
        ready=lambda: broker.answers(path),
    )


def manage(*words: str) -> tuple[str, ...]:
    """A management command of the site."""
    return (sys.executable, "manage.py", *words)


def training_threads(environment: Mapping[str, str]) -> str:
    """Half the cores, so that a training leaves room for the visitors' worker; or as told."""
    return environment.get("GIBBON_TORCH_THREADS") or str(max(1, (os.cpu_count() or 1) // 2))


def note_setup(stamp: Path, done: str) -> None:
    """Setup came to its end; on a full disk the file says less, and setup runs at the next start, too."""
    with contextlib.suppress(OSError):
        stamp.write_text(done)


def is_settled(run: Path, environment: Mapping[str, str]) -> bool:
    """Whether setup came to its end here and nothing it depends on has changed since."""
    stamp, data = run / STAMP, Path(environment["GIBBON_DATA"])
    if "DATABASE_URL" not in environment and not (data / "db.sqlite3").exists():
        return False
    return stamp.exists() and stamp.read_text() == fingerprint(environment)


def fingerprint(environment: Mapping[str, str]) -> str:
    """Changes when setup may have something to do: with the code, static files, cards, or the database's address."""
    places = [environment.get(name) for name in ("DATABASE_URL", "GIBBON_MEDIA", "GIBBON_STORAGE")]
    digest = hashlib.sha256(repr([*places, sys.version]).encode())
    for path in sorted(declared_files()):
        facts = path.stat()
        digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def declared_files() -> Iterator[Path]:
    """What setup reads."""
    for pattern in DECLARED:
        yield from (path for path in PROJECT.glob(pattern) if path.is_file() and "__pycache__" not in path.parts)
