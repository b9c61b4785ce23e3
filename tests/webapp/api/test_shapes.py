"""The API's answers have the shapes its own document declares."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from ninja import Schema

from attacks.catalog import ATTACKS
from inference.catalog.classifiers import CLASSIFIERS
from tests.support.cast import Person
from tests.support.finished import finish
from webapp.api import schemas
from webapp.api.words import DESCRIPTIONS, SUMMARIES, TAGS, paragraphs
from webapp.jobs import attempts
from webapp.jobs.models import Job
from webapp.lab.models import Attack
from webapp.lab.services import start_attack
from webapp.pictures.models import Picture
from webapp.registry.models import ModelVersion
from webapp.training.datasets import register_declared

DOCUMENT = "/api/v1/openapi.json"
ROUTES = {
    ("post", "/api/v1/images"),
    ("get", "/api/v1/images"),
    ("get", "/api/v1/images/{image_id}"),
    ("delete", "/api/v1/images/{image_id}"),
    ("post", "/api/v1/jobs"),
    ("get", "/api/v1/jobs"),
    ("post", "/api/v1/jobs/forecast"),
    ("get", "/api/v1/jobs/{job_id}"),
    ("delete", "/api/v1/jobs/{job_id}"),
    ("post", "/api/v1/jobs/{job_id}/points/{value}"),
    ("post", "/api/v1/jobs/{job_id}/points/{value}/draws"),
    ("post", "/api/v1/jobs/{job_id}/share"),
    ("delete", "/api/v1/jobs/{job_id}/share"),
    ("post", "/api/v1/computations"),
    ("get", "/api/v1/computations"),
    ("get", "/api/v1/classifiers"),
    ("get", "/api/v1/attacks"),
    ("post", "/api/v1/training-runs"),
    ("get", "/api/v1/training-runs"),
    ("get", "/api/v1/training-runs/{run_id}"),
    ("post", "/api/v1/training-runs/{run_id}/stop"),
    ("post", "/api/v1/training-runs/{run_id}/cancel"),
    ("post", "/api/v1/training-runs/{run_id}/resume"),
    ("get", "/api/v1/training-settings"),
    ("get", "/api/v1/datasets"),
    ("post", "/api/v1/datasets"),
    ("get", "/api/v1/datasets/{slug}"),
    ("get", "/api/v1/versions"),
    ("get", "/api/v1/versions/{identity}"),
    ("post", "/api/v1/versions/{identity}/promote"),
    ("post", "/api/v1/classifiers/{slug}/roll-back"),
}
RESULTS = {
    "predict": schemas.PredictOut,
    "attack": schemas.AttackResultOut,
    "sweep": schemas.SweepResultOut,
    "point": schemas.PointResultOut,
    "draws": schemas.DrawsOut,
}


def assert_shaped(found: Any, schema: type[Schema]) -> None:
    """Every declared field is there with its type, and no other, all the way down."""
    if isinstance(found, list):
        assert found
        for entry in found:
            assert_shaped(entry, schema)
        return
    schema.model_validate(found)
    assert set(found) == set(schema.model_fields), set(found) ^ set(schema.model_fields)


def assert_job_shaped(found: dict[str, Any]) -> None:
    assert_shaped(found, schemas.JobOut)
    if found["status"] == "done":
        assert_shaped(found["result"], RESULTS[found["kind"]])
    else:
        assert found["result"] is None


def test_the_check_finds_what_is_missing_or_too_much() -> None:
    with pytest.raises(AssertionError):
        assert_shaped({"code": "a", "message": "b", "field": None, "job": None, "more": 1}, schemas.ErrorBody)
    with pytest.raises(AssertionError):
        assert_shaped({"code": "a", "message": "b"}, schemas.ErrorBody)


@pytest.mark.parametrize("kind", list(RESULTS))
def test_a_finished_job_of_every_kind(alice: Person, attack: Attack, point: Job, kind: str) -> None:
    sweep = attack.current_sweep()
    assert sweep
    made = {"attack": lambda: attack.pk, "point": lambda: point.pk, "sweep": lambda: finish(sweep.pk).pk}
    made["draws"] = lambda: finish(alice.post(f"/api/v1/jobs/{attack.pk}/points/3/draws").json()["id"]).pk
    made["predict"] = lambda: finish(alice.predict(str(attack.picture_id)).json()["id"]).pk

    found = alice.get(f"/api/v1/jobs/{made[kind]()}").json()

    assert (found["kind"], found["status"], found["attempts"]) == (kind, "done", 1)
    assert_job_shaped(found)


def test_a_job_at_every_stage(alice: Person, queued: Job) -> None:
    address = f"/api/v1/jobs/{queued.pk}"

    def stage() -> dict[str, Any]:
        found = alice.get(address).json()
        assert_job_shaped(found)
        return found

    assert (stage()["status"], stage()["position"], stage()["error"]) == ("queued", 1, None)
    job = attempts.claim(queued.pk)
    assert job
    attempts.report_progress(job, done=2, text="Looking for the change")
    assert stage()["status"] == "running" and stage()["position"] is None
    assert stage()["progress"] == {"done": 2, "total": 4, "text": "Looking for the change"}
    attempts.fail(job, code="out_of_memory", message="The graphics card's memory is full.")
    assert stage()["error"] == {"code": "out_of_memory", "message": "The graphics card's memory is full."}


def test_a_trainings_answers_name_its_page(alice: Person, ada: Person) -> None:
    register_declared()
    begun = ada.post("/api/v1/training-runs", {"config": {}}).json()
    assert_shaped(begun, schemas.Accepted)
    assert_shaped(ada.post(f"/api/v1/training-runs/{begun['id']}/cancel").json(), schemas.Accepted)
    assert begun["page"] == alice.get(begun["url"]).json()["page"] == f"/training/{begun['id']}/"
    assert alice.get(begun["page"]).status_code == 200


def test_the_document_names_each_kind_of_path_and_control(document: dict[str, Any]) -> None:
    told = document["components"]["schemas"]["AttackOut"]["properties"]
    for record in ATTACKS.values():
        assert re.search(rf"\b{record.path}:", told["path"]["description"])
        assert record.control is None or re.search(rf"\b{record.control}\b", told["control"]["description"])


def test_lists_and_catalogues(alice: Person, attack: Attack, point: Job) -> None:
    for job in alice.get("/api/v1/jobs").json():
        assert_job_shaped(job)
    assert_shaped(alice.get("/api/v1/images").json(), schemas.ImageOut)
    assert_shaped(alice.get(f"/api/v1/images/{attack.picture_id}").json(), schemas.ImageOut)
    assert_shaped(alice.get("/api/v1/classifiers").json(), schemas.ClassifierOut)
    assert_shaped(alice.get("/api/v1/attacks").json(), schemas.AttackOut)
    assert_shaped(alice.predict(str(attack.picture_id)).json(), schemas.Accepted)
    assert_shaped(alice.post(f"/api/v1/jobs/{attack.pk}/share").json(), schemas.ShareOut)
    assert_shaped(alice.delete(f"/api/v1/jobs/{attack.pk}").json(), schemas.Accepted)


def test_a_list_of_jobs_says_what_each_says_alone_in_as_many_queries_for_two_as_for_many(
    alice: Person, attack: Attack, point: Job, sample: Picture
) -> None:
    image = str(attack.picture_id)
    Picture.objects.filter(pk=sample.pk).update(facts={"dataset": "kinds"})  # taught to nobody here
    sweep = attack.current_sweep()
    assert sweep
    finish(sweep.pk)
    alice.post(f"/api/v1/jobs/{attack.pk}/points/2/draws")

    def listed() -> tuple[list[dict[str, Any]], int]:
        with CaptureQueriesContext(connection) as asked:
            return alice.get("/api/v1/jobs").json(), len(asked)

    few = listed()[1]
    for _ in range(3):
        finish(alice.attack(image).json()["id"])
        finish(alice.predict(image).json()["id"])
        alice.predict(image)
        alice.attack(str(sample.pk))
    for value in (1, 4):
        finish(alice.post(f"/api/v1/jobs/{attack.pk}/points/{value}").json()["id"])

    jobs, queries = listed()
    assert len(jobs) == 21 and queries == few
    assert {job["position"] for job in jobs} > {None, 1, 2, 3}
    assert jobs == [alice.get(f"/api/v1/jobs/{job['id']}").json() for job in jobs]


def test_the_classifier_tells_its_labels_and_range(alice: Person) -> None:
    found = next(one for one in alice.get("/api/v1/classifiers").json() if one["slug"] == "imagenet-lite0")

    assert (found["preparation"], found["levels"]) == ("photo", 32)
    assert len(found["labels"]) == 1000 and found["labels"][368] == "gibbon"
    assert "labels" not in found["card"] and re.fullmatch("[0-9a-f]{64}", found["live"]["sha256"])


def test_the_attacks_parameters_are_json_schema_with_bounds(alice: Person) -> None:
    epsilon = alice.get("/api/v1/attacks").json()[0]["params"]["properties"]["epsilon"]

    widest = max(record.levels for record in CLASSIFIERS.values())
    assert (epsilon["type"], epsilon["minimum"], epsilon["maximum"]) == ("integer", 1, widest)


def test_the_samples_job_is_for_everybody(sample: Picture) -> None:
    assert_job_shaped(Person().get(f"/api/v1/jobs/{sample.attacks.get().pk}").json())


# --- The document -------------------------------------------------------------------------------------------------


@pytest.fixture
def document(alice: Person) -> dict[str, Any]:
    return alice.get(DOCUMENT).json()


def test_the_document_describes_every_route(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Gibbon" and document["info"]["version"]
    found = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert found == ROUTES
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)


def test_every_operation_has_words_tags_and_answers(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            place = f"{method} {path}"
            assert operation["summary"] and operation["tags"], place
            assert set(re.findall(r"\{(\w+)\}", path)) == {
                parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"
            }, place
            answers = operation["responses"]
            assert any(code.startswith("2") for code in answers), place
            assert {"404", "429", "503"} <= set(answers), place
            for code, answer in answers.items():
                assert answer["description"], place
                assert code == "204" or answer["content"]["application/json"]["schema"], place


def test_what_the_document_says_of_addresses_is_told_in_the_readers_language(
    alice: Person, document: dict[str, Any]
) -> None:
    marked = {*TAGS, *SUMMARIES, *DESCRIPTIONS}
    chinese = alice.get(DOCUMENT, headers={"Accept-Language": "zh-CN"}).json()
    assert "**谁来调用。**" in chinese["info"]["description"] and "```sh" in chinese["info"]["description"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            told = chinese["paths"][path][method]
            said = [operation["summary"], *operation["tags"], *paragraphs(operation.get("description", ""))]
            assert {*filter(None, said)} <= marked, f"{method} {path}: mark it in webapp/api/words.py"
            for text in (told["summary"], *told["tags"], *filter(None, [told.get("description")])):
                assert re.search(r"[\u4e00-\u9fff]", text), text


def test_every_reference_of_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    references = list(references_in(document))

    assert len(references) > 20
    for reference in references:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place.get("type") or place.get("oneOf") or place.get("anyOf"), reference


def references_in(node: Any) -> Any:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if key == "$ref":
            yield value
        else:
            yield from references_in(value)


def test_the_document_says_how_to_identify_oneself(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]

    assert schemes == {"PersonalToken": {"type": "http", "scheme": "bearer"}}
    assert all(op["security"] == [{"PersonalToken": []}] for ops in document["paths"].values() for op in ops.values())


def test_the_page_of_the_document_uses_our_own_files(alice: Person) -> None:
    page = alice.get("/api/v1/docs").content.decode()

    assert "/static/ninja/swagger-ui-bundle.js" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_the_documents_examples_are_there_and_can_be_asked_for(
    alice: Person, sample: Picture, version: ModelVersion
) -> None:
    for seed in range(1, 5):
        params = {"epsilon": 2, "seed": seed}
        newest = start_attack(visitor=None, picture=sample, version=version, attack="fgsm", params=params)
        finish(newest.pk)
    paths = alice.get(DOCUMENT).json()["paths"]
    orders = paths["/api/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    shown = paths["/api/v1/jobs/{job_id}"]["get"]

    for order in orders.values():
        assert alice.post("/api/v1/jobs", order["value"]).status_code == 202, order
    key = shown["parameters"][0]["example"]
    assert key == str(newest.pk)
    assert (
        alice.get(f"/api/v1/jobs/{key}").json() == shown["responses"]["200"]["content"]["application/json"]["example"]
    )
