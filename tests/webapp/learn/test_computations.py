"""What lessons have computed: asked for, found again, joined, left and refused; the test is the worker."""

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from attacks.options import Option
from tests.support.cast import Person, sentence_of
from tests.support.pictures import digit_png
from tests.webapp.api.test_shapes import assert_shaped
from webapp.api import schemas
from webapp.jobs import attempts, run, services, turns
from webapp.jobs.broker import take
from webapp.jobs.models import Job, Status
from webapp.learn import computations
from webapp.learn.computations import Computation as Record
from webapp.learn.models import Computation
from webapp.learn.services import delete_unasked, ensure_prepared
from webapp.pictures.deleting import delete_all
from webapp.pictures.models import Picture
from webapp.visitors.models import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = Option("times", "integer", 2, "Times", "So often.", minimum=1, maximum=5)
SMALL = {"network": "small", "epochs": 1, "pictures": 200}


def brightness(*, picture: Any, times: int) -> dict[str, float]:
    return {"mean": float(picture.mean()) * times}


def answer(*, classifier: Any, times: int) -> dict[str, Any]:
    return {"classes": len(classifier.labels), "times": times}


def count(*, times: int) -> Iterator[tuple[float, dict[str, int]]]:
    for step in range(times):
        yield step / times, {"counted": step}
    return {"counted": times}


def seconds(options: Any) -> float:
    return 30.0 * options["times"]


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    here = __name__
    monkeypatch.setattr(turns, "TURN", 0.0)
    for record in (
        *(replace(one, prepared=()) for one in computations.COMPUTATIONS.values()),
        Record("brightness", f"{here}:brightness", (TIMES,), lambda _options: 0.1, picture="digit"),
        Record("answer", f"{here}:answer", (TIMES,), lambda _options: 0.1, classifier="digits"),
        Record("count", f"{here}:count", (TIMES,), seconds, long=True, prepared=({"times": 5},)),
    ):
        monkeypatch.setitem(computations._DECLARED, record.slug, record)


def ask(who: Person, computation: str, *, status: int = 201, **asked: Any) -> dict[str, Any]:
    response = who.post("/api/v1/computations", {"computation": computation, **asked})
    assert response.status_code == status, response.content
    return response.json()


def work(job_id: object) -> None:
    """What a worker does with a message about this job."""
    job = attempts.claim(str(job_id))
    assert job
    turns.go_round(job) if job.line.takes_turns else run.do(job)


def found(who: Person, job_id: object) -> dict[str, Any]:
    return who.get(f"/api/v1/jobs/{job_id}").json()


# --- Asking -------------------------------------------------------------------------------------------------------


def test_a_race_is_run_once_and_answered_at_once_to_whoever_asks_for_the_same(alice: Person, bob: Person) -> None:
    begun = ask(alice, "race", options=SMALL)
    assert_shaped(begun, schemas.JobOut)
    assert (begun["status"], begun["position"], begun["expected_seconds"]) == ("queued", 1, 1)
    work(begun["id"])
    done = ask(bob, "race", options=SMALL | {"seed": 0})  # the default, said
    assert_shaped(done, schemas.JobOut)
    assert_shaped(done["result"], schemas.ComputationResult)
    assert (done["id"], done["status"]) == (begun["id"], "done")
    points = done["result"]["found"]["points"]
    assert points[0]["step"] == 0 and points[-1]["validation_error"] < points[0]["validation_error"]
    assert ask(bob, "race", options=SMALL | {"seed": 1})["id"] != begun["id"]


def test_what_is_at_work_is_joined_by_others_and_tells_what_there_is_so_far(alice: Person, bob: Person) -> None:
    begun = ask(alice, "count")
    assert ask(alice, "count")["id"] == begun["id"]
    assert ask(bob, "count")["id"] == begun["id"]
    job = attempts.claim(begun["id"])
    assert job
    attempt = turns.Turns(job)
    assert attempt.take_turn()
    seen = found(bob, begun["id"])
    assert (seen["status"], seen["live"], seen["result"]) == ("running", {"counted": 0}, None)
    while attempt.take_turn():
        pass
    attempt.close()
    seen = found(bob, begun["id"])
    assert (seen["status"], seen["live"], seen["result"]) == ("done", None, {"found": {"counted": 2}})
    assert Computation.objects.count() == 1


