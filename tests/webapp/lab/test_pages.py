"""Which network a lab page speaks of, what it offers, and what it tells of other networks."""

import io
import json
import re
from typing import Any

import pytest

from inference.catalog.classifiers import CLASSIFIERS, card
from inference.catalog.comparison import Measured
from tests.support.cast import Person
from tests.support.finished import finish
from webapp.jobs.models import Job
from webapp.lab import comparison
from webapp.lab.address import usual_params
from webapp.lab.models import Attack
from webapp.lab.samples import FOLDER, ensure_samples, find_sample, gallery
from webapp.pictures.models import Picture
from webapp.registry.models import Classifier, ModelVersion

SEVEN = (FOLDER / "digit-7.png").read_bytes()


def right_on(count: int) -> dict[str, Any]:
    """A figure of a thousand pictures, of which the first so many are right."""
    return Measured.of_each([place < count for place in range(1000)]).as_json()


TEST = right_on(990)


def pgd(text: str, right: int, *, steps: int = 20) -> dict[str, Any]:
    return {"right": right, "of": 1000, "protocol": {"attack": "pgd", "text": text, "steps": steps, "restarts": 1}}


@pytest.fixture
def seven(alice: Person) -> dict[str, Any]:
    """A digit of Alice's."""
    return alice.upload(io.BytesIO(SEVEN), prepare="digit").json()


def state(page: Any) -> dict[str, Any]:
    assert page.status_code == 200
    return json.loads(re.search(r'<script id="lab-state"[^>]*>(.*?)</script>', page.content.decode(), re.DOTALL)[1])


def attack_of(person: Person, picture: dict[str, Any], *, epsilon: int = 77, **named: Any) -> Job:
    """A finished attack, on the digits unless something else is named."""
    params = {"epsilon": epsilon, "target": None, "seed": 0}
    answer = person.attack(picture["id"], params, **({"classifier": "digits"} | named))
    return finish(answer.json()["id"])


# --- Which network ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", list(CLASSIFIERS))
def test_every_live_classifier_has_a_lab_with_its_own_labels_and_no_others(alice: Person, slug: str) -> None:
    found = state(alice.get("/" if slug == "imagenet-lite0" else f"/lab/with/{slug}/"))

    assert found["classifier"]["labels"] == card(slug)["labels"]
    assert (found["classifier"]["slug"], found["classifier"]["live"]) == (slug, True)
    assert found["default_params"]["epsilon"] == card(slug).get("epsilon", 2)
    assert [choice["name"] for choice in found["classifiers"] if choice["current"]] == [CLASSIFIERS[slug].name]
    assert len(found["classifiers"]) == len(CLASSIFIERS)
    others = [one for one in (*found["classifiers"], *found["siblings"]) if "labels" in one]
    assert others == []


def test_a_version_that_is_not_live_is_named_asked_for_by_its_hash_and_said_not_to_be(
    alice: Person, candidate: ModelVersion
) -> None:
    page = alice.get(f"/lab/version/{candidate.identity}/")
    found = state(page)

    assert (
        f"You are breaking version {candidate.identity[:8]} of LeNet-5 on MNIST, which is not live."
        in page.content.decode()
    )
    assert found["classifier"]["ask"] == {"version": candidate.identity}
    assert not any(choice["current"] for choice in found["classifiers"])


def test_a_live_version_is_not_said_not_to_be(alice: Person, digits: ModelVersion) -> None:
    page = alice.get(f"/lab/version/{digits.sha256}/")

    assert "not live" not in page.content.decode()
    assert state(page)["classifier"]["ask"] == {"classifier": "digits"}


def test_an_attacks_page_speaks_of_the_version_that_was_attacked(
    alice: Person, seven: dict[str, Any], candidate: ModelVersion
) -> None:
    job = attack_of(alice, seven, classifier=None, version=candidate.identity)

    assert state(alice.get(f"/lab/{job.pk}/"))["classifier"]["identity"] == candidate.identity


@pytest.mark.parametrize("path", ["/lab/with/nothing/", "/lab/version/0123/", "/lab/version/"])
def test_what_there_is_not_is_404(alice: Person, path: str) -> None:
    assert alice.get(path).status_code == 404


# --- Samples ------------------------------------------------------------------------------------------------------


