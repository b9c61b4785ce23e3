"""A class that races, on a real site with one worker: all are told and served, and predictions beside go on."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.bare_site import BareSite
from tests.support.people import Caller, wait_for
from tests.support.racing import Student, race_all

pytestmark = pytest.mark.late

AT_ONCE = 4  # so many may be beside each other in a worker


@pytest.fixture
def desk(site: BareSite, alice: Caller, picture: dict) -> Iterator[BareSite]:
    """The site with one machine that answers visitors, warm."""
    site.stop("light", "light2", "machine2")
    site.start("machine1")
    alice.wait(alice.predict(picture)[1]["id"], 120)
    yield site
    site.python("from webapp.jobs import services\nfor job in services.Job.objects.open(): services.cancel(job)")


@pytest.mark.alone
@pytest.mark.walk  # how joining, turns and places work is tested where the test is the worker
@pytest.mark.parametrize(("count", "network"), [(8, "small"), (3, "lenet")])  # of a class `benchmarks.races` tells
def test_all_are_told_their_place_and_seconds_and_done_in_turn_and_predictions_go_on(
    desk: BareSite, alice: Caller, picture: dict, note: Callable[[str], None], count: int, network: str
) -> None:
    students = [Student(desk.new_person(), {"seed": seed, "network": network}) for seed in range(count)]
    took: list[float] = []
    for _round in race_all(students, within=count / 4):
        took += alice.latencies(picture, 2)
    took.sort()
    p95 = took[int(0.95 * len(took))]
    note(f"{count} races: p95 {p95:.2f} s of {len(took)} predictions, longest {took[-1]:.2f}")
    assert [one.status for one in students] == ["done"] * count
    assert all(one.told["position"] is None or one.told["position"] >= 1 for one in students)
    assert all(one.told["expected_seconds"] >= 1 for one in students)
    assert p95 <= 1.0


PREPARE = """
from webapp.lab.samples import ensure_samples
from webapp.learn.services import ensure_prepared
ensure_samples()
ensure_prepared()
"""
PREPARED = "from webapp.jobs.models import Job\nprint(Job.objects.filter(unasked=True, **{}).count())"


@pytest.mark.walk
def test_on_a_fresh_site_what_nobody_asked_for_waits_for_a_race(desk: BareSite, note: Callable[[str], None]) -> None:
    def prepared(**which: object) -> int:
        return int(desk.python(PREPARED.format(which)))

    student = Student(desk.new_person(), {"seed": 99, "network": "small"})
    desk.python(PREPARE)
    wait_for(lambda: prepared(status="done"), 30)
    student.race(0)
    race = student.caller.job(student.told["id"])
    left, meanwhile = prepared(finished=None), prepared(finished__range=(race["created"], race["finished"]))
    note(f"race done after {student.took:.1f} s; {meanwhile} of what nobody asked for meanwhile, {left} left")
    assert student.status == "done"
    assert meanwhile <= AT_ONCE < left  # what was at work already
