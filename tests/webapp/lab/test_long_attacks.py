"""Attacks of many steps: what is told before, where they wait, and that they are done in turns as in one go."""

import io
import re
from typing import Any

import pytest

from attacks import ATTACKS
from tests.support.cast import Person, sentence_of
from tests.support.pictures import digit_png
from webapp.core.queues import STUDY
from webapp.jobs import attempts, run, services, turns
from webapp.jobs.models import Job, Status
from webapp.lab.models import Attack
from webapp.registry import loading
from webapp.registry.models import ModelVersion

FORECAST = "/api/v1/jobs/forecast"
SECONDS = 0.1  # a pass, as if it had been measured
MANY = {"epsilon": 2, "steps": 100}

pytestmark = pytest.mark.usefixtures("measured")


@pytest.fixture
def measured(version: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=version.pk).update(gradient_seconds=SECONDS, forward_seconds=SECONDS / 4)


def order(picture: dict[str, Any], params: dict[str, Any], attack: str = "pgd") -> dict[str, Any]:
    named = {"kind": "attack", "image": picture["id"], "classifier": "imagenet-lite0", "attack": attack}
    return named | {"params": params}


def begun(person: Person, picture: dict[str, Any], params: dict[str, Any], attack: str = "pgd") -> Job:
    response = person.attack(picture["id"], params, attack=attack)
    assert response.status_code == 202, response.content
    return Job.objects.get(pk=response.json()["id"])


def claimed(job: Job) -> Job:
    found = attempts.claim(job.pk)
    assert found
    return found


def test_what_is_over_in_a_moment_holds_up_nobody_and_what_takes_longer_takes_turns(
    alice: Person, picture: dict[str, Any]
) -> None:
    for params, attack in (({"epsilon": 2}, "fgsm"), ({"epsilon": 2, "steps": 17}, "pgd")):
        quick = begun(alice, picture, params, attack)
        assert (quick.queue, quick.expected) == ("interactive", None)
    job = begun(alice, picture, MANY)
    assert (job.queue, job.expected) == ("study", pytest.approx(10 + 9 * SECONDS / 4))
    assert job.seconds == 300  # the time limit of that queue
    shown = alice.get(f"/api/v1/jobs/{job.pk}").json()
    assert (shown["expected_seconds"], shown["position"]) == (11, 3)


def test_of_a_network_that_no_worker_has_measured_only_a_single_step_is_taken_to_be_short(
    alice: Person, picture: dict[str, Any]
) -> None:
    ModelVersion.objects.update(gradient_seconds=None, forward_seconds=None)
    assert begun(alice, picture, {"epsilon": 2}, "fgsm").queue == "interactive"
    forecast = alice.post(FORECAST, order(picture, MANY)).json()
    assert (forecast["queue"], forecast["work_seconds"], forecast["expected_seconds"]) == ("study", None, None)
    assert "not known yet" in forecast["sentence"]
    job = begun(alice, picture, MANY)
    assert (job.queue, job.expected) == ("study", None)


def test_it_is_told_before_it_begins_and_then_the_same(alice: Person, picture: dict[str, Any]) -> None:
    forecast = alice.post(FORECAST, order(picture, MANY)).json()
    assert forecast == {
        "begins": True,
        "queue": "study",
        "position": 1,
        "work_seconds": 11,
        "expected_seconds": 11,
        "sentence": "This takes up to 11 seconds. What others ask for goes before it now and then.",
    }
    assert not Job.objects.exists()
    job = begun(alice, picture, MANY)
    assert alice.get(f"/api/v1/jobs/{job.pk}").json()["expected_seconds"] == 11


def test_who_comes_second_is_told_of_the_first(alice: Person, bob: Person, picture: dict[str, Any]) -> None:
    [bobs] = bob.get("/api/v1/images").json()
    begun(bob, bobs, MANY)
    forecast = alice.post(FORECAST, order(picture, MANY | {"steps": 50})).json()
    assert (forecast["position"], forecast["work_seconds"], forecast["expected_seconds"]) == (2, 6, 11)
    assert "6 s of work" in forecast["sentence"] and "ready within about 11 s, as number 2" in forecast["sentence"]


def test_an_attack_that_asks_for_scores_alone_is_counted_by_passes_without_a_gradient(
    alice: Person, picture: dict[str, Any]
) -> None:
    """And its control, which tries as often, by the time that it is given."""
    params = {"epsilon": 2, "queries": 390}
    assert alice.post(FORECAST, order(picture, params, "square")).json()["work_seconds"] == 10 + 5


def test_of_a_quick_attack_there_is_nothing_to_say(alice: Person, picture: dict[str, Any]) -> None:
    assert alice.post(FORECAST, order(picture, {"epsilon": 2}, "fgsm")).json()["sentence"] == ""


def test_a_visitor_has_one_long_attack_open_and_any_number_of_quick_ones(
    alice: Person, picture: dict[str, Any]
) -> None:
    job = begun(alice, picture, MANY)
    response = alice.attack(picture["id"], MANY, attack="pgd")
    assert (response.status_code, response.json()["error"]["code"]) == (429, "one_at_a_time")
    assert int(response["Retry-After"]) == 11
    forecast = alice.post(FORECAST, order(picture, MANY)).json()
    assert (forecast["begins"], forecast["sentence"]) == (False, sentence_of(response))
    begun(alice, picture, {"epsilon": 2}, "fgsm")
    services.cancel(job)
    begun(alice, picture, MANY)


