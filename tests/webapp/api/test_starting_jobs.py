"""Starting a job: whatever is not exactly right is answered with a sentence, at once, and leaves no row."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.cast import Person, sentence_of
from tests.support.finished import finish
from webapp.jobs.models import Job
from webapp.lab.models import Attack
from webapp.pictures.models import Picture
from webapp.registry.models import ModelVersion

JOBS = "/api/v1/jobs"
BAD_EPSILONS = ["NaN", "Infinity", "-Infinity", '"2"', "2.5", "2.0", "true", "-1", "0", "33", "1e308", "1e999", "[1]"]
BAD_EPSILONS += ["null", "{}", '""', "9" * 400, "9" * 5000, "1e2"]

BAD_PARAMS = ["null", "[]", '"epsilon"', "2", '{"epsilon": 2, "steps": 1000000000}', '{"epsilon": 2, "": 1}']
BAD_PARAMS += ['{"epsilon": 2, "target": 1000}', '{"epsilon": 2, "target": "panda"}', '{"epsilon": 2, "target": true}']
BAD_PARAMS += ['{"epsilon": 2, "seed": -1}', '{"epsilon": 2, "seed": null}', '{"epsilon": 2, "seed": 2147483648}']
BAD_PARAMS += ['{"epsilon": 2, "epsilon": 3}', '{"Epsilon": 2}', '{"epsilon": 2, "\\ud800": 1}']
BAD_PARAMS += ['{"epsilon": 2, "\\u0000": 1}']


def order_with(params: str, picture: dict[str, Any]) -> str:
    """An attack's order with `params` as literal JSON."""
    order = {"kind": "attack", "image": picture["id"], "classifier": "imagenet-lite0", "attack": "fgsm"}
    return f'{json.dumps(order)[:-1]}, "params": {params}}}'


def test_an_attack_is_queued_with_what_was_asked(alice: Person, picture: dict[str, Any], version: ModelVersion) -> None:
    response = alice.attack(picture["id"], {"epsilon": 3, "target": 7, "seed": 11})

    assert response.status_code == 202
    accepted = response.json()
    assert (accepted["kind"], accepted["status"]) == ("attack", "queued")
    row = Attack.objects.select_related("job").get(pk=accepted["id"])
    assert row.params == {"epsilon": 3, "target": 7, "seed": 11}
    assert row.job.version == version and row.job.enqueued is not None
    assert alice.get(accepted["url"]).json()["about"]["params"]["epsilon"] == 3


def test_an_epsilon_that_is_no_whole_number_of_levels(alice: Person, picture: dict[str, Any]) -> None:
    for epsilon in BAD_EPSILONS:
        start = time.process_time()
        response = alice.post(JOBS, order_with(f'{{"epsilon": {epsilon}}}', picture))
        seconds = time.process_time() - start

        assert 400 <= response.status_code < 500, epsilon[:40]
        assert "NaN" not in sentence_of(response)
        assert seconds < 0.1, epsilon[:40]
    assert not Job.objects.exists()


def test_parameters_that_the_attack_does_not_declare(alice: Person, picture: dict[str, Any]) -> None:
    for params in BAD_PARAMS:
        response = alice.post(JOBS, order_with(params, picture))

        assert 400 <= response.status_code < 500, params
        sentence_of(response)
    assert not Job.objects.exists()


def test_the_sentence_about_epsilon_names_field_and_bounds(alice: Person, picture: dict[str, Any]) -> None:
    response = alice.attack(picture["id"], {"epsilon": 33})

    assert response.status_code == 422
    assert response.json()["error"]["field"] == "epsilon"
    assert sentence_of(response) == "epsilon must be a whole number from 1 to 32, in grey levels of 255."


CHANGES: dict[str, dict[str, Any]] = {
    "an unknown attack": {"attack": "magic"},
    "an attack that is a list": {"attack": ["fgsm"]},
    "an unknown classifier": {"classifier": "imagenet-lite9"},
    "no classifier": {"classifier": None},
    "an empty classifier": {"classifier": ""},
    "a classifier and a version": {"version": "0" * 64},
    "an unknown version": {"classifier": None, "version": "0" * 64},
    "half a surrogate pair": {"classifier": "\ud800"},
    "a NUL": {"classifier": "imagenet\0"},
    "an unknown kind": {"kind": "train"},
    "a kind that is a number": {"kind": 1},
    "an image that is no id": {"image": "../../etc/passwd"},
    "an image that is a number": {"image": 1},
    "an unknown image": {"image": "00000000-0000-4000-8000-000000000000"},
    "an unknown field": {"steps": 10},
    "a class of 900 kB": {"params": {"target": "a" * 900_000}},
    "a class of 5,000 digits": {"params": {"target": "9" * 5000}},
}


def test_an_order_that_makes_no_sense(alice: Person, picture: dict[str, Any]) -> None:
    for change, fields in CHANGES.items():
        response = alice.attack(**({"image": picture["id"]} | fields))

        assert 400 <= response.status_code < 500, change
        assert len(sentence_of(response)) < 1000, change
    assert not Job.objects.exists()


