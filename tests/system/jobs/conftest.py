"""The cast of the tests of jobs: a site with workers that need no network, and Alice, who calls its API."""

from collections.abc import Iterator

import pytest

from tests.support.bare_site import BareSite, bare_site
from tests.support.people import Person
from tests.support.pictures import noise_png


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareSite]:
    """Broker, web server, keeper and two workers that serve the kinds of tests/support/misbehaving."""
    with bare_site(tmp_path_factory.mktemp("lab"), GIBBON_JOB_SECONDS="3", GIBBON_JOB_LEASE_SECONDS="1.5") as built:
        built.start("light", "light2")
        yield built


@pytest.fixture(scope="package")
def alice(lab: BareSite) -> Person:
    return lab.new_person()


@pytest.fixture
def picture(alice: Person) -> dict:
    """A picture of Alice's, nobody else has the same."""
    return alice.upload(noise_png())
