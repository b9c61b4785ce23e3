"""The child processes: at most two, replaced when they die or hang, gone with their parent, within their memory."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from PIL import Image

from inference import images
from inference.images import BadImage, DecoderBusy, canonicalise, pool, prepare, shutdown
from inference.images.protocol import READY, read_answer, send_request
from tests.support.live import wait_until
from tests.support.paths import ROOT
from tests.support.picture_files import encoded, endless_bmp, marked, png_bomb, scene
from tests.support.walks import first

PICTURE = encoded(scene())


def decoders(parent: int | None = None) -> list[psutil.Process]:
    return [child for child in psutil.Process(parent).children() if "inference.images.child" in child.cmdline()]


@pytest.fixture(autouse=True)
def fresh_children():
    shutdown()
    yield
    shutdown()
    assert decoders() == []


def test_the_child_gives_the_very_same_picture_as_this_process():
    for picture in (marked(scene()), marked(scene(900, 500))):
        for preparation in images.PREPARATIONS:
            data = encoded(picture, "JPEG")
            assert prepare(data, preparation) == canonicalise(data, preparation)


def test_one_child_serves_many_pictures():
    prepare(PICTURE, "photo")
    (child,) = decoders()
    for _ in range(20):
        prepare(PICTURE, "photo")
    assert decoders() == [child]


def test_sixteen_threads_share_two_children():
    pictures = [encoded(scene(60 + number, 50)) for number in range(64)]
    with ThreadPoolExecutor(16) as threads:
        made = list(threads.map(lambda data: prepare(data, "photo"), pictures))
    assert [picture.width for picture in made] == [60 + number for number in range(64)]
    assert len(decoders()) == 2


def test_a_killed_child_is_replaced():
    prepare(PICTURE, "photo")
    (child,) = decoders()
    child.kill()
    psutil.wait_procs([child], timeout=5)
    assert prepare(PICTURE, "photo").width == 96
    assert decoders() != [child]


def test_a_child_killed_in_mid_picture_is_replaced_and_the_picture_refused():
    prepare(PICTURE, "photo")
    (child,) = decoders()
    threading.Timer(0.3, child.kill).start()
    with pytest.raises(BadImage) as caught:
        prepare(endless_bmp(), "photo")
    assert caught.value.code == "damaged"
    assert prepare(PICTURE, "photo").width == 96


def worked_by_those_gone() -> float:
    """The processor seconds of every child of this process that has ended."""
    times = os.times()
    return times.children_user + times.children_system


def test_a_picture_that_takes_for_ever_is_refused_after_the_time_it_may_work(monkeypatch):
    monkeypatch.setattr(pool, "WORK_SECONDS", 0.5)
    monkeypatch.setattr(pool, "ANSWER_SECONDS", 120)
    prepare(PICTURE, "photo")
    (child,) = decoders()
    before = worked_by_those_gone() + sum(child.cpu_times()[:2])
    with pytest.raises(BadImage) as caught:
        prepare(endless_bmp(), "photo")
    assert caught.value.code == "too_slow"
    assert 0.4 < worked_by_those_gone() - before < 0.9
    assert prepare(PICTURE, "photo").width == 96


def test_who_waits_longer_for_the_processor_than_it_may_work_is_answered(monkeypatch):
    monkeypatch.setattr(pool, "WORK_SECONDS", 0.5)
    prepare(PICTURE, "photo")
    (child,) = decoders()
    child.suspend()
    threading.Timer(1.0, child.resume).start()
    assert prepare(PICTURE, "photo").width == 96
    assert decoders() == [child]


@pytest.mark.parametrize("size", first([2000, 8]), ids=["does not fit a pipe", "fits"])
def test_a_child_that_does_nothing_is_ended_by_the_clock(monkeypatch, size):
    monkeypatch.setattr(pool, "ANSWER_SECONDS", 0.5)
    prepare(PICTURE, "photo")
    (child,) = decoders()
    child.suspend()
    started = time.monotonic()
    with pytest.raises(BadImage) as caught:
        prepare(encoded(Image.effect_noise((size, size), 90)), "photo")
    assert 0.5 <= time.monotonic() - started < 20  # a new child is made meanwhile, on a machine that is busy
    assert caught.value.code == "too_slow"
    monkeypatch.undo()
    assert prepare(PICTURE, "photo").width == 96


def test_when_both_children_are_taken_the_third_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(pool, "WORK_SECONDS", 0.5)
    with ThreadPoolExecutor(2) as threads:
        slow = [threads.submit(prepare, endless_bmp(), "photo") for _ in range(2)]
        wait_until(pool._pool.free.empty, "a child is free", within=10)
        with pytest.raises(DecoderBusy) as caught:
            prepare(PICTURE, "photo")
        assert caught.value.retry_after > 0
        assert {future.exception().code for future in slow} == {"too_slow"}
    assert prepare(PICTURE, "photo").width == 96


def test_whoever_finds_the_line_full_does_not_wait(monkeypatch):
    monkeypatch.setattr(pool._pool, "line", threading.Semaphore(1))
    monkeypatch.setattr(pool, "WORK_SECONDS", 1.0)
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(prepare, endless_bmp(), "photo")
        wait_until(lambda: not pool._pool.line._value, "nobody is in the line", within=10)
        started = time.monotonic()
        with pytest.raises(DecoderBusy):
            prepare(PICTURE, "photo")
        assert time.monotonic() - started < pool.WAIT_SECONDS / 2
        assert slow.exception().code == "too_slow"
    assert prepare(PICTURE, "photo").width == 96


def test_what_needs_no_decoder_is_refused_without_one():
    for data in (b"", b"words", b"\xff\xd8\xff" + b"\0" * 20_000_000):
        with pytest.raises(BadImage):
            prepare(data, "photo")
    assert decoders() == []


def test_the_child_knows_nothing_of_us(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for strangers' pictures")
    with open(__file__) as ours:
        os.set_inheritable(ours.fileno(), True)
        prepare(PICTURE, "photo")
        (child,) = decoders()
        assert "SECRET_KEY" not in child.environ()
        assert child.environ()["MALLOC_ARENA_MAX"] == "1"
        assert [file.path for file in child.open_files() if file.path == __file__] == []


def test_start_has_both_children_ready():
    images.start()
    wait_until(lambda: len(decoders()) == 2, "a decoder is missing", within=10)


PARENT = """
import sys, threading
from tests.support.picture_files import encoded, endless_bmp, scene
from inference import images
from inference.images import pool
pool.WORK_SECONDS = 0.5
images.prepare(encoded(scene()), "photo")
if sys.argv[1] == "busy":
    threading.Thread(target=images.prepare, args=(endless_bmp(), "photo"), daemon=True).start()
    threading.Event().wait(0.2)