BODIES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no JSON": lambda: b"kind=attack",
    "half": lambda: b'{"kind": "attack"',
    "null": lambda: b"null",
    "a list": lambda: b"[]",
    "a number": lambda: b"1",
    "NaN": lambda: b"NaN",
    "a text": lambda: b'"attack"',
    "an object without anything": lambda: b"{}",
    "not UTF-8": lambda: b'{"kind": "\xff\xfe"}',
    "UTF-16": lambda: '{"kind": "predict"}'.encode("utf-16"),
    "100,000 lists": lambda: b"[" * 100_000,
    "100,000 lists within": lambda: b'{"kind": "attack", "params": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "100,000 objects": lambda: b'{"a":' * 100_000,
    "two kinds": lambda: b'{"kind": "predict", "kind": "attack"}',
    "a number of 10,000 digits": lambda: b'{"kind": ' + b"1" * 10_000 + b"}",
    "a name of 900 kB": lambda: b'{"kind": "predict", "' + b"a" * 900_000 + b'": 1}',
    "900 kB of text": lambda: b'{"kind": "' + b"a" * 900_000 + b'"}',
    "1.1 MB of text": lambda: b'{"kind": "' + b"a" * 1_100_000 + b'"}',
}


def test_a_body_that_is_no_order(alice: Person) -> None:
    for name, body in BODIES.items():
        response = alice.post(JOBS, body())

        assert 400 <= response.status_code < 500, name
        assert len(response.content) < 2000, name
        sentence_of(response)


def test_what_is_not_json_is_told_so_in_the_callers_language(alice: Person, ted: Person) -> None:
    answer = alice.post(JOBS, b"kind=attack")
    assert answer.json()["error"] == {"code": "bad_json", "message": "The body is not JSON that can be read."}
    chinese = alice.post(JOBS, b"kind=attack", headers={"Accept-Language": "zh-hans"}).json()["error"]
    assert chinese["code"] == "bad_json" and "JSON" in chinese["message"] and chinese != answer.json()["error"]
    form = ted.request("POST", JOBS, data=b"kind=attack", content_type="application/x-www-form-urlencoded")
    assert "not a form" in sentence_of(form)


def test_a_picture_prepared_for_something_else_is_refused(alice: Person, picture: dict[str, Any]) -> None:
    Picture.objects.update(preparation="digit")

    response = alice.attack(picture["id"])

    assert (response.status_code, response.json()["error"]["code"]) == (422, "wrong_preparation")
    assert not Job.objects.exists()


def test_a_level_beyond_the_classifiers(alice: Person, attack: Attack) -> None:
    before = Job.objects.count()

    for value in ("33", "-1", "2.5", "NaN", "1e1", "three", "9" * 5000, "%00"):
        response = alice.post(f"{JOBS}/{attack.pk}/points/{value}")

        assert 400 <= response.status_code < 500, value[:40]
        sentence_of(response)
    assert Job.objects.count() == before


@pytest.mark.parametrize(("door", "kind"), [("points/3", "point"), ("points/3/draws", "draws")])
def test_the_same_level_asked_twice_is_one_job(alice: Person, attack: Attack, door: str, kind: str) -> None:
    answers = [alice.post(f"{JOBS}/{attack.pk}/{door}").json()["id"] for _ in range(2)]

    assert answers[0] == answers[1]
    assert Job.objects.filter(kind=kind).count() == 1


def test_draws_tell_how_often_noise_changes_the_answer(alice: Person, bob: Person, attack: Attack) -> None:
    address = f"{JOBS}/{attack.pk}/points/3/draws"
    assert bob.post(address).status_code == 404
    job = finish(alice.post(address).json()["id"])

    found = alice.get(f"{JOBS}/{job.pk}").json()["result"]

    assert (found["value"], found["of"], found["changed"]) == (3, 20, 3)
    assert [(named["index"], named["draws"]) for named in found["named"]] == [(0, 17), (1, 3)]
    assert alice.post(f"{JOBS}/{attack.pk}/points/33/draws").status_code == 422


def test_a_level_of_an_attack_that_has_not_finished(alice: Person, queued: Job) -> None:
    response = alice.post(f"{JOBS}/{queued.pk}/points/3")

    assert response.status_code == 409
    sentence_of(response)


def test_a_new_attack_drops_the_sweep_of_the_one_before(alice: Person, attack: Attack) -> None:
    sweep = Job.objects.get(kind="sweep")

    alice.attack(str(attack.picture_id), {"epsilon": 5})

    sweep.refresh_from_db()
    assert sweep.status == "cancelled"
    found = alice.get(f"{JOBS}/{sweep.pk}").json()
    assert found["progress"]["text"].startswith("Dropped")


def test_a_dropped_sweep_can_be_asked_for_again(alice: Person, attack: Attack) -> None:
    first = Job.objects.get(kind="sweep")
    order = {"kind": "sweep", "of": str(attack.pk)}

    assert alice.post(JOBS, order).json()["id"] == str(first.pk)
    alice.delete(f"{JOBS}/{first.pk}")
    again = alice.post(JOBS, order).json()["id"]

    assert again != str(first.pk)
    assert Job.objects.get(pk=again).visitor == attack.job.visitor


def test_the_sweep_of_a_sample_belongs_to_everybody(alice: Person, bob: Person, sample: Picture) -> None:
    attack = sample.attacks.get()
    Job.objects.filter(kind="sweep").update(status="cancelled")

    sweep = alice.post(JOBS, {"kind": "sweep", "of": str(attack.pk)}).json()["id"]

    assert bob.get(f"{JOBS}/{sweep}").status_code == 200
    assert alice.delete(f"{JOBS}/{sweep}").status_code == 403


def test_cancelling_a_waiting_job_ends_it(alice: Person, queued: Job) -> None:
    response = alice.delete(f"{JOBS}/{queued.pk}")

    assert (response.status_code, response.json()["status"]) == (202, "cancelled")