def test_seconds_are_foretold_as_the_last_such_took(alice: Person, settings: Any) -> None:
    settings.STUDY_SECONDS = 1000

    def foretold(times: int) -> float:
        job = Job.objects.get(pk=ask(alice, "count", options={"times": times})["id"])
        assert job.expected is not None
        return job.expected / seconds({"times": times})

    for times, pace in ((1, 2.0), (2, 4.0), (3, 3.0)):
        assert foretold(times) == 1.0  # too few to tell
        row = Computation.objects.get(options={"times": times})
        work(row.pk)
        Job.objects.filter(pk=row.pk).update(worked=pace * seconds(row.options))
    assert foretold(4) == 3.0
    work(Computation.objects.get(options={"times": 4}).pk)
    Computation.objects.filter(options={"times": 3}).update(options={"former": 1})  # of an older release
    assert foretold(5) == 1.0


def test_the_live_version_is_asked_and_named_by_the_key(alice: Person) -> None:
    begun = ask(alice, "answer")
    work(begun["id"])
    seen = found(alice, begun["id"])
    assert seen["result"]["found"] == {"classes": 10, "times": 2} and seen["version"]["classifier"] == "digits"
    record = computations.COMPUTATIONS["answer"]
    assert record.key({"times": 2}, identity="a") != record.key({"times": 2}, identity="b")


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ({"computation": "nothing"}, 404, "The computations are: race"),
        ({"computation": "race", "options": {"batch_size": 33}}, 422, "batch_size must be one of: 1, 32, 64, 128, 0."),
        ({"computation": "race", "options": {"pictures": 10**6}}, 422, "from 50 to 5000"),
        ({"computation": "race", "options": {"rate": 1}}, 422, "The options are: network, learning_rate"),
        ({"computation": "race", "drawing": "AAAA"}, 422, "28 times 28 grey bytes"),
        ({"computation": "brightness"}, 422, "takes one picture"),
        ({"computation": "brightness", "drawing": "not base64!"}, 422, "28 times 28 grey bytes"),
    ],
)
def test_what_cannot_be_computed_is_told_in_a_sentence(
    alice: Person, asked: dict[str, Any], status: int, says: str
) -> None:
    response = alice.post("/api/v1/computations", asked)
    assert response.status_code == status and says in sentence_of(response)
    assert not Job.objects.exists()


def test_the_catalogue_tells_every_computation_with_its_options(alice: Person) -> None:
    listed = alice.get("/api/v1/computations").json()
    assert_shaped(listed, schemas.ComputationOut)
    [race] = [one for one in listed if one["slug"] == "race"]
    assert race["long"] and race["options"]["properties"]["momentum"]["enum"] == [0.0, 0.9, 0.99]


# --- A visitor's own picture --------------------------------------------------------------------------------------


def test_a_drawing_is_seen_by_the_computation_and_by_nobody_else(alice: Person, bob: Person) -> None:
    drawing = base64.b64encode(bytes([100] * 784)).decode()
    begun = ask(alice, "brightness", drawing=drawing)
    work(begun["id"])
    assert found(alice, begun["id"])["result"]["found"] == {"mean": 200.0}
    assert bob.get(f"/api/v1/jobs/{begun['id']}").status_code == 404
    assert ask(bob, "brightness", drawing=drawing)["id"] != begun["id"]


