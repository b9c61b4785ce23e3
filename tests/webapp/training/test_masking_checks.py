"""The checks for masked gradients: ordered when a version is made, told on its page, asked about before promoting."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from inference.catalog.masking_checks import TITLES
from tests.support.cast import Person
from tests.webapp.training.test_pages import words
from webapp.jobs import attempts, upkeep
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, Status
from webapp.registry.models import ModelVersion
from webapp.training import masking_work
from webapp.training.masking import last_checks
from webapp.training.models import Masking

CHECKS = len(TITLES) - 1  # no other network is there to transfer from
Start, Do = Callable[..., Job], Callable[..., Job]


@pytest.fixture
def made(start: Start, do: Do) -> Job:
    return do(start(epochs=3))


@pytest.fixture
def version(made: Job) -> ModelVersion:
    return ModelVersion.objects.get(pk=made.version_id)


def checks_of(version: ModelVersion) -> Masking:
    found = last_checks(version)
    assert found
    return found


def promoted(ada: Person, version: ModelVersion) -> Any:
    return ada.post(f"/api/v1/versions/{version.identity}/promote", {})


def test_checks_follow_a_training_and_are_told_on_its_page(
    made: Job, version: ModelVersion, do: Do, ada: Person, alice: Person
) -> None:
    page = f"/training/{made.pk}/"
    assert checks_of(version).job.queue == "train" and f"0 of {CHECKS} checks are done" in words(alice, page)
    refused = promoted(ada, version)
    assert refused.status_code == 409 and "not yet checked" in refused.json()["error"]["message"]

    card = version.card
    assert do(checks_of(version).job).status == Status.DONE

    told = words(alice, page)
    few = "On fewer than 500 pictures small differences go unseen. No attack made on another network was tried."
    assert re.search(rf"The first 200 test pictures, ε = 77/255, \d+ s\. {few}", told)
    assert "Twice the steps change nothing: " in told
    result = alice.get(f"/api/v1/jobs/{checks_of(version).pk}").json()["result"]
    assert len(result["checks"]) == CHECKS and not result["not_run"] and result["pictures"] == 200
    assert "no picture is without any" in result["checks"][1]["detail"]
    assert ModelVersion.objects.get(pk=version.pk).card == card  # a version stays as it is
    assert not [check for check in result["checks"] if check["state"] == "failed"]
    asked = promoted(ada, version).json()["error"]  # of the checks no more; the live one was tested on other pictures
    assert asked["code"] == "incomparable" and "masked" not in asked["message"]


def test_what_there_was_no_time_for_is_said_and_can_be_run_in_full(
    made: Job, version: ModelVersion, do: Do, ada: Person, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masking_work, "SECONDS", 0.0)
    do(checks_of(version).job)
    page = f"/training/{made.pk}/"
    assert "Not run, for want of time" in words(alice, page) and "Run all checks" not in words(alice, page)
    assert "Not every check" in promoted(ada, version).json()["error"]["message"]

    assert alice.send_form(f"/versions/{version.identity}/checks/", {}).status_code == 403
    assert "Run all checks" in words(ada, page)
    assert ada.send_form(f"/versions/{version.identity}/checks/", {}).status_code == 302

    again = checks_of(version)
    assert again.full and do(again.job).status == Status.DONE
    assert "Not run, for want of time" not in words(alice, page)


def test_failed_checks_are_asked_about_before_promoting(version: ModelVersion, ada: Person) -> None:
    failed = {"name": "beats_search", "state": "failed", "sentence": "gain_large"}
    check = failed | {"params": {"gain": 30, "left": 100, "of": 200}}
    found = {"pictures": 200, "epsilon": 77, "checks": [check], "not_run": [], "seconds": 1.0}
    Masking.objects.filter(version=version).update(found=found)
    Job.objects.filter(pk=checks_of(version).pk).update(status=Status.DONE)

    refused = promoted(ada, version)

    assert refused.status_code == 409
    assert "not to be believed" in refused.json()["error"]["message"]
    page = ada.send_form(f"/versions/{version.identity}/promote/", {})
    assert page.status_code == 409 and "A search without gradients" in page.content.decode()
    assert ada.send_form(f"/versions/{version.identity}/promote/", {"confirmed": "yes"}).status_code == 302


def test_what_older_versions_kept_is_read_and_programs_get_the_names_they_know(
    version: ModelVersion, alice: Person
) -> None:
    params = {"gain": 3, "left": 90, "of": 200}
    check = {"name": "beats_fgsm", "state": "noted", "sentence": "gain_told", "params": params}
    found = {"pictures": 200, "epsilon": 77, "checks": [check], "not_run": [], "seconds": 1.0}
    Masking.objects.filter(version=version).update(found=found)
    job = checks_of(version)
    Job.objects.filter(pk=job.pk).update(status=Status.DONE)

    (shown,) = alice.get(f"/api/v1/jobs/{job.pk}").json()["result"]["checks"]
    assert shown["told"] == "to be known"
    assert "breaks 3 of the 90 pictures that the white box leaves right, of 200" in shown["detail"]


def test_checks_can_be_cancelled_and_ordered_again(version: ModelVersion, do: Do, ada: Person) -> None:
    address = f"/versions/{version.identity}/checks/"
    assert ada.send_form(address, {"cancel": "yes"}).status_code == 302
    assert checks_of(version).job.status == Status.CANCELLED and checks_of(version).found is None
    assert ada.send_form(address, {"cancel": "yes"}).status_code == 409

    ada.send_form(address, {})
    second = checks_of(version)
    ada.send_form(address, {})
    assert checks_of(version) == second  # they wait already


def test_cancelled_while_they_run_they_end_at_the_next_step(
    version: ModelVersion, do: Do, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = masking_work.run_checks

    def cancelled_meanwhile(*args: Any, **more: Any) -> Any:
        jobs.cancel(checks_of(version).job)
        return real(*args, **more)

    monkeypatch.setattr(masking_work, "run_checks", cancelled_meanwhile)
    assert do(checks_of(version).job).status == Status.CANCELLED and checks_of(version).found is None


def test_a_killed_workers_checks_are_done_by_the_next(version: ModelVersion, do: Do) -> None:
    job = checks_of(version).job
    taken = attempts.claim(job.pk)
    assert taken
    Job.objects.filter(pk=job.pk).update(heartbeat="2020-01-01T00:00:00Z")
    upkeep.requeue_expired()
    assert do(job).status == Status.DONE and checks_of(version).found


def test_checks_let_go_of_a_worker_that_leaves_and_end_with_their_own_sentence(
    version: ModelVersion, do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = checks_of(version).job
    real = masking_work.run_checks

    def left_meanwhile(*args: Any, **more: Any) -> Any:
        jobs.ask_to_pause([Job.objects.get(pk=job.pk).worker])
        return real(*args, **more)

    monkeypatch.setattr(masking_work, "run_checks", left_meanwhile)
    assert (do(job).status, do(job).attempts) == (Status.QUEUED, 0)

    Job.objects.filter(pk=job.pk).update(status=Status.RUNNING, attempts=3, heartbeat="2020-01-01T00:00:00Z")
    upkeep.requeue_expired()
    assert "3 times during these checks" in checks_of(version).job.why()


def test_a_version_that_came_ready_made_is_not_asked_about(ada: Person) -> None:
    shipped = ModelVersion.objects.get(classifier__slug="digits", live=True)
    assert ada.send_form(f"/versions/{shipped.identity}/checks/", {}).status_code == 409
