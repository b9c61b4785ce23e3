"""One site for the tests that start and kill its processes by name: two train workers, two machines that answer (each
with its own copies of versions), Alice, who calls its API, and Olga, who owns it. Each computes with
one thread.
"""

import shutil
from collections.abc import Iterator

import pytest

from tests.support.bare_site import BareSite, bare_site, free_port
from tests.support.owner import Owner
from tests.support.people import Caller, status_of, wait_for
from tests.support.pictures import noise_png

MACHINES = ("machine1", "machine2")
SETTINGS = {
    "GIBBON_TORCH_THREADS": "1",
    "GIBBON_JOB_SECONDS": "60",
    "GIBBON_TRAIN_SECONDS": "600",
    "GIBBON_STUDY_SECONDS": "900",
}
STRICT = {"GIBBON_PICTURE_DAYS": f"{4 / 86400:.7f}", "GIBBON_POSTS_PER_MINUTE_AND_ADDRESS": "20"}
MOVE_IN = """
from django.contrib.auth.models import User
from webapp.training.models import Dataset
from webapp.visitors.models import Token, Visitor
user = User.objects.create_superuser("olga")
Visitor.objects.create(user=user)
token = Token(user=user, name="test")
print(token.set_secret())
token.save()
Dataset.objects.create(slug="mnist", name="MNIST")
"""


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareSite]:
    """Broker, web server and keeper; no worker yet."""
    with bare_site(tmp_path_factory.mktemp("bare"), **SETTINGS) as built:
        for machine in MACHINES:
            built.commands[machine] = with_settings(
                built.commands["worker"], GIBBON_WEIGHTS=f"{built.folder / machine}"
            )
        yield built


def with_settings(command: tuple[str, ...], **settings: str) -> tuple[str, ...]:
    """The command with some variables of its own."""
    return (shutil.which("env") or "/usr/bin/env", *(f"{name}={value}" for name, value in settings.items()), *command)


@pytest.fixture
def lab(site: BareSite) -> BareSite:
    """The site with both train workers, which serve the kinds of tests/support/misbehaving; nobody answers visitors."""
    site.stop(*MACHINES)
    site.start("light", "light2")
    return site


@pytest.fixture
def school(site: BareSite) -> BareSite:
    """The site with one train worker; nobody answers visitors."""
    site.stop("light2", *MACHINES)
    site.start("light")
    return site


@pytest.fixture
def factory(site: BareSite) -> BareSite:
    """The site with one train worker and with its machines starting."""
    site.stop("light2")
    site.start("light", *MACHINES)
    return site


@pytest.fixture(scope="package")
def strict(site: BareSite) -> str:
    """The address of a second web server: what it gets expires after four seconds; 20 changes a minute are enough."""
    port = free_port()
    site.commands["strict"] = with_settings(site.web_on(port), **STRICT)
    site.start("strict")
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: status_of(f"{url}/healthz") == 200, 30)
    return url


@pytest.fixture(scope="package")
def alice(site: BareSite) -> Caller:
    return site.new_person()


@pytest.fixture(scope="package")
def olga(site: BareSite) -> Owner:
    return Owner(site.url, {"Authorization": f"Bearer {site.python(MOVE_IN)}"}, "olga")


@pytest.fixture
def picture(alice: Caller) -> dict:
    """A picture of Alice's, nobody else has the same."""
    return alice.upload(noise_png())