def test_an_uploaded_picture_is_its_owner_s_a_sample_everybody_s(alice: Person, bob: Person) -> None:
    image = alice.upload(io.BytesIO(digit_png()), prepare="digit").json()["id"]
    begun = ask(alice, "brightness", picture=image)
    work(begun["id"])
    assert found(alice, begun["id"])["status"] == "done"
    ask(bob, "brightness", picture=image, status=404)
    assert alice.delete(f"/api/v1/images/{image}").status_code == 204
    assert not Computation.objects.exists()

    photo = alice.upload(io.BytesIO(digit_png()), prepare="photo").json()["id"]
    ask(alice, "brightness", picture=photo, status=422)

    image = alice.upload(io.BytesIO(digit_png()), prepare="digit").json()["id"]
    Picture.objects.filter(pk=image).update(visitor=None, expires=None)
    assert ask(alice, "brightness", picture=image)["id"] == ask(bob, "brightness", picture=image)["id"]


# --- Leaving and limits -------------------------------------------------------------------------------------------


def test_it_is_stopped_when_the_last_who_waits_for_it_leaves(alice: Person, bob: Person) -> None:
    job = ask(alice, "count")["id"]
    ask(bob, "count")
    assert alice.delete(f"/api/v1/jobs/{job}").status_code == 202
    assert found(bob, job)["status"] == "queued"
    assert alice.delete(f"/api/v1/jobs/{job}").status_code == 202  # nothing to leave any more
    assert found(bob, job)["status"] == "queued"
    assert bob.delete(f"/api/v1/jobs/{job}").status_code == 202
    assert found(bob, job)["status"] == "cancelled"
    again = ask(bob, "count")
    assert (again["status"], again["id"] == job) == ("queued", False)


def test_what_is_being_stopped_is_begun_again_by_who_asks(alice: Person, bob: Person) -> None:
    job = ask(alice, "count")["id"]
    assert attempts.claim(job)
    alice.delete(f"/api/v1/jobs/{job}")
    assert Job.objects.get(pk=job).cancel_requested
    again = ask(bob, "count")
    assert (again["status"], again["id"] == job) == ("queued", False)


def test_one_long_computation_each_and_joining_is_one(alice: Person, bob: Person, settings: Any) -> None:
    first = ask(alice, "count")
    response = alice.post("/api/v1/computations", {"computation": "count", "options": {"times": 3}})
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["job"]) == (429, "one_at_a_time", first["id"])
    assert int(response["Retry-After"]) == 60
    ask(bob, "count")
    response = bob.post("/api/v1/computations", {"computation": "count", "options": {"times": 3}})
    assert response.status_code == 429
    work(first["id"])
    ask(bob, "count", options={"times": 3})
    settings.STUDY_QUEUE_SECONDS = 100
    response = alice.post("/api/v1/computations", {"computation": "count", "options": {"times": 4}})
    assert (response.status_code, response["Retry-After"]) == (503, "110")


def test_deleting_everything_leaves_what_one_waits_for(alice: Person) -> None:
    job = ask(alice, "count")["id"]
    delete_all(Visitor.objects.get(asked=job))
    assert Job.objects.get(pk=job).status == Status.CANCELLED


# --- Prepared and forgotten ---------------------------------------------------------------------------------------


def test_what_is_prepared_waits_at_set_up_belongs_to_nobody_and_stays(alice: Person) -> None:
    ensure_prepared()
    ensure_prepared()
    row = Computation.objects.get(options={"times": 5})
    assert (row.prepared, row.job.visitor, row.job.unasked) == (True, None, True) and Computation.objects.count() == 1
    assert ask(alice, "count", options={"times": 5})["id"] == str(row.pk)
    assert alice.delete(f"/api/v1/jobs/{row.pk}").status_code == 202
    assert found(alice, row.pk)["status"] == "queued"
    row.job.refresh_from_db()
    assert not row.job.unasked and take("study") == str(row.pk) == take("study", unasked=True)  # it was sent again
    work(row.pk)
    long_ago = timezone.now() - timedelta(days=100)
    Computation.objects.update(asked=long_ago)
    Computation.objects.create(
        job=services.create_job(kind="computation", visitor=None, version=None),
        computation="count",
        options={},
        key="x",
    )
    assert delete_unasked() == 0
    Computation.objects.filter(key="x").update(asked=long_ago)
    assert delete_unasked() == 1
    Computation.objects.update(key="an older release's")
    ensure_prepared()
    assert Computation.objects.get().key != "an older release's"
