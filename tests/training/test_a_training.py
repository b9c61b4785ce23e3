"""A training from the order to the served version, through the doors people use."""

from collections.abc import Callable

from tests.web.cast import Person
from webapp.jobs.models import Job, Status
from webapp.registry.models import Classifier, ModelVersion


def test_a_training_is_recorded_and_leaves_a_candidate(
    start: Callable[..., Job], do: Callable[..., Job], alice: Person
) -> None:
    job = do(start(seed=3))

    assert job.status == Status.DONE, job.error_message
    told = alice.get(f"/api/v1/jobs/{job.pk}").json()
    assert [epoch["number"] for epoch in told["result"]["epochs"]] == [1, 2]
    version = told["result"]["version"]
    assert version["classifier"] == "digits" and not version["live"]
    assert version["test"]["of"] == 200 and sum(map(sum, version["test"]["confusion"])) == 200
    assert told["result"]["mistakes_url"] and alice.get(told["result"]["mistakes_url"])["Content-Type"] == "image/png"


def test_a_promotion_is_tried_and_then_serves(
    start: Callable[..., Job], do: Callable[..., Job], ada: Person, alice: Person
) -> None:
    sha256 = do(start()).version.sha256
    before = Classifier.objects.get(slug="digits").live()

    asked = ada.post(f"/api/v1/versions/{sha256}/promote", {})
    assert asked.status_code == 409 and "worse than the live one" in asked.json()["error"]["message"]
    order = ada.post(f"/api/v1/versions/{sha256}/promote", {"confirmed": True}).json()
    assert do(order["id"]).status == Status.DONE

    assert Classifier.objects.get(slug="digits").live().sha256 == sha256
    back = ada.post("/api/v1/classifiers/digits/roll-back").json()
    assert do(back["id"]).status == Status.DONE
    assert Classifier.objects.get(slug="digits").live() == before
    assert ModelVersion.objects.filter(classifier__slug="digits", live=True).count() == 1
