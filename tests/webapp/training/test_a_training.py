"""A training from the order to the served version, through the doors people use."""

from collections.abc import Callable
from typing import Any

import pytest

from inference.catalog.comparison import Measured, outcomes
from inference.catalog.installation import find_version
from inference.networks.classifier import load
from tests.support.cast import Person
from webapp.jobs.models import Job, Status
from webapp.registry.comparison import cannot_compare, compared_with_live, how_it_is_worse
from webapp.registry.models import Classifier, ModelVersion
from webapp.training.masking import order_checks
from webapp.training.models import Masking


def test_a_training_is_recorded_and_leaves_a_candidate(
    start: Callable[..., Job], do: Callable[..., Job], alice: Person
) -> None:
    job = do(start(seed=3))

    assert job.status == Status.DONE, job.why()
    told = alice.get(f"/api/v1/jobs/{job.pk}").json()
    assert [epoch["number"] for epoch in told["result"]["epochs"]] == [1, 2]
    version = told["result"]["version"]
    assert version["classifier"] == "digits" and not version["live"]
    assert version["test"]["of"] == 200 and sum(map(sum, version["test"]["confusion"])) == 200
    assert told["result"]["mistakes_url"] and alice.get(told["result"]["mistakes_url"])["Content-Type"] == "image/png"


def always_right(live: ModelVersion, *, like: ModelVersion) -> None:
    """As if the live version had been tested on the other's pictures and had got each of them right."""
    perfect = Measured.of_each([True] * like.card["test"]["of"]).as_json()
    live.card = live.card | {"dataset": like.card["dataset"], "test": like.card["test"] | perfect}
    live.save()


def test_across_test_sets_and_within_noise_no_version_is_called_worse(
    start: Callable[..., Job], do: Callable[..., Job], ada: Person, alice: Person
) -> None:
    made = do(start()).version
    live = Classifier.objects.get(slug="digits").live()
    assert live.card["test"]["accuracy"] > made.card["test"]["accuracy"] and how_it_is_worse(made) == ""
    own, all_of_it = (version.card["dataset"]["sha256"][:8] for version in (made, live))
    told = (
        "This version cannot be compared with the live one: they were judged on other test pictures: "
        f"this one on those of MNIST ({own}), that one of MNIST ({all_of_it})."
    )
    assert compared_with_live(made) == [told] and cannot_compare(made) == told
    page = alice.get(f"/training/{made.runs.get().pk}/").content.decode()
    assert told in page and "To choose between versions, use the figures of the validation pictures." in page
    assert alice.get(f"/api/v1/versions/{made.identity}").json()["beside_live"] == [told]
    order_checks(made)
    Masking.objects.update(found={"checks": [], "not_run": []})
    Job.objects.filter(kind="masking").update(status=Status.DONE)
    refused = ada.post(f"/api/v1/versions/{made.identity}/promote", {}).json()["error"]
    assert (refused["code"], refused["message"]) == ("incomparable", told)
    asked = ada.send_form(f"/versions/{made.identity}/promote/", {})
    assert asked.status_code == 409 and told in asked.content.decode()

    always_right(live, like=made)
    assert how_it_is_worse(made).startswith(
        "This version is worse than the live one: Test pictures as they are: \u2212"
    )

    wrong = [place for place, right in enumerate(outcomes(made.card["test"])) if not right]
    mended = [place not in wrong[5:] for place in range(made.card["test"]["of"])]
    live.card["test"] |= Measured.of_each(mended).as_json()
    live.save()
    assert how_it_is_worse(made) == cannot_compare(made) == ""
    live.card["test"]["worst"] = made.card["test"]["worst"] | {"protocol": {"attack": "pgd", "text": "PGD-20"}}
    live.save()
    assert cannot_compare(made) == (
        "Test pictures under the worst of five starts of PGD-50 cannot be compared with the live one: this "
        f"version was judged under {made.card['test']['worst']['protocol']['text']} and the live one under PGD-20."
    )
    assert (
        "no difference shown, p = 0.062: 5 of 200 right with the live one alone against 0"
        in compared_with_live(made)[0]
    )


def test_a_promotion_is_tried_and_then_serves(
    start: Callable[..., Job],
    do: Callable[..., Job],
    ada: Person,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setenv("GIBBON_MEDIA", str(settings.MEDIA_DIR))
    assert find_version("digits") == "digits"
    sha256 = do(start()).version.sha256
    before = Classifier.objects.get(slug="digits").live()
    always_right(before, like=ModelVersion.objects.get(sha256=sha256))

    asked = ada.post(f"/api/v1/versions/{sha256}/promote", {})
    assert asked.status_code == 409 and "worse than the live one" in asked.json()["error"]["message"]
    order = ada.post(f"/api/v1/versions/{sha256}/promote", {"confirmed": True}).json()
    with django_capture_on_commit_callbacks(execute=True):
        assert do(order["id"]).status == Status.DONE

    assert Classifier.objects.get(slug="digits").live().sha256 == sha256
    assert load(find_version("digits")).sha256 == sha256  # as the command line does
    live = ModelVersion.objects.get(sha256=sha256)
    assert f'name="from" value="{live.identity}"' in ada.get(live.runs.get().get_absolute_url()).content.decode()
    back = ada.post("/api/v1/classifiers/digits/roll-back").json()
    with django_capture_on_commit_callbacks(execute=True):
        assert do(back["id"]).status == Status.DONE
    assert Classifier.objects.get(slug="digits").live() == before and find_version("digits") == "digits"
    assert ModelVersion.objects.filter(classifier__slug="digits", live=True).count() == 1
