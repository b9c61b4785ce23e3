"""A site with small datasets: trainings here are real and take a second."""

from __future__ import annotations  # PyTorch is imported where it is used: whoever runs no test here reads this too

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cast import Person
from webapp.jobs.models import Job
from webapp.training.datasets import register_declared

if TYPE_CHECKING:
    from inference.data.base import Data

QUICK = {"epochs": 2, "robust_pictures": 20, "batch_size": 32, "learning_rate": 0.05}


@pytest.fixture(autouse=True)
def small_datasets(clean_site: None, few: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """Declared datasets have rows; whoever loads one gets a few pictures of MNIST."""
    from webapp.training import work

    register_declared()
    monkeypatch.setattr(work, "load_data", lambda slug: few)


@pytest.fixture(autouse=True)
def judged_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions are judged under the usual protocols, in two steps from one start: what figures mean is tested below."""
    from inference.training import versions

    brief = {name: replace(named, steps=min(named.steps, 2), restarts=1) for name, named in versions.TESTED.items()}
    monkeypatch.setattr(versions, "TESTED", brief)


@pytest.fixture
def start(ada: Person) -> Callable[..., Job]:
    """Starts a training as Ada, through the API; not yet worked on."""

    def started(**changes: Any) -> Job:
        answer = ada.post("/api/v1/training-runs", {"config": QUICK | changes})
        assert answer.status_code == 202, answer.content
        return Job.objects.get(pk=answer.json()["id"])

    return started


@pytest.fixture
def do() -> Callable[[Any], Job]:
    """Does a job as a worker does, in this process."""

    def done(job_id: Any) -> Job:
        from webapp.jobs.tasks import run_job

        run_job(str(getattr(job_id, "pk", job_id)))
        return Job.objects.get(pk=getattr(job_id, "pk", job_id))

    return done