def test_each_network_is_offered_the_samples_of_its_dataset_already_attacked(
    samples: None, version: ModelVersion, digits: ModelVersion
) -> None:
    signs = [Classifier.objects.get(slug=slug).live() for slug in ("signs", "signs-hardened")]
    for one, dataset in ((version, "imagenet"), (digits, "mnist"), *((one, "signs") for one in signs)):
        shown = gallery(one)
        assert {sample["dataset"] for sample in shown} == {dataset}
        jobs = [Job.objects.get(pk=sample["job"]) for sample in shown]
        assert {(job.version_id, job.visitor_id) for job in jobs} == {(one.pk, None)}
        assert {job.attack.attack for job in jobs} == {"fgsm"}
        assert all(job.attack.params == usual_params(one) for job in jobs)
    # The picture that opens the site shows what one step does not do, once that is computed.
    example = Attack.objects.get(picture__sample="panda", attack="pgd")
    assert (example.params["epsilon"], example.params["steps"]) == (1, 40)
    assert version.labels[example.params["target"]] == "gibbon"
    Job.objects.filter(pk=example.pk).update(status="done")
    assert (gallery(version)[0]["slug"], gallery(version)[0]["job"]) == ("panda", str(example.pk))
    assert [sample["truth"] for sample in gallery(digits)] == list(range(10))
    assert [sample["truth"] for sample in gallery(signs[0])] == list(range(16))
    count = Job.objects.count()
    ensure_samples()
    assert Job.objects.count() == count


def test_a_sample_that_no_longer_comes_along_is_kept_for_its_links_but_not_offered(
    samples: None, version: ModelVersion
) -> None:
    declared = [sample["slug"] for sample in gallery(version)]
    Picture.objects.samples().filter(sample=declared[0]).update(sample="of-an-older-gibbon")
    assert [sample["slug"] for sample in gallery(version)] == declared[1:]
    assert find_sample("of-an-older-gibbon")


def test_a_network_with_other_classes_is_not_told_a_truth_it_never_learnt(samples: None, digits: ModelVersion) -> None:
    digits.card = digits.card | {"labels": ["even", "odd", "7"]}

    assert [sample["truth"] for sample in gallery(digits)] == [None] * 7 + [2, None, None]


def test_only_digits_are_drawn(alice: Person, digits: ModelVersion, candidate: ModelVersion) -> None:
    """A network of clothes is asked about grey pictures of 28 by 28 too, but nobody draws a coat on the pad."""
    clothes = digits.card | {"labels": list("abcdefghij"), "dataset": {"slug": "fashion-mnist"}}
    worn = Classifier.objects.create(slug="clothes", name="Clothes", origin="c", preparation="clothes", levels=128)
    ModelVersion.objects.filter(pk=candidate.pk).update(card=clothes, classifier=worn)
    pages = [alice.get(path).content.decode() for path in ("/lab/with/digits/", f"/lab/version/{candidate.identity}/")]
    assert ["data-draw" in page for page in pages] == [True, False]
    assert ["photo of a digit" in page for page in pages] == [True, False]
    assert ["photo of clothes" in page for page in pages] == [False, True]


def test_what_a_visitor_asked_of_a_sample_is_shown_to_that_visitor_alone(
    samples: None, alice: Person, bob: Person, candidate: ModelVersion
) -> None:
    response = alice.send_form("/upload/", {"version": candidate.identity, "sample": "digit-3"})
    job = response["Location"].split("/")[2]

    path = f"/lab/version/{candidate.identity}/"
    mine, theirs = (
        {sample["slug"]: sample["job"] for sample in state(person.get(path))["samples"]} for person in (alice, bob)
    )
    assert mine["digit-3"] == job and set(theirs.values()) == {None}


# --- The form without scripts -------------------------------------------------------------------------------------


def test_the_form_prepares_for_the_network_it_names(
    alice: Person, digits: ModelVersion, candidate: ModelVersion
) -> None:
    for named, wanted in (({"classifier": "digits"}, digits), ({"version": candidate.identity}, candidate)):
        response = alice.send_form("/upload/", {"image": io.BytesIO(SEVEN), **named})
        job = Job.objects.get(pk=response["Location"].split("/")[2])
        assert (job.version, job.attack.picture.preparation) == (wanted, "digit")
        assert job.attack.params["epsilon"] == 77


