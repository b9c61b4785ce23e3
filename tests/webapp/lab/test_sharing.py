"""A share link: off by default, made and revoked by the owner, and nothing but that one attack behind it."""

import re
from typing import Any

import pytest

from tests.support.cast import Person
from tests.support.finished import finish
from webapp.jobs.models import Job
from webapp.lab.models import Attack


@pytest.fixture
def address(alice: Person, attack: Attack) -> str:
    """Where Alice's attack is shared."""
    response = alice.post(f"/api/v1/jobs/{attack.pk}/share")
    assert response.status_code == 200
    return response.json()["url"]


def pictures_of(address: str) -> list[str]:
    return [f"{address}{which}.png" for which in ("original", "adversarial", "sign")]


def test_an_attack_is_not_shared_before_its_owner_says_so(alice: Person, attack: Attack) -> None:
    assert attack.job.share_token is None
    assert Person().get(f"/s/{attack.pk}/").status_code == 404
    assert Person().get("/s/None/").status_code == 404


def test_whoever_has_the_address_sees_page_and_pictures(address: str) -> None:
    stranger = Person()

    page = stranger.get(address)

    assert page.status_code == 200
    for picture in pictures_of(address):
        assert stranger.get(picture)["Content-Type"] == "image/png"
    state = stranger.get(f"{address}state.json").json()
    assert state["job"]["result"]["adversarial"]["image_url"] == f"{address}adversarial.png"
    assert "visitor" not in stranger.client.cookies


def test_the_address_cannot_be_guessed_and_stays_the_same(alice: Person, attack: Attack, address: str) -> None:
    assert re.fullmatch(r"/s/[\w-]{22}/", address)
    assert alice.post(f"/api/v1/jobs/{attack.pk}/share").json()["url"] == address


def test_a_revoked_address_is_dead_at_once_and_for_ever(alice: Person, attack: Attack, address: str) -> None:
    stranger = Person()
    tag = stranger.get(pictures_of(address)[0])["ETag"]

    assert alice.delete(f"/api/v1/jobs/{attack.pk}/share").json() == {"url": None}

    for place in (address, f"{address}state.json", *pictures_of(address)):
        assert stranger.get(place, headers={"If-None-Match": tag}).status_code == 404
    assert alice.post(f"/api/v1/jobs/{attack.pk}/share").json()["url"] != address
    assert stranger.get(address).status_code == 404


def test_deleting_the_picture_ends_the_sharing(alice: Person, attack: Attack, address: str) -> None:
    alice.delete(f"/api/v1/images/{attack.picture_id}")

    assert Person().get(address).status_code == 404


def test_a_shared_page_shows_nothing_else_of_its_owner(alice: Person, attack: Attack, address: str, point: Job) -> None:
    other = finish(alice.attack(str(attack.picture_id), {"epsilon": 9}).json()["id"])
    visitor = str(attack.job.visitor_id)

    page = Person().get(address).content.decode()
    state = Person().get(f"{address}state.json").content.decode()

    for text in (page, state):
        for hidden in (str(other.pk), str(point.pk), visitor, "/images/", "/results/", "/pictures/x"):
            assert hidden not in text, hidden
    assert "csrfmiddlewaretoken" not in page
    sweep = attack.current_sweep()
    assert sweep
    for place in (f"/images/{attack.picture_id}.png", f"/lab/{attack.pk}/", f"/api/v1/jobs/{sweep.pk}"):
        assert Person().get(place).status_code == 404


def test_a_shared_page_changes_nothing(bob: Person, attack: Attack, address: str) -> None:
    for method in ("POST", "DELETE", "PUT"):
        for place in (address, f"{address}state.json", *pictures_of(address)):
            assert bob.request(method, place).status_code == 405
    assert bob.post(f"/api/v1/jobs/{attack.pk}/points/3").status_code == 404


@pytest.mark.parametrize("which", ["level", "picture", "..", "adversarial.png", "file"])
def test_only_the_three_pictures_are_served(address: str, which: str) -> None:
    assert Person().get(f"{address}{which}.png").status_code == 404


def test_only_own_attacks_can_be_shared(alice: Person, picture: dict[str, Any]) -> None:
    predict = finish(alice.predict(picture["id"]).json()["id"])

    response = alice.post(f"/api/v1/jobs/{predict.pk}/share")

    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_shareable")


def test_a_shared_attack_that_still_waits_shows_that(alice: Person, queued: Job) -> None:
    address = alice.post(f"/api/v1/jobs/{queued.pk}/share").json()["url"]

    assert Person().get(address).status_code == 200
    assert Person().get(f"{address}state.json").json()["job"]["status"] == "queued"
    assert Person().get(f"{address}adversarial.png").status_code == 404
