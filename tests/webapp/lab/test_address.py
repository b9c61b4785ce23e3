"""The lab's address at an attack on a sample: all of it is in there, and what cannot be is refused."""

import io
import json
import re

import pytest

from tests.support.cast import Person
from webapp.jobs.models import Job
from webapp.lab.address import asked_attack, page_of, usual_params
from webapp.lab.models import Attack
from webapp.lab.samples import ensure_samples
from webapp.pictures.models import Picture
from webapp.registry.models import ModelVersion


@pytest.fixture
def samples() -> None:
    ensure_samples()


@pytest.fixture
def digits(version: ModelVersion) -> ModelVersion:
    return ModelVersion.objects.get(classifier__slug="digits", live=True)


def state_of(person: Person, path: str) -> dict:
    answer = person.get(path)
    assert answer.status_code == 200, answer.content
    return json.loads(re.search(r'id="lab-state"[^>]*>(.*?)</script>', answer.content.decode(), re.DOTALL)[1])


def test_the_address_of_an_attack_leads_back_to_it(samples: None, alice: Person, version: ModelVersion) -> None:
    for attack in Attack.objects.filter(job__version=version).select_related("picture", "job__version__classifier"):
        page = attack.page()
        assert page.startswith(f"/lab/sample/{attack.picture.sample}/?")
        assert state_of(alice, page)["job"]["id"] == str(attack.pk)
    panda = Attack.objects.get(picture__sample="panda", attack="pgd")
    assert panda.page() == "/lab/sample/panda/?attack=pgd&epsilon=1&steps=40&target=gibbon"


@pytest.mark.parametrize(
    ("attack", "params"),
    [
        ("fgsm", {}),
        ("fgsm", {"epsilon": 5, "target": 368, "seed": 7}),
        ("pgd", {"epsilon": 3, "steps": 7, "restarts": 2}),
        ("pgd", {"epsilon": 2, "target": 134}),  # one of two classes called crane
    ],
)
def test_what_is_written_into_an_address_is_read_out_of_it(samples, version, digits, attack, params) -> None:
    picture = Picture.objects.get(sample="panda")
    given = usual_params(version, attack) | params
    query = page_of(None, picture, version, attack, given).partition("?")[2]
    asked = dict(pair.split("=") for pair in query.split("&"))
    assert asked_attack({name: value.replace("+", " ") for name, value in asked.items()}, version) == (attack, given)


def test_a_network_that_is_not_the_usual_one_is_named(samples, alice: Person, digits: ModelVersion) -> None:
    hardened = state_of(alice, "/lab/sample/digit-3/?classifier=digits-hardened")
    assert hardened["classifier"]["slug"] == "digits-hardened"
    assert state_of(alice, "/lab/sample/digit-3/")["classifier"]["slug"] == "digits"
    by_identity = state_of(alice, f"/lab/sample/digit-3/?version={digits.identity}")
    assert by_identity["classifier"]["identity"] == digits.identity


def test_what_nobody_has_run_yet_is_begun_by_the_page(samples: None, alice: Person) -> None:
    before = Job.objects.count()
    state = state_of(alice, "/lab/sample/panda/?attack=pgd&target=gibbon&epsilon=2&steps=11&utm_source=mail")
    assert state["job"] is None and state["picture"]["sample"] == "panda"
    assert state["asked"]["chosen"] == "pgd"
    params = state["asked"]["params"]
    assert (params["epsilon"], params["steps"], state["classifier"]["labels"][params["target"]]) == (2, 11, "gibbon")
    assert Job.objects.count() == before  # reading starts nothing


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("attack=magic", 422, "There is no such attack"),
        ("attack=pgd&steps=many", 422, "steps must be a whole number"),
        ("epsilon=0.03", 422, "epsilon is about|0.03 is about 8 of 255"),
        ("target=pandda", 422, "Did you mean"),
        ("target=%00", 422, "There is no class called"),
        ("classifier=nothing", 404, ""),
        ("version=00", 404, ""),
        ("classifier=digits", 422, "was prepared as a photograph"),
    ],
)
def test_what_cannot_be_is_told(samples: None, alice: Person, query: str, status: int, words: str) -> None:
    answer = alice.get(f"/lab/sample/panda/?{query}")
    assert answer.status_code == status
    assert re.search(words, answer.content.decode())


def test_the_attack_on_ones_own_picture_is_at_its_jobs_address(alice: Person, cat_png: bytes) -> None:
    image = alice.upload(io.BytesIO(cat_png)).json()["id"]
    job = alice.attack(image).json()
    assert job["page"] == f"/lab/{job['id']}/"
    assert alice.get("/lab/sample/there-is-none/").status_code == 404