def test_a_page_without_scripts_tells_more_draws_of_the_noise_and_can_be_looked_at_again(alice: Person) -> None:
    page = alice.send_form("/upload/", {"image": io.BytesIO(SEVEN), "classifier": "digits"})["Location"]
    finish(page.split("/")[2])
    finish(Job.objects.get(kind="draws").pk)
    Job.objects.filter(kind="sweep").update(status="queued")

    judging = alice.get(page).content.decode()

    assert "3 of 20 draws change the answer." in judging and "Look again" in judging
    finish(Job.objects.get(kind="sweep").pk)
    assert "Look again" not in alice.get(page).content.decode()


@pytest.mark.parametrize(
    "fields", [{"classifier": "nothing"}, {"version": "\0"}, {"sample": "\0"}, {"sample": "nothing"}, {}]
)
def test_a_form_that_names_nothing_there_is_is_refused_and_leaves_nothing(
    alice: Person, fields: dict[str, str]
) -> None:
    assert alice.send_form("/upload/", fields).status_code in (404, 422)
    assert not Picture.objects.filter(visitor__isnull=False).exists() and not Job.objects.exists()


def test_a_sample_of_another_kind_is_refused(samples: None, alice: Person) -> None:
    before = Job.objects.count()

    assert alice.send_form("/upload/", {"classifier": "digits", "sample": "panda"}).status_code == 422
    assert Job.objects.count() == before


# --- Side by side -------------------------------------------------------------------------------------------------


def test_siblings_see_the_same_pictures_and_know_the_same_classes(
    version: ModelVersion, digits: ModelVersion, hardened: ModelVersion, candidate: ModelVersion
) -> None:
    shipped = list(ModelVersion.objects.filter(live=True, classifier__preparation="digit").order_by("classifier_id"))
    assert comparison.siblings(candidate) == shipped
    assert hardened in comparison.siblings(digits) and digits not in comparison.siblings(digits)
    assert comparison.siblings(version) == []
    ModelVersion.objects.filter(pk=hardened.pk).update(card=hardened.card | {"labels": list("abcdefghij")})
    assert hardened not in comparison.siblings(digits)


def test_the_same_attack_on_a_sibling_is_found_by_who_may_see_it(
    alice: Person, bob: Person, seven: dict[str, Any], hardened: ModelVersion
) -> None:
    mine = attack_of(alice, seven)
    address = f"/lab/{mine.pk}/beside.json"
    assert alice.get(address).json() == {}
    attack_of(alice, seven, classifier="twin", epsilon=5)
    assert alice.get(address).json() == {}  # another strength, another attack

    same = attack_of(alice, seven, classifier="twin")

    found = alice.get(address).json()
    assert list(found) == [hardened.identity]
    assert found[hardened.identity]["attack"]["id"] == str(same.pk)
    assert found[hardened.identity]["sweep"]["id"] == found[hardened.identity]["attack"]["result"]["sweep_job"]
    assert bob.get(address).status_code == 404


def test_a_sample_is_compared_for_everybody(samples: None, bob: Person, hardened: ModelVersion) -> None:
    ensure_samples()
    sample = next(one for one in gallery(ModelVersion.objects.get(classifier__slug="digits")) if one["truth"] == 7)
    finish(sample["job"])

    found = bob.get(f"/lab/{sample['job']}/beside.json").json()

    assert hardened.identity in found


def test_nobody_else_sees_a_visitors_repetition_of_a_sample(
    samples: None, alice: Person, bob: Person, digits: ModelVersion, candidate: ModelVersion
) -> None:
    digits.classifier.versions.filter(pk=candidate.pk).update(
        classifier=Classifier.objects.create(slug="late", name="Late", preparation="digit", levels=128), live=True
    )
    sample = next(one for one in gallery(digits) if one["truth"] == 7)
    finish(sample["job"])
    attack_of(alice, {"id": sample["id"]}, classifier="late")

    seen = [candidate.identity in person.get(f"/lab/{sample['job']}/beside.json").json() for person in (alice, bob)]

    assert seen == [True, False]


