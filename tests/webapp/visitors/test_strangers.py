"""What is another's does not exist: 404, the very answer that a wrong address gets."""

import uuid
from typing import Any

import pytest

from tests.support.cast import Person
from webapp.jobs.models import Job
from webapp.lab.models import Attack
from webapp.pictures.models import Picture

NOWHERE = "00000000-0000-4000-8000-000000000000"
ADDRESSES = [
    ("GET", "/images/{picture}.png"),
    ("GET", "/results/{job}/adversarial.png"),
    ("GET", "/results/{job}/sign.png"),
    ("GET", "/results/{job}/original.png"),
    ("GET", "/results/{point}/point.png"),
    ("GET", "/lab/{job}/"),
    ("POST", "/pictures/{picture}/delete/"),
    ("GET", "/api/v1/images/{picture}"),
    ("DELETE", "/api/v1/images/{picture}"),
    ("GET", "/api/v1/jobs/{job}"),
    ("GET", "/api/v1/jobs/{point}"),
    ("GET", "/api/v1/jobs/{sweep}"),
    ("DELETE", "/api/v1/jobs/{job}"),
    ("POST", "/api/v1/jobs/{job}/points/3"),
    ("POST", "/api/v1/jobs/{job}/share"),
    ("DELETE", "/api/v1/jobs/{job}/share"),
]


@pytest.fixture
def places(attack: Attack, point: Job) -> dict[str, Any]:
    sweep = attack.current_sweep()
    assert sweep
    return {"picture": attack.picture_id, "job": attack.pk, "point": point.pk, "sweep": sweep.pk}


@pytest.mark.parametrize("name", ["bob", "ted", "nobody"])
def test_a_stranger_finds_nothing(name: str, request: pytest.FixtureRequest, places: dict[str, Any]) -> None:
    stranger = Person() if name == "nobody" else request.getfixturevalue(name)
    for method, address in ADDRESSES:
        if name == "ted" and not address.startswith("/api/"):
            continue  # pages are for browsers
        theirs = stranger.request(method, address.format(**places))
        nowhere = stranger.request(method, address.format(**dict.fromkeys(places, NOWHERE)))

        assert theirs.status_code == nowhere.status_code == 404, (method, address)
        told = theirs.content.decode()
        for place in places.values():  # a page repeats the address it was asked for, in its links to other languages
            told = told.replace(str(place), NOWHERE)
        assert told == nowhere.content.decode()
    assert Picture.objects.filter(pk=places["picture"]).exists()
    assert not Job.objects.filter(cancel_requested=True).exists()


def test_the_owner_finds_it_all(alice: Person, places: dict[str, Any]) -> None:
    deleting = [line for line in ADDRESSES if "delete" in line[1] or line == ("DELETE", "/api/v1/images/{picture}")]
    for method, address in [line for line in ADDRESSES if line not in deleting] + deleting[-1:]:
        response = alice.request(method, address.format(**places))

        assert response.status_code in (200, 202, 204), (method, address)


def test_jobs_on_anothers_picture_are_refused(bob: Person, attack: Attack) -> None:
    before = Job.objects.count()

    assert bob.attack(str(attack.picture_id)).status_code == 404
    assert bob.predict(str(attack.picture_id)).status_code == 404
    assert bob.post("/api/v1/jobs", {"kind": "sweep", "of": str(attack.pk)}).status_code == 404
    assert Job.objects.count() == before


def test_lists_hold_ones_own_only(bob: Person, ted: Person, places: dict[str, Any]) -> None:
    assert [picture["id"] for picture in bob.get("/api/v1/images").json()] != [str(places["picture"])]
    assert len(bob.get("/api/v1/images").json()) == 1
    assert bob.get("/api/v1/jobs").json() == []
    assert ted.get("/api/v1/images").json() == ted.get("/api/v1/jobs").json() == []
    assert Person().get("/api/v1/images").json() == []
    assert str(places["picture"]) not in bob.get("/pictures/").content.decode()


def test_ids_are_drawn_with_122_random_bits(attack: Attack) -> None:
    assert attack.picture_id.version == attack.pk.version == uuid.UUID(NOWHERE).version == 4


@pytest.mark.parametrize("key", ["1", "abc", "%00", "..", "' OR 1=1 --", "٣" * 32, "0" * 5000])
def test_what_is_no_id_names_nothing(alice: Person, key: str) -> None:
    for address in (f"/api/v1/images/{key}", f"/api/v1/jobs/{key}", f"/lab/{key}/", f"/images/{key}.png", f"/s/{key}/"):
        assert alice.get(address).status_code == 404, address


def test_samples_belong_to_everybody_and_stay(alice: Person, sample: Picture) -> None:
    attack = sample.attacks.get()
    assert alice.get(f"/images/{sample.pk}.png").status_code == 200
    assert alice.get(f"/api/v1/jobs/{attack.pk}").status_code == 200
    assert alice.get(f"/lab/{attack.pk}/").status_code == 200

    assert alice.delete(f"/api/v1/images/{sample.pk}").status_code == 403
    assert alice.post(f"/pictures/{sample.pk}/delete/").status_code == 403
    assert alice.delete(f"/api/v1/jobs/{attack.pk}").status_code == 403
    assert alice.post(f"/api/v1/jobs/{attack.pk}/share").status_code == 409
    alice.post("/pictures/delete-all/")
    assert Picture.objects.filter(pk=sample.pk).exists()
    assert alice.get(f"/results/{attack.pk}/adversarial.png").status_code == 200


def test_a_forged_cookie_is_a_strangers(alice: Person, picture: dict[str, Any]) -> None:
    value = alice.client.cookies["visitor"].value
    visitor = str(Picture.objects.get().visitor_id)
    for forged in (value[:-1] + ("a" if value[-1] != "a" else "b"), visitor, f'"{visitor}":1:x', "", "x" * 5000, "::"):
        mallory = Person()
        mallory.client.cookies["visitor"] = forged

        assert mallory.get("/api/v1/images").json() == []
        assert mallory.get(picture["url"]).status_code == 404
    assert alice.get(picture["url"]).status_code == 200
