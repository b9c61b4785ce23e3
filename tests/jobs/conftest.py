"""The cast of the tests of jobs: a house with workers that need no network and Alice, who calls its API; and, inside
this process, a version, Bob, and jobs that are made on the spot."""

from collections.abc import Callable, Iterator

import pytest

from tests.jobs.house import House, house
from tests.jobs.people import Person
from tests.jobs.pictures import noise_png
from webapp.jobs import services
from webapp.jobs.models import Job
from webapp.registry.models import ModelVersion
from webapp.registry.services import register_shipped
from webapp.visitors.models import Visitor


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Broker, web server, keeper and two workers that serve the kinds of tests/jobs/misbehaving."""
    with house(tmp_path_factory.mktemp("lab"), GIBBON_JOB_SECONDS="3", GIBBON_JOB_LEASE_SECONDS="1.5") as built:
        built.start("light", "light2")
        yield built


@pytest.fixture(scope="package")
def alice(lab: House) -> Person:
    return lab.new_person()


@pytest.fixture
def picture(alice: Person) -> dict:
    """A picture of Alice's, nobody else has the same."""
    return alice.upload(noise_png())


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
