"""The worker with its network, on the whole site as `./run` starts it: killed at work, overtaken, followed, deleted."""

import json
import os
import re
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.people import ENDED, Guest, wait_for
from tests.support.pictures import noise_png
from tests.support.walks import first

pytestmark = pytest.mark.late

AT_ONCE = 4  # so many may be beside each other in a worker


@pytest.fixture
def new_guests(live) -> Iterator[Callable[[int], list[Guest]]]:
    """Makes visitors of a site that is ready and has attacked its samples; what they brought is deleted afterwards."""
    live.wait_ready()
    wait_for(lambda: not re.search(r'"attack",status="(queued|running)"', metrics(live)), 120)
    made: list[Guest] = []

    def make(count: int) -> list[Guest]:
        new = [Guest(live.url) for _ in range(count)]
        made.extend(new)
        return new

    yield make
    for guest in made:
        for picture in guest.call("GET", "/api/v1/images")[1]:
            guest.call("DELETE", f"/api/v1/images/{picture['id']}")


@pytest.fixture
def guest(new_guests) -> Guest:
    return new_guests(1)[0]


@pytest.mark.parametrize("count", first([5, 50]))
def test_attacks_survive_a_killed_child_and_a_killed_worker(live, new_guests, count: int) -> None:
    guests, before = new_guests(5), results(live)
    attacks = [(guest, guest.attack(guest.upload(noise_png()))) for _ in range(count // 5) for guest in guests]

    wait_for(lambda: ended(attacks) >= count // 10, 120)
    computing(live.pid("worker")).send_signal(signal.SIGKILL)
    wait_for(lambda: ended(attacks) >= count * 2 // 5, 120)
    live.kill("worker", everyone=True)

    wait_for(lambda: live.status("/readyz") == 503, 30)  # its lease has run out
    live.wait_ready()
    took = wait_for(lambda: ended(attacks) == count, 30, lambda: ended(attacks))
    print(f"after the worker was back: {took:.1f} s")
    done = [guest.job(job) for guest, job in attacks]
    assert {job["status"] for job in done} == {"done"}
    assert sum(job["attempts"] > 1 for job in done) <= 2 * AT_ONCE  # those beside each other, twice interrupted
    assert max(job["attempts"] for job in done) <= 3
    sweeps = {job["result"]["sweep_job"] for job in done}
    begun = {job["id"] for guest in guests for job in guest.call("GET", "/api/v1/jobs")[1] if job["kind"] == "sweep"}
    assert len(sweeps) == count and begun == sweeps
    named = {path for job in done for path in (job["result"]["sign_url"], job["result"]["adversarial"]["image_url"])}
    left = len(results(live) - before) - len(named)
    assert len(named) == 2 * count
    assert 0 <= left <= 4  # killed between its two files, or between them and its row: the keeper sweeps later


@pytest.mark.walk
@pytest.mark.skipif(os.environ.get("GIBBON_JOBS_AT_ONCE", "4") == "1", reason="nobody is in company")
def test_attacks_beside_each_other_whose_worker_is_killed_are_each_done_once(live, new_guests) -> None:
    guests, before = new_guests(8), results(live)
    pictures = [(guest, guest.upload(noise_png())) for guest in guests]
    live.kill("worker", signal.SIGSTOP, everyone=True)  # until all of them wait
    attacks = [(guest, guest.attack(picture)) for guest, picture in pictures]

    with live.standing_still("worker", lambda: re.search(r'"attack",status="running"} [2-9]', metrics(live))):
        computing(live.pid("worker")).kill()
    wait_for(lambda: ended(attacks) == len(attacks), 60, lambda: ended(attacks))
    done = [guest.job(job) for guest, job in attacks]
    assert {job["status"] for job in done} == {"done"}
    again = [job for job in done if job["attempts"] > 1]
    assert 2 <= len(again) <= AT_ONCE and {job["attempts"] for job in again} == {2}
    begun = [job["id"] for guest in guests for job in guest.call("GET", "/api/v1/jobs")[1] if job["kind"] == "sweep"]
    assert sorted(begun) == sorted(job["result"]["sweep_job"] for job in done)
    assert len(results(live) - before) - 2 * len(done) in (0, 1, 2)  # killed between its files and its row


def test_an_attack_overtakes_waiting_sweeps(new_guests) -> None:
    guests = new_guests(7)
    early = [(guest, guest.attack(guest.upload(noise_png()))) for guest in guests[:-1]]
    sweeps = [(guest, guest.wait(job)["result"]["sweep_job"]) for guest, job in early]
    late = guests[-1].wait(guests[-1].attack(guests[-1].upload(noise_png())))
    waiting = [job for job in (guest.job(sweep) for guest, sweep in sweeps) if job["status"] not in ENDED]
    assert late["status"] == "done"
    assert len([job for job in waiting if job["created"] < late["created"]]) >= 3  # overtaken


def test_what_is_deleted_while_it_runs_does_not_reappear(live, new_guests) -> None:
    [guest, other], before = new_guests(2), results(live)
    pictures = [guest.upload(noise_png(256)) for _ in range(6)]
    jobs = [guest.attack(picture) for picture in pictures]
    wait_for(lambda: any(guest.job(job)["status"] == "running" for job in jobs) or ended([(guest, jobs[-1])]), 30)
    for picture in pictures:
        assert guest.call("DELETE", f"/api/v1/images/{picture['id']}")[0] == 204
    other.wait(other.attack(other.upload(noise_png())))  # the worker has gone through everything before this
    assert {guest.call("GET", f"/api/v1/jobs/{job}")[0] for job in jobs} == {404}
    assert guest.call("GET", "/api/v1/jobs")[1] == guest.call("GET", "/api/v1/images")[1] == []
    assert len(results(live) - before) == 2


def test_a_socket_tells_every_step_and_ends_with_the_result(guest: Guest) -> None:
    job = guest.attack(guest.upload(noise_png()))
    with guest.follow(job) as socket:
        told = [json.loads(message) for message in socket]  # until the site closes it
    assert told[-1]["status"] == "done" and told[-1]["result"]["sweep_job"]
    assert told[-1] == guest.job(job)
    assert all(one["status"] not in ENDED for one in told[:-1])


@pytest.mark.alone
def test_a_socket_opened_after_the_end_tells_the_end_within_two_seconds(guest: Guest) -> None:
    job = guest.attack(guest.upload(noise_png()))
    guest.wait(job)
    start = time.monotonic()
    with guest.follow(job) as socket:
        assert json.loads(socket.recv())["status"] == "done"
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=2)
    assert time.monotonic() - start < 2


@pytest.mark.alone
def test_whose_socket_drops_in_the_middle_learns_the_end_within_two_seconds_of_it(guest: Guest) -> None:
    job = guest.attack(guest.upload(noise_png()))
    with guest.follow(job) as socket:
        socket.recv()
        socket.socket.close()  # no goodbye
    with guest.follow(job) as again:
        last = [json.loads(message) for message in again][-1]
    seen = time.time()
    assert last["status"] == "done"
    assert seen - datetime.fromisoformat(last["finished"]).timestamp() < 2


@pytest.mark.walk
def test_who_waits_is_told_the_new_place_and_after_a_restart_of_the_broker_the_end(live, new_guests) -> None:
    first, second = new_guests(2)
    live.stop("worker")
    ahead = first.attack(first.upload(noise_png()))
    with second.follow(second.attack(second.upload(noise_png()))) as socket:
        assert json.loads(socket.recv())["position"] == 2
        assert first.call("DELETE", f"/api/v1/jobs/{ahead}")[0] == 202
        assert json.loads(socket.recv(timeout=5))["position"] == 1
        live.kill("broker")
        live.start("worker")
        assert [json.loads(message) for message in socket][-1]["status"] == "done"


def ended(attacks: list[tuple[Guest, str]]) -> int:
    return sum(guest.job(job)["status"] in ENDED for guest, job in attacks)


def results(live) -> set[Path]:
    return {path for path in (live.data / "media" / "results").rglob("*") if path.is_file()}


def metrics(live) -> str:
    with urllib.request.urlopen(f"{live.url}/metrics", timeout=10) as response:
        return response.read().decode()


def computing(pid: int) -> psutil.Process:
    """The process below a worker's parent that has the network in memory."""
    return max(psutil.Process(pid).children(recursive=True), key=lambda process: process.memory_info().rss)
