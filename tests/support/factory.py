"""A whole site that trains: two machines that answer, each with its own copies of versions, and an owner with a token.

Whoever wants something trained starts "light", a train worker. Every process computes with one thread.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.bare_site import BareSite, bare_site
from tests.support.people import Person, form_of

MACHINES = ("machine1", "machine2")
SHORT = {"epochs": 1, "batch_size": 64, "robust_pictures": 0}
SETTINGS = {
    "GIBBON_TORCH_THREADS": "1",
    "GIBBON_JOB_SECONDS": "60",
    "GIBBON_TRAIN_SECONDS": "600",
}
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


class Owner(Person):
    """Olga, who may everything."""

    def start_training(self, **settings: Any) -> str:
        """The run's id."""
        status, job = self.call("POST", "/api/v1/training-runs", {"config": SHORT | settings})
        assert status == 202, job
        return job["id"]

    def train(self, **settings: Any) -> str:
        """The identity of the version that a training made."""
        job = self.wait(self.start_training(**settings), 180)
        assert job["status"] == "done", job
        return job["result"]["version"]["identity"]

    def promote(self, identity: str) -> None:
        """Make a version live, better or worse."""
        status, job = self.call("POST", f"/api/v1/versions/{identity}/promote", {"confirmed": True})
        assert status == 202, job
        assert self.wait(job["id"], 60)["status"] == "done"

    def ask(self, picture: str) -> str:
        """The id of a new prediction of the digit's picture."""
        order = {"kind": "predict", "image": picture, "classifier": "digits"}
        status, job = self.call("POST", "/api/v1/jobs", order)
        assert status == 202, job
        return job["id"]

    def bring_digit(self, png: bytes) -> dict[str, Any]:
        """A picture prepared as a digit."""
        body, headers = form_of(png)
        mark = headers["Content-Type"].partition("boundary=")[2]
        field = f'--{mark}\r\nContent-Disposition: form-data; name="prepare"\r\n\r\ndigit\r\n'
        status, picture = self.send("POST", "/api/v1/images", field.encode() + body, headers)
        assert status == 201, picture
        return json.loads(picture)


@pytest.fixture(scope="package")
def factory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareSite]:
    """The site, its machines starting."""
    with bare_site(tmp_path_factory.mktemp("factory"), **SETTINGS) as built:
        env = shutil.which("env") or "/usr/bin/env"
        for machine in MACHINES:
            own = f"GIBBON_WEIGHTS={built.folder / machine}"
            built.commands[machine] = (env, own, *built.commands["worker"])
        built.start(*MACHINES)
        yield built


@pytest.fixture(scope="package")
def olga(factory: BareSite) -> Owner:
    return Owner(factory.url, {"Authorization": f"Bearer {factory.python(MOVE_IN)}"}, "olga")


def stored(factory: BareSite, identity: str) -> Path:
    """The folder of a version in the storage that all machines share."""
    return factory.folder / "media" / "versions" / identity
