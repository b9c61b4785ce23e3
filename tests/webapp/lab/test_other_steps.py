"""What one step leaves as it is and many steps do not, told where one step is shown; and what one step needs."""

import io
from collections.abc import Callable
from dataclasses import asdict, replace
from html import escape
from typing import Any

import pytest

from inference.catalog.results import PointControl, Saved, SweepPoint
from tests.support.cast import Person
from tests.support.finished import ATTACKED, SWEPT, finish, png, scored
from tests.webapp.lab.test_address import state_of
from webapp.jobs.models import Job
from webapp.lab.models import Attack, Sweep
from webapp.lab.steps import MANY

Told = Callable[[str], dict[str, Any]]


@pytest.fixture
def told(alice: Person) -> Told:
    """What her page at that attack says of the other number of steps."""

    def ask(job: str) -> dict[str, Any]:
        answer = alice.get(f"/lab/{job}/steps.json")
        assert answer.status_code == 200
        return answer.json()

    return ask


def attacked(person: Person, picture: dict[str, Any], attack: str, *, to: int = 0, target: int | None = None, **params):
    """A finished attack, after which the network says class `to`; 0 is what it said before."""
    job = person.attack(picture["id"], {"epsilon": 2, "target": target, **params}, attack=attack).json()["id"]
    finish(job)
    result = replace(
        ATTACKED,
        adversarial=Saved([scored(to, 0.6)], "0" * 64),
        target=None if target is None else scored(target),
        fooled=to != 0,
        reached=None if target is None else to == target,
    )
    Attack.objects.filter(pk=job).update(result=asdict(result))
    return job


def judged(job: str, tops: dict[int, int], target: int | None = None) -> None:
    """Its sweep or search ends with these classes at these budgets."""
    row = Attack.objects.get(pk=job).current_sweep()
    points = [SweepPoint(k, scored(top), [0.5, 0.2], PointControl(scored(0), 0.5)) for k, top in tops.items()]
    breaks = next((k for k, top in tops.items() if top != 0), None)
    reached = next((k for k, top in tops.items() if top == target), None)
    finish(row.pk)
    result = replace(SWEPT, values=list(tops), points=points, breaks_at=breaks, reached_at=reached)
    Sweep.objects.filter(pk=row.pk).update(result=asdict(result))


def held(person: Person, picture: dict[str, Any], target: int | None = None) -> str:
    """One step that changes nothing at any level."""
    job = attacked(person, picture, "fgsm", target=target)
    judged(job, dict.fromkeys(range(33), 0))
    return job


def searched(person: Person, job: str, tops: dict[int, int], target: int | None = None) -> None:
    assert person.post("/api/v1/jobs", {"kind": "sweep", "of": job}).status_code == 202
    judged(job, tops, target)


def words(said: dict[str, Any]) -> tuple[str, str]:
    return "".join(part["text"] for part in said["sentence"]).replace("\u00a0", " ").removeprefix(" "), said["line"]


def test_many_steps_are_offered_where_one_step_fails_and_nobody_has_taken_them(
    alice: Person, picture: dict[str, Any], told: Told
) -> None:
    job = held(alice, picture)
    assert told(job) == {
        "of": job,
        "sentence": [],
        "line": "Many steps may find what one step misses.",
        "page": None,
        "offered": True,
    }


def test_what_many_steps_found_is_told_with_the_way_to_it(alice: Person, picture: dict[str, Any], told: Told) -> None:
    one = held(alice, picture)
    many = attacked(alice, picture, "pgd", to=3, steps=10)
    page = Job.objects.get(pk=many).result().page()
    assert words(told(one)) == ("Ten steps (PGD) make it a class 3, at 2/255.", "Ten steps (PGD) do, at 2/255.")
    assert (told(one)["page"], told(one)["offered"]) == (page, False)
    chinese = alice.get(f"/lab/{one}/steps.json", headers={"Accept-Language": "zh-CN"}).json()
    assert chinese["line"] == "PGD（10 步）在 2/255 时可以改变答案。"

    searched(alice, many, {0: 0, 1: 5, 2: 3})
    assert words(told(one)) == ("Ten steps (PGD) make it a class 5, at 1/255.", "Ten steps (PGD) do, at 1/255.")
    state = state_of(alice, f"/lab/{one}/")
    assert state["other_steps"] == told(one)
    shown = alice.get(f"/lab/{one}/").content.decode()
    assert "Ten steps (PGD) make it " in shown and f'data-other-page href="{escape(page)}"' in shown


