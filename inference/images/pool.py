"""The web process's side of decoding: at most two child processes, each given one picture at a time.

Thread-safe. A child that works on a picture for more than 2 s ends itself; one that gives no answer within 20 s is
ended, whatever keeps it. A child that is gone is replaced at once; the picture it had is refused.
"""

import atexit
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

from inference.images.protocol import READY, read_answer, send_request
from inference.images.refusal import BadImage, DecoderBusy

CHILDREN = 2
WORK_SECONDS = 2.0  # of processor time, which a busy machine leaves as it is
ANSWER_SECONDS = 20.0  # by the clock: also for a child that does nothing
START_SECONDS = 10.0  # for importing PIL on a busy machine
WAIT_SECONDS = 10.0  # for a child to come free
LINE = 32  # pictures at once, those that wait included: each holds one of the site's threads meanwhile
ROOT = Path(__file__).resolve().parents[2]
# One arena, and large blocks given back as soon as they are freed: what one picture took is there for the next.
ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "1048576",
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
}
# Without the first three some Pythons do not start; by the last the supervisor knows what belongs to its run.
INHERITED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "GIBBON_RUN")


def ask(data: bytes, preparation: str) -> tuple[bytes, int, int]:
    """(PNG, width, height) from the next free child; BadImage, or DecoderBusy when none comes free."""
    pool = _pool
    if not pool.line.acquire(blocking=False):
        raise DecoderBusy
    try:
        facts, png = pool.ask(data, preparation)
    finally:
        pool.line.release()
    if "code" in facts:
        raise BadImage(facts["code"], **facts["params"])
    return png, facts["width"], facts["height"]


def start() -> None:
    """Start both children without waiting for them."""
    for child in _pool.children:
        child.start()


def shutdown() -> None:
    """End both children; a later `ask` starts them anew."""
    for child in _pool.children:
        child.end()


class Pool:
    """Two children and the queue of those that are free; last in, first out keeps one warm."""

    def __init__(self) -> None:
        self.children = [Child() for _ in range(CHILDREN)]
        self.line = threading.Semaphore(LINE)
        self.free: queue.LifoQueue[Child] = queue.LifoQueue()
        for child in self.children:
            self.free.put(child)

    def ask(self, data: bytes, preparation: str) -> tuple[dict, bytes]:
        """The answer of the next child that comes free; DecoderBusy if none does in time."""
        try:
            child = self.free.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            raise DecoderBusy from None
        try:
            return child.ask(data, preparation)
        finally:
            self.free.put(child)


class Child:
    """One decoder process, started when first needed and again whenever it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the handle; never held while a picture is decoded
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False

    def ask(self, data: bytes, preparation: str) -> tuple[dict, bytes]:
        """The child's answer; BadImage when it dies of the picture or takes too long over it."""
        process = self._ready_process()
        watchdog = Watchdog(process, ANSWER_SECONDS)
        try:
            with watchdog:
                send_request(cast(BinaryIO, process.stdin), data, preparation)
                return read_answer(cast(BinaryIO, process.stdout))
        except (EOFError, OSError, ValueError) as error:
            self.end()
            self.start()  # at once, so that the next picture finds it ready
            slow = watchdog.struck or process.returncode == -signal.SIGPROF
            raise BadImage("too_slow" if slow else "damaged") from error

    def start(self) -> subprocess.Popen[bytes]:
        """The running process, a new one if there is none."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._discard()
                self._process, self._ready = _spawn(), False
            return self._process

    def end(self) -> None:
        """Kill the process, if there is one, and leave nothing of it."""
        with self._lock:
            self._discard()

    def forget(self) -> None:
        """After a fork: the process and its pipes are the parent's alone; here they must not hold it alive."""
        if self._process is None:
            return
        nowhere = os.open(os.devnull, os.O_RDWR)
        for pipe in (self._process.stdin, self._process.stdout):
            os.dup2(nowhere, cast(BinaryIO, pipe).fileno())
        os.close(nowhere)
        self._process.returncode = 0

    def _ready_process(self) -> subprocess.Popen[bytes]:
        process = self.start()
        if not self._ready:
            with Watchdog(process, START_SECONDS):
                self._ready = cast(BinaryIO, process.stdout).read(1) == READY
        if not self._ready:
            raise DecoderBusy
        return process

    def _discard(self) -> None:
        if self._process is not None:
            _bury(self._process)
            self._process = None


class Watchdog:
    """Kills the process when the block takes longer than it may; `struck` tells that it did."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.struck = False
        self._process = process
        self._timer = threading.Timer(seconds, self._strike)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.cancel()
        self._timer.join()  # else it might strike during the next picture

    def _strike(self) -> None:
        self.struck = True
        self._process.kill()


def _spawn() -> subprocess.Popen[bytes]:
    environment = ENVIRONMENT | {name: os.environ[name] for name in INHERITED if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-s", "-m", "inference.images.child", str(WORK_SECONDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment,
        close_fds=True,
    )


def _bury(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        try:
            cast(BinaryIO, pipe).close()
        except OSError:  # half a request was still in the buffer, and nobody reads it any more
            continue


def _after_fork() -> None:
    global _pool
    for child in _pool.children:
        child.forget()
    _pool = Pool()


_pool = Pool()
atexit.register(shutdown)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
