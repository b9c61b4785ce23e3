"""The lab's address at an attack on a sample: all of it is in there, and what cannot be is refused."""

import json
import re
from uuid import uuid4

import pytest

from tests.support.cast import Person
from tests.support.finished import finish
from webapp.jobs.attempts import claim, fail
from webapp.jobs.models import Job
from webapp.jobs.services import cancel
from webapp.lab.address import asked_attack, asked_version, page_of, usual_params
from webapp.lab.models import Attack
from webapp.pictures.models import Picture
from webapp.registry.models import Classifier, ModelVersion


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
    query = page_of(picture, version, attack, given).partition("?")[2]
    asked = dict(pair.split("=") for pair in query.split("&"))
    assert asked_attack({name: value.replace("+", " ") for name, value in asked.items()}, version) == (attack, given)


def test_a_sample_is_shown_with_a_network_that_was_taught_its_dataset(
    samples: None, alice: Person, version: ModelVersion
) -> None:
    assert state_of(alice, "/lab/sample/sign-stop/")["classifier"]["slug"] == "signs"
    assert state_of(alice, "/lab/sample/panda/")["classifier"]["slug"] == "imagenet-lite0"
    assert state_of(alice, "/lab/sample/digit-3/")["classifier"]["slug"] == "digits"
    kinds = Classifier.objects.create(
        origin="dataset/kinds", slug="kinds", name="Kinds", preparation="photo", levels=32
    )
    card = version.card | {"dataset": {"slug": "kinds", "sha256": "1" * 64}}
    ModelVersion.objects.create(classifier=kinds, identity="2" * 64, sha256=version.sha256, card=card, live=True)
    Picture.objects.samples().filter(sample="sign-stop").update(facts={"dataset": "kinds"})
    sign = Picture.objects.get(sample="sign-stop")
    assert asked_version({}, sign).classifier.slug == "kinds"
    Classifier.objects.filter(pk=kinds.pk).update(origin="dataset/kinds/hardened")  # nobody taught it without attacks
    assert asked_version({}, sign).classifier.slug == "kinds"
    Picture.objects.filter(pk=sign.pk).update(facts=None)
    sign.refresh_from_db()
    assert asked_version({}, sign).classifier.slug == "imagenet-lite0"


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
        ("target=%00", 404, ""),
        ("classifier=%00", 404, ""),
        (f"target={'9' * 5000}", 422, "There is no class called 9{40}…"),
        (f"target={'a' * 5000}", 422, "There is no class called a{40}…"),
        ("classifier=nothing", 404, ""),
        ("version=00", 404, ""),
        ("classifier=digits", 422, "was prepared as a photograph"),
    ],
)
def test_what_cannot_be_is_told(samples: None, alice: Person, query: str, status: int, words: str) -> None:
    answer = alice.get(f"/lab/sample/panda/?{query}")
    assert answer.status_code == status
    assert re.search(words, answer.content.decode())


def test_the_attack_on_ones_own_picture_has_such_an_address_too_for_its_owner_alone(
    alice: Person, bob: Person, picture: dict
) -> None:
    own = f"/lab/picture/{picture['id']}/"
    params = {"epsilon": 3, "steps": 7, "target": 368}
    job = alice.attack(picture["id"], params, attack="pgd").json()
    assert job["page"] == f"{own}?attack=pgd&epsilon=3&steps=7&target=gibbon"
    for address in (job["page"], f"/lab/{job['id']}/"):  # and at its old one
        assert state_of(alice, address)["job"]["id"] == job["id"]
        assert bob.get(address).status_code == 404
    asked = state_of(alice, f"{own}?attack=bim&epsilon=5")
    assert (asked["job"], asked["asked"]["chosen"], asked["picture"]["id"]) == (None, "bim", picture["id"])
    assert asked["picture"]["sample"] is None and asked["asked"]["params"]["epsilon"] == 5
    shared = alice.post(f"/api/v1/jobs/{finish(job['id']).pk}/share").json()["url"]
    assert state_of(bob, shared)["picture"]["page"] is None
    alice.delete(f"/api/v1/images/{picture['id']}")
    assert alice.get(job["page"]).status_code == 404


