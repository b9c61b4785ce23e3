"""Answers about trainings have the shapes that the API's document declares."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Person
from tests.webapp.api.test_shapes import assert_shaped
from webapp.api import schemas
from webapp.jobs.models import Job
from webapp.training.models import Dataset


def test_of_a_training_at_every_stage(start: Callable[..., Job], do: Callable[..., Job], alice: Person) -> None:
    job = start()
    for status in ("queued", "done"):
        found = alice.get(f"/api/v1/training-runs/{job.pk}").json()
        assert found["status"] == status
        assert_shaped(found, schemas.JobOut)
        assert_shaped(found["result"], schemas.TrainingResult)
        job = do(job) if status == "queued" else job
    assert_shaped(found["result"]["epochs"], schemas.EpochOut)
    assert_shaped(found["result"]["version"], schemas.VersionDetail)
    assert_shaped(alice.get("/api/v1/training-runs").json(), schemas.JobOut)


def test_lists_of_trainings_ask_as_few_queries_for_four_as_for_two(
    start: Callable[..., Job], do: Callable[..., Job], ada: Person
) -> None:
    def listed() -> list[int]:
        counts = []
        for address in ("/api/v1/training-runs", "/admin/jobs/job/"):
            with CaptureQueriesContext(connection) as asked:
                assert ada.get(address).status_code == 200
            counts.append(len(asked))
        return counts

    runs = [start(), do(start())]
    listed()  # what is remembered from now on
    few = listed()
    runs += [do(start()), do(start())]
    assert listed() == few
    found = {job["id"]: job for job in ada.get("/api/v1/training-runs").json()}
    assert found == {str(run.pk): ada.get(f"/api/v1/training-runs/{run.pk}").json() for run in runs}


def test_of_versions_and_promotions(start: Callable[..., Job], do: Callable[..., Job], ada: Person) -> None:
    sha256 = do(start()).version.sha256
    assert_shaped(ada.get("/api/v1/versions").json(), schemas.VersionDetail)
    assert_shaped(ada.get(f"/api/v1/versions/{sha256}").json(), schemas.VersionWithCard)
    order = ada.post(f"/api/v1/versions/{sha256}/promote", {"confirmed": True}).json()
    do(order["id"])
    assert_shaped(ada.get(order["url"]).json()["result"], schemas.PromotionResult)


def test_of_datasets(do: Callable[..., Job], ada: Person) -> None:
    order = Dataset.objects.get(slug="mnist").preparations.get()
    assert_shaped(ada.get("/api/v1/datasets").json(), schemas.DatasetOut)
    assert_shaped(ada.get(f"/api/v1/jobs/{order.pk}").json(), schemas.JobOut)