def test_a_shared_page_tells_of_no_other_network(alice: Person, seven: dict[str, Any], hardened: ModelVersion) -> None:
    mine = attack_of(alice, seven)
    attack_of(alice, seven, classifier="twin")
    address = alice.post(f"/api/v1/jobs/{mine.pk}/share").json()["url"]

    page = Person().get(address)

    assert state(page)["siblings"] == [] and "data-comparison" not in page.content.decode()
    assert Person().get(f"/lab/{mine.pk}/beside.json").status_code == 404


def test_figures_are_compared_under_the_strongest_attack_that_both_withstood(
    digits: ModelVersion, hardened: ModelVersion
) -> None:
    weak, strong, own = pgd("PGD-20", 10), pgd("PGD-40", 5, steps=40), pgd("PGD-100", 1, steps=100)
    digits.card = digits.card | {"test": TEST | {"pgd": weak, "pgd40": strong, "pgd100": own}}
    hardened.card = hardened.card | {
        "test": right_on(970) | {"pgd": pgd("PGD-20", 930), "pgd40": pgd("PGD-40", 900, steps=40)}
    }

    found = comparison.compared([digits, hardened])

    assert found["protocol"] == "PGD-40"
    assert [row["attacked"] for row in found["rows"]] == ["5 of 1,000 (0.5\u202f%)", "900 of 1,000 (90.0\u202f%)"]
    assert [row["clean"] for row in found["rows"]] == ["990 of 1,000 (99.0\u202f%)", "970 of 1,000 (97.0\u202f%)"]
    assert "97.0\u202f% of the plain test pictures right, not 99.0\u202f% as LeNet-5 on MNIST" in found["cost"]


def test_the_price_of_hardening_is_told_only_beside_a_twin(digits: ModelVersion, hardened: ModelVersion) -> None:
    """Another width or optimiser has a price of its own."""
    standard, twin = card("digits"), card("digits-plain")
    digits.card, hardened.card = standard, card("digits-hardened")
    assert not comparison.compared([digits, hardened])["cost"].startswith("Being hardened")
    digits.card = twin
    cost = comparison.compared([digits, hardened])["cost"]
    assert (
        cost.startswith("Being hardened has its price, as far as one pair of trainings tells: 98.8")
        and "trained alike" in cost
    )


def test_no_price_is_told_within_noise_or_across_test_sets(digits: ModelVersion, hardened: ModelVersion) -> None:
    for right, told in ((985, False), (984, True)):  # five pictures lost and none gained may be chance, six not
        digits.card["test"], hardened.card = TEST, digits.card | {"config": hardened.card["config"]}
        hardened.card["test"] = right_on(right)
        assert bool(comparison.compared([digits, hardened])["cost"]) is told
    hardened.card["dataset"] = hardened.card["dataset"] | {"sha256": "0" * 64}
    assert comparison.compared([digits, hardened])["cost"] == ""


def test_no_price_is_told_where_none_was_paid_and_no_figure_where_none_was_measured(
    digits: ModelVersion, hardened: ModelVersion
) -> None:
    hardened.card = {key: value for key, value in hardened.card.items() if key != "test"}
    digits.card = digits.card | {"test": TEST | {"pgd": pgd("PGD-20", 0)}}

    found = comparison.compared([digits, hardened])

    assert (found["protocol"], found["cost"]) == ("", "")
    assert [row["attacked"] for row in found["rows"]] == ["–", "–"]
    hardened.card = digits.card | {"config": hardened.card["config"]}
    found = comparison.compared([digits, hardened])
    assert found["cost"] == "" and found["rows"][0]["attacked"] == "0 of 1,000 (0\u202f%)"


# --- About --------------------------------------------------------------------------------------------------------


def test_the_about_page_tells_every_live_classifier_from_its_card(
    alice: Person, digits: ModelVersion, hardened: ModelVersion
) -> None:
    page = alice.get("/about/").content.decode()

    test = card("digits")["test"]
    assert f"{test['right']} of {test['of']}: the test pictures of MNIST" in page
    assert f"{test['pgd']['right']} of {test['pgd']['of']}: {test['pgd']['protocol']['text']}" in page
    assert page.count("with pictures attacked during the training") == 1 + sum(
        card(slug).get("config", {}).get("adversarial", "off") != "off" for slug in CLASSIFIERS
    )
    for live in ModelVersion.objects.filter(live=True):
        assert live.sha256 in page