@pytest.mark.parametrize("path", ["/lab/sample/there-is-none/", f"/lab/picture/{uuid4()}/", "/lab/picture/1/"])
def test_a_picture_that_is_not_there_has_no_page(alice: Person, path: str) -> None:
    assert alice.get(path).status_code == 404
    assert alice.send_form(path, {}).status_code == 404


# --- Without scripts ----------------------------------------------------------------------------------------------


def test_without_scripts_an_attack_is_chosen_by_a_form_and_begun_by_its_button(
    alice: Person, bob: Person, picture: dict
) -> None:
    own = f"/lab/picture/{picture['id']}/"
    address = f"{own}?classifier=imagenet-lite0&attack=pgd&target=gibbon"
    shown = alice.get(address).content.decode()
    assert "Nobody has run this attack yet." in shown and 'value="gibbon"' in shown
    assert f'method="get" action="{own}"' in shown and '<option value="pgd" selected>' in shown
    assert '<option value="jsma" disabled>' in shown  # not on photographs
    assert bob.send_form(address, {}).status_code == 404

    begun = alice.send_form(address, {})
    job = Job.objects.get(pk=begun["Location"].split("/")[2])
    assert (job.result().attack, job.result().params["target"]) == ("pgd", 368)
    assert "under way" in alice.get(begun["Location"]).content.decode()
    again = alice.send_form(address, {})
    assert again["Location"] == begun["Location"]  # it is at work already
    finish(job.pk)
    shown = alice.get(address).content.decode()
    assert "Run it" not in shown and "Nobody has run" not in shown


@pytest.mark.parametrize("ended", ["cancelled", "failed"])
def test_what_was_cancelled_or_has_failed_is_shown_not_begun_again_by_a_reload(
    samples: None, alice: Person, bob: Person, ended: str
) -> None:
    address = "/lab/sample/panda/?attack=bim"
    first = alice.send_form(address, {})["Location"].split("/")[2]
    if ended == "cancelled":
        cancel(Job.objects.get(pk=first))
    else:
        fail(claim(first), code="broken", message="The worker broke.")
    state = state_of(alice, address)
    assert (state["asked"], state["job"]["id"], state["job"]["status"]) == (None, first, ended)
    shown = alice.get(address).content.decode()
    assert ("This attack was cancelled." if ended == "cancelled" else "The worker broke.") in shown
    assert f'method="post" action="{state["job"]["page"].replace("&", "&amp;")}"' in shown and "Run it" in shown
    assert state_of(bob, address)["asked"]["chosen"] == "bim"  # what ended was not bob's

    again = alice.send_form(address, {})["Location"].split("/")[2]
    assert again != first and state_of(alice, address)["job"]["id"] == again


def test_without_scripts_it_is_said_that_an_attack_has_failed(alice: Person, queued: Job) -> None:
    cancel(queued)
    shown = alice.get(f"/lab/{queued.pk}/").content.decode()
    assert "There is no result to show." in shown and "under way" not in shown.partition("data-verdict")[2]


def test_without_scripts_a_sample_is_attacked_for_the_visitor_who_asks(samples: None, alice: Person) -> None:
    begun = alice.send_form("/lab/sample/panda/?attack=bim", {})
    job = Job.objects.get(pk=begun["Location"].split("/")[2])
    assert job.visitor is not None and job.result().attack == "bim"
    refused = alice.send_form("/lab/sample/panda/?attack=jsma", {})
    assert refused.status_code == 422 and "value by value" in refused.content.decode()


@pytest.mark.parametrize("way", ["its page", "the API"])
def test_an_attack_of_the_site_that_somebody_looks_at_is_done_before_the_others(samples, alice: Person, way) -> None:
    first, attack = Attack.objects.filter(attack="fgsm").order_by("job__created")[:2]
    assert first.job.unasked and attack.job.position() > first.job.position()
    alice.get(attack.page() if way == "its page" else f"/api/v1/jobs/{attack.pk}")
    assert Job.objects.get(pk=attack.pk).position() == 1
    finish(attack.pk)
    followed = Attack.objects.get(pk=attack.pk).current_sweep()
    assert followed and not followed.job.unasked
