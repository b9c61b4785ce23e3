"""A version, Bob, and jobs that are made on the spot; the tests are the workers, on a database that others see too."""

from collections.abc import Callable

import pytest

from webapp.jobs import services
from webapp.jobs.models import Job
from webapp.registry.models import ModelVersion
from webapp.registry.services import register_shipped
from webapp.visitors.models import Visitor


@pytest.fixture(autouse=True)
def clean_site() -> None:
    """These tests ask for what they need."""


@pytest.fixture
def empty_broker(broker):
    broker.flush()
    return broker


@pytest.fixture
def version(db) -> ModelVersion:
    register_shipped()
    return ModelVersion.objects.select_related("classifier").get(classifier__slug="imagenet-lite0")


@pytest.fixture
def bob(db) -> Visitor:
    return Visitor.objects.create()


@pytest.fixture
def new_job(version: ModelVersion) -> Callable[..., Job]:
    """Makes a queued job; keyword arguments overwrite its columns."""

    def make(kind: str = "predict", visitor: Visitor | None = None, **columns: object) -> Job:
        job = services.create_job(kind=kind, visitor=visitor, version=version, total=4)
        Job.objects.filter(pk=job.pk).update(**columns)
        return Job.objects.get(pk=job.pk)

    return make
