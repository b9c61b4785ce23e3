"""Olga, who owns the site: she has things trained and makes versions live."""

import json
from pathlib import Path
from typing import Any

from tests.support.bare_site import BareSite
from tests.support.people import Caller, form_of

SHORT = {"epochs": 1, "batch_size": 64, "robust_pictures": 0}


class Owner(Caller):
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


def stored(site: BareSite, identity: str) -> Path:
    """The folder of a version in the storage that all machines share."""
    return site.folder / "media" / "versions" / identity