def test_beyond_the_limit_it_is_refused_with_a_way_on(alice: Person, picture: dict[str, Any], settings: Any) -> None:
    settings.ATTACK_SECONDS = 20
    begun(alice, picture, {"epsilon": 2, "steps": 196})
    params = {"epsilon": 2, "steps": 101, "restarts": 2}
    response = alice.attack(picture["id"], params, attack="pgd")
    assert (response.status_code, response.json()["error"]["field"]) == (422, "steps")
    assert "up to 21 seconds here, and one attack may take 20" in sentence_of(response)
    assert "python -m inference attack --attack pgd" in sentence_of(response)
    forecast = alice.post(FORECAST, order(picture, params)).json()
    assert (forecast["begins"], forecast["sentence"]) == (False, sentence_of(response))
    assert alice.post(FORECAST, order(picture, {"epsilon": 99})).status_code == 422  # nonsense stays an error
    assert Job.objects.count() == 1


# What passes were measured to take on two cores, forwards and with a gradient, and where that leads the papers' values.
PASSES = {"imagenet-lite0": (0.02, 0.053), "digits": (0.0004, 0.0012)}
QUICK = {"imagenet-lite0": {"bim", "mi-fgsm"}, "digits": {*ATTACKS} - {"cw", "square", "one-pixel", "few-pixels"}}
TOO_LONG = {"imagenet-lite0": {"cw", "square", "one-pixel", "few-pixels"}, "digits": set[str]()}


@pytest.mark.parametrize("network", PASSES)
@pytest.mark.parametrize("slug", [record.slug for record in ATTACKS.values() if record.presets])
def test_of_the_papers_values_the_cost_is_told_first_and_what_takes_long_waits_in_its_queue(
    alice: Person, picture: dict[str, Any], settings: Any, slug: str, network: str
) -> None:
    settings.ATTACK_SECONDS = 120
    forward, gradient = PASSES[network]
    live = ModelVersion.objects.filter(classifier__slug=network, live=True)
    live.update(forward_seconds=forward, gradient_seconds=gradient)
    brought = picture if network == "imagenet-lite0" else alice.upload(io.BytesIO(digit_png()), prepare="digit").json()
    record = ATTACKS[slug]
    asked = order(brought, dict(record.presets[-1].values), slug) | {"classifier": network}
    answer = alice.post(FORECAST, asked)
    if record.most_values and network == "imagenet-lite0":
        assert answer.status_code == 422 and "value by value" in sentence_of(answer)
        return
    forecast = answer.json()
    if slug in TOO_LONG[network]:
        refused = alice.post("/api/v1/jobs", asked)
        assert refused.status_code == 422 and not forecast["begins"] and forecast["sentence"] == sentence_of(refused)
        assert re.search(r"up to \d+ seconds here, .* -m inference attack --attack", forecast["sentence"])
        return
    job = Job.objects.get(pk=alice.post("/api/v1/jobs", asked).json()["id"])
    assert job.queue == forecast["queue"] == ("interactive" if slug in QUICK[network] else "study")
    assert forecast["begins"] and bool(forecast["sentence"]) == (job.queue == "study")
    if job.queue == "study":
        assert f"up to {forecast['work_seconds']} seconds" in forecast["sentence"]
        assert forecast["work_seconds"] - 1 <= job.expected <= forecast["work_seconds"]


def test_a_worker_measures_a_network_when_it_loads_it() -> None:
    version = ModelVersion.objects.select_related("classifier").get(classifier__slug="digits")
    ModelVersion.objects.update(gradient_seconds=None, forward_seconds=None)
    loading._ready.clear()
    loading.classifier_of(version)
    version.refresh_from_db()
    forward, gradient = version.forward_seconds, version.gradient_seconds
    assert forward and gradient and 0.0001 < forward < gradient < 10


@pytest.mark.walk
def test_in_turns_it_comes_to_the_same_as_in_one_go(
    alice: Person, picture: dict[str, Any], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = {"epsilon": 2, "steps": 4, "restarts": 2}
    in_one_go = begun(alice, picture, params)
    assert in_one_go.queue == "interactive"
    run.do(claimed(in_one_go))

    monkeypatch.setattr(turns, "TURN", 0.0)  # every step is a turn
    settings.INTERACTIVE_SECONDS = 0.1
    in_turns = begun(alice, picture, params)
    urgent = alice.predict(picture["id"]).json()["id"]
    assert in_turns.queue == STUDY.name
    turns.go_round(claimed(in_turns))

    one, other = (Attack.objects.get(pk=job.pk) for job in (in_one_go, in_turns))
    assert other.job.status == Status.DONE and Job.objects.get(pk=urgent).status == Status.DONE
    assert one.result["adversarial"] == other.result["adversarial"]
    assert one.result["cost"]["gradients"] == other.result["cost"]["gradients"]  # the prediction's pass is not its own
    assert one.result["cost"]["forwards"] == other.result["cost"]["forwards"]


def test_it_stops_at_the_step_at_which_it_is_cancelled(
    alice: Person, picture: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "TURN", 0.0)
    job, seen = begun(alice, picture, MANY), []
    record = turns.sharing.record_turn

    def and_cancel(of: Job, **columns: Any) -> bool:
        seen.append(columns["done"])
        if len(seen) == 5:
            services.cancel(job)
        return record(of, **columns)

    monkeypatch.setattr(turns.sharing, "record_turn", and_cancel)
    turns.go_round(claimed(job))
    job.refresh_from_db()
    assert (job.status, len(seen)) == (Status.CANCELLED, 5)
    assert not Attack.objects.get(pk=job.pk).adversarial_file
