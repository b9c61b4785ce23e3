"""A class that races, on a real site with one worker: all are told and served, and predictions beside go on."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.bare_site import BareSite
from tests.support.people import Caller
from tests.support.racing import Student, race_all

pytestmark = pytest.mark.late


@pytest.fixture
def desk(site: BareSite, alice: Caller, picture: dict) -> Iterator[BareSite]:
    """The site with one machine that answers visitors, warm."""
    site.stop("light", "light2", "machine2")
    site.start("machine1")
    alice.wait(alice.predict(picture)[1]["id"], 120)
    yield site


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
