"""The broker stops, hangs or forgets: pages and uploads go on, and what was asked for is done when it is back."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.bare_site import BareSite
from tests.support.people import Caller, status_of, wait_for
from webapp.supervisor import broker

pytestmark = pytest.mark.late

PAGES = ("/", "/about/", "/pictures/", "/api/v1/jobs")  # on a busy machine they take their time with a broker, too


@contextmanager
def stopped(lab: BareSite) -> Iterator[None]:
    lab.kill("broker")
    try:
        yield
    finally:
        lab.socket.unlink(missing_ok=True)
        lab.start("broker")
        wait_for(lambda: broker.answers(lab.socket), 10)


@contextmanager
def hung(lab: BareSite) -> Iterator[None]:
    """Connections are taken, nothing is answered."""
    lab.processes["broker"].send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        lab.processes["broker"].send_signal(signal.SIGCONT)


@pytest.mark.alone
@pytest.mark.walk
@pytest.mark.parametrize("trouble", [stopped, hung])
def test_without_a_broker_pages_take_a_second_posts_two_and_nothing_is_lost(
    lab: BareSite, alice: Caller, picture: dict, trouble
) -> None:
    before, waiting = len(lab.notes("note")), lab.redis("LLEN", "gibbon-interactive")
    alone, (status, _) = timed(lambda: alice.predict(picture))  # connections are open when it happens
    assert status == 202
    pages = {path: timed(lambda path=path: status_of(lab.url + path))[0] for path in PAGES}
    with trouble(lab):
        for _ in range(3):
            seconds, (status, answer) = timed(lambda: alice.predict(picture))
            assert status in (202, 503) and seconds <= 2 + alone, (status, seconds, alone, answer)
        for path in PAGES:
            seconds, status = timed(lambda path=path: status_of(lab.url + path))
            assert status == 200 and seconds <= 1 + pages[path], (path, status, seconds, pages)
        jobs = lab.create_jobs("note", 5)
        assert len(lab.notes("note")) == before
    wait_for(lambda: len(lab.notes("note")) >= before + 5, 60, lambda: lab.log("light")[-2000:])
    assert sorted(lab.notes("note")[before:]) == sorted(jobs)
    told = 4 + (0 if trouble is stopped else int(waiting[1:]))
    wait_for(lambda: int(lab.redis("LLEN", "gibbon-interactive")[1:]) >= told, 20)


@pytest.mark.walk
def test_what_the_broker_forgot_is_sent_again(lab: BareSite) -> None:
    lab.stop("light", "light2")
    before = len(lab.notes("note"))
    jobs = lab.create_jobs("note", 20)
    wait_for(lambda: lab.redis("LLEN", "gibbon-train") == b":20\r\n", 10)
    assert lab.redis("FLUSHALL") == b"+OK\r\n"
    lab.start("light", "light2")
    took = wait_for(lambda: len(lab.notes("note")) >= before + 20, 120)
    assert sorted(lab.notes("note")[before:]) == sorted(jobs)
    print(f"20 jobs after FLUSHALL: {took:.1f} s")


def timed(call):
    """(seconds, what it returned)."""
    start = time.monotonic()
    result = call()
    return time.monotonic() - start, result