print("ready", flush=True)
threading.Event().wait(60)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_children_go_when_their_parent_is_killed(state):
    """A busy one after half a second of processor time, however long this takes here."""
    command = [sys.executable, "-c", PARENT, state]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b"ready\n"
        children = decoders(parent.pid)
        parent.kill()
        gone, alive = psutil.wait_procs(children, timeout=30)
    assert (len(gone), alive) == (1, [])


def test_a_forked_process_neither_uses_nor_holds_its_parents_children():
    prepare(PICTURE, "photo")
    (child,) = decoders()
    reading, writing = os.pipe()
    ours = os.fork()
    if ours == 0:
        os.write(writing, str(prepare(PICTURE, "photo").width).encode())
        shutdown()
        os._exit(0)
    assert os.read(reading, 10) == b"96"
    assert os.waitpid(ours, 0)[1] == 0
    assert decoders() == [child]
    assert prepare(PICTURE, "photo").width == 96
    for end in (reading, writing):
        os.close(end)


def test_control_c_is_left_to_the_parent():
    prepare(PICTURE, "photo")
    (child,) = decoders()
    child.send_signal(signal.SIGINT)
    prepare(PICTURE, "photo")
    assert decoders() == [child]


def test_a_picture_beyond_the_memory_limit_is_refused_and_the_child_lives_on():
    """The limit lowered to 60 MB, since every file that passes the limits on pixels stays below the real one."""
    code = "import inference.images.child as d; d.MEMORY_BYTES = 60 * 2**20; d.main(60)"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, **pipes) as child:
        assert child.stdout.read(1) == READY
        send_request(child.stdin, png_bomb(5000, 5000, colour=6), "photo")
        facts, _ = read_answer(child.stdout)
        limited = sys.platform.startswith("linux")  # macOS knows the limit and ignores it
        assert facts.get("code") == ("too_demanding" if limited else None)
        send_request(child.stdin, PICTURE, "photo")
        assert read_answer(child.stdout)[0] == {"width": 96, "height": 64}
        child.stdin.close()
        assert child.wait(5) == 0


class PeakMemory:
    """The most memory (RSS, bytes) that this process and its decoders held in the block above what they began with."""

    def __enter__(self):
        self._over = threading.Event()
        self._start, self.growth = self._now(), 0
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._over.set()
        self._thread.join()

    def _watch(self):
        while not self._over.wait(0.004):
            self.growth = max(self.growth, self._now() - self._start)

    def _now(self) -> int:
        total = 0
        for process in (psutil.Process(), *decoders()):
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total


def flat(width: int, height: int, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height), (200, 100, 50, 25)[: len(mode)])


LARGEST = {
    "JPEG of 50 megapixels": lambda: encoded(flat(8164, 6123), "JPEG"),
    "progressive JPEG of 25": lambda: encoded(flat(5000, 5000), "JPEG", progressive=True, subsampling=0),
    "progressive CMYK JPEG of 18": lambda: encoded(flat(4240, 4240, "CMYK"), "JPEG", progressive=True),
    "PNG with alpha of 25": lambda: png_bomb(5000, 5000, colour=6),
    "16-bit PNG of 25": lambda: png_bomb(5000, 5000, depth=16),
    "GIF of 25": lambda: encoded(Image.new("P", (5000, 5000)), "GIF"),
    "WebP of 12": lambda: encoded(flat(4000, 3000), "WEBP", method=0),
    "WebP with alpha of 12": lambda: encoded(flat(4000, 3000, "RGBA"), "WEBP", lossless=True, method=0),
}


@pytest.mark.parametrize("make", first(LARGEST.values()), ids=LARGEST)
def test_the_largest_pictures_open_within_256_megabytes(make, monkeypatch):
    monkeypatch.setattr(pool, "WORK_SECONDS", 60)  # this is about memory
    data = make()
    prepare(PICTURE, "photo")
    with PeakMemory() as peak:
        made = prepare(data, "photo")
    assert made.width == 768
    assert 10e6 < peak.growth < 256e6 - 20e6  # the file itself may have 20 MB more than these