def test_of_several_the_one_that_needs_least_is_told(alice: Person, picture: dict[str, Any], told: Told) -> None:
    one = held(alice, picture)
    attacked(alice, picture, "pgd", to=3, epsilon=4)
    attacked(alice, picture, "bim", to=4, epsilon=3, steps=40)
    attacked(alice, picture, "mi-fgsm", to=5, epsilon=3, steps=13)
    attacked(alice, picture, "apgd-ce", epsilon=2, steps=10)  # it fails
    assert told(one)["line"] == "13 steps (MI-FGSM) do, at 3/255."


def test_that_many_steps_fail_too_is_told_with_how_far_they_went(
    alice: Person, picture: dict[str, Any], told: Told
) -> None:
    one = held(alice, picture)
    many = attacked(alice, picture, "pgd", steps=20)
    assert words(told(one)) == (
        "20 steps (PGD) do not change it at 2/255, either.",
        "20 steps (PGD) do not change it at 2/255, either.",
    )
    searched(alice, many, {0: 0, 2: 0, 32: 0})
    assert told(one)["line"] == "20 steps (PGD) do not change it at 32/255, either."


def test_the_goal_is_the_same_or_more_than_it(alice: Person, picture: dict[str, Any], told: Told) -> None:
    away, towards = held(alice, picture), held(alice, picture, target=7)
    attacked(alice, picture, "pgd", to=3, steps=10)
    assert told(towards)["offered"]  # to get away is not to reach the class
    attacked(alice, picture, "pgd", to=7, target=7, epsilon=1, steps=10)
    assert words(told(towards)) == ("Ten steps (PGD) reach class 7, at 1/255.",) * 2
    assert told(away)["line"] == "Ten steps (PGD) do, at 1/255."  # whoever reaches a class has left the first

    other = held(alice, picture, target=8)
    attacked(alice, picture, "pgd", to=3, target=8, steps=10)
    assert words(told(other)) == (
        "Ten steps (PGD) do not reach class 8 at 2/255, either.",
        "Ten steps (PGD) do not reach class 8 at 2/255, either.",
    )


def test_nothing_is_said_where_one_step_is_enough_or_not_judged_yet(
    alice: Person, picture: dict[str, Any], told: Told
) -> None:
    attacked(alice, picture, "pgd", to=1)
    job = attacked(alice, picture, "fgsm", to=1)
    assert not told(job)["line"] and not told(job)["offered"]
    judged(job, {0: 0, 1: 0, 2: 1})
    assert not told(job)["line"] and not told(job)["offered"]


def test_where_a_search_has_found_the_smallest_it_is_told_what_one_step_needs(
    alice: Person, picture: dict[str, Any], told: Told
) -> None:
    many = attacked(alice, picture, "pgd", to=3)
    one = attacked(alice, picture, "fgsm", to=0)
    judged(one, {0: 0, 7: 0, 8: 4})
    assert not told(many)["line"]  # its own strength says nothing of the smallest
    searched(alice, many, {0: 0, 2: 0, 3: 3})
    assert (told(many)["line"], told(many)["sentence"]) == ("One FGSM step needs 8/255.", [])
    judged_never = held(alice, alice.upload(io.BytesIO(png())).json())
    assert told(judged_never)["offered"]


def test_of_others_nobody_is_told_but_of_everybodys_everybody(
    alice: Person, bob: Person, picture: dict[str, Any], sample: Any, told: Told
) -> None:
    everybodys = {"id": str(sample.pk)}
    one = str(Attack.objects.get(picture=sample).pk)
    judged(one, dict.fromkeys(range(33), 0))
    attacked(bob, everybodys, "pgd", to=3)
    assert told(one)["offered"]
    attacked(alice, everybodys, "pgd", to=4, epsilon=5)
    assert "at 5/255" in told(one)["line"]
    assert "at 2/255" in bob.get(f"/lab/{one}/steps.json").json()["line"]
    Job.objects.filter(attack__picture=sample).update(visitor=None)
    assert "at 2/255" in told(one)["line"]
    own = held(alice, picture)
    assert bob.get(f"/lab/{own}/steps.json").status_code == 404


def test_a_shared_page_tells_of_no_other_attack(alice: Person, picture: dict[str, Any]) -> None:
    one = held(alice, picture)
    attacked(alice, picture, "pgd", to=3)
    address = alice.post(f"/api/v1/jobs/{one}/share").json()["url"]
    assert state_of(Person(), address)["other_steps"] is None
    assert "(PGD)" not in Person().get(address).content.decode().partition("</script>")[2].partition("derivation")[0]


def test_many_steps_are_those_that_may_and_know_what_the_one_step_does() -> None:
    assert MANY == ("bim", "mi-fgsm", "pgd", "apgd-ce", "apgd-t")
