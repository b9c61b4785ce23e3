"""Where running processes are, by py-spy's samples: stacks, shared out over the steps of a visitor's story."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

RATE = 250  # samples a second
# The first line whose words are in a sampled stack, from its innermost frame outwards, names the step; a word that
# begins with ";" is the beginning of the frame.
STEPS = {
    "SSIM, distances": ("distances.py",),
    "PNG: writing": (";write_sign", ";write_change", ";write (", "_png"),
    "noise, moved pictures": (";step (", "_clip (", "controls.py", "noise.py"),
    "pictures: opening": ("inference/images/", "opened.py"),
    "verdicts": ("quick.py", "probabilities", "judged_alone", "_judge (", "judging.py"),
    "gradient": ("attacks/",),
    "other computing": ("inference/experiment/", "inference/data/", "inference/evaluation/"),  # networks: for whom?
    "database": ("django/db", "sqlite3", "psycopg"),
    "files": ("webapp/core/storage.py", "webapp/core/files.py", "django/core/files"),
    "templates": ("django/template",),
    "JSON": ("json/",),
    "events": ("channels", "webapp/jobs/events.py", "redis/asyncio", "asyncio_redis"),
    "sign of life": ("heartbeat.py",),
    "queue": ("kombu", "celery", "billiard", "redis/", "amqp"),
    "HTTP": ("uvicorn", "starlette", "ninja", "django", "asgiref", "websockets", "httptools", "asyncio", "concurrent"),
}
# Threads that wait here are now and then seen as if they ran; uvloop waits in Runner.run.
WAITING = ("_epoll.poll", "EpollSelector.select", "Condition.wait", "Runner.run", "_worker (", "get (", "wait (")


@contextmanager
def spied(pids: Mapping[str, int]) -> Iterator[dict[str, str]]:
    """Samples these processes, and those below them, during the block; afterwards the stacks of each by its name."""
    stacks: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="gibbon-") as folder:
        spies = [_spy(pid, Path(folder, name)) for name, pid in pids.items()]
        time.sleep(1)  # until they look
        try:
            yield stacks
        finally:
            for spy in spies:
                spy.send_signal(2)
                spy.wait()
        stacks |= {name: Path(folder, name).read_text() for name in pids}


def _spy(pid: int, file: Path) -> subprocess.Popen[bytes]:
    found = shutil.which("py-spy") or shutil.which("py-spy", path=str(Path(sys.executable).parent))
    assert found, "py-spy is not installed"
    how = ("--subprocesses", "--nonblocking", "--full-filenames", "--rate", str(RATE), "--format", "raw")
    command = [found, "record", "--pid", str(pid), *how, "--output", str(file)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def steps_of(text: str) -> Counter[str]:
    """Samples by step, of stacks written as `frame;frame;frame count`, the innermost frame last."""
    counts: Counter[str] = Counter()
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")[::-1]
        if not frames[0].startswith(WAITING):
            counts[step_of(frames)] += int(count)
    return counts


def step_of(frames: list[str]) -> str:
    """frames: innermost first."""
    for frame in frames:
        for step, words in STEPS.items():
            if any(word in f";{frame}" for word in words):
                return step
    return "other"
