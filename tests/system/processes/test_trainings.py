"""Trainings whose workers are killed or leave, and versions on several machines: real processes, one thread each."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from inference.catalog.configuration import validate
from inference.images import pixels
from inference.training.loop import train
from inference.training.versions import conclude
from tests.support.bare_site import BareSite
from tests.support.datasets import data_of
from tests.support.owner import SHORT, Owner, stored
from tests.support.people import wait_for
from tests.support.short.work import beginning
from tests.system.processes.conftest import MACHINES

pytestmark = pytest.mark.late

EPOCHS = 2
LONGER = {"epochs": EPOCHS, "batch_size": 16, "seed": 3}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The SHA-256 of what the training makes when nobody interferes, computed here as the workers do."""
    config, data, folder = validate(SHORT | LONGER), beginning(), tmp_path_factory.mktemp("undisturbed")
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GIBBON_TORCH_THREADS", "1")
        for _epoch in train(config, data, folder=folder):
            pass
        yield conclude(config, data, folder=folder).sha256
    torch.set_num_threads(threads)


@pytest.mark.walk
def test_each_machine_fetches_a_promoted_version_once_and_checks_it(factory: BareSite, olga: Owner) -> None:
    identity = olga.train(seed=12)
    sha256 = olga.call("GET", f"/api/v1/versions/{identity}")[1]["sha256"]
    copies = [factory.folder / machine / identity / "weights.safetensors" for machine in MACHINES]
    copies[1].parent.mkdir(parents=True)
    copies[1].write_bytes(b"what an accident has left of a copy")
    picture = olga.bring_digit(pixels.write(data_of("mnist").test.images[0].permute(1, 2, 0).numpy()))["id"]

    olga.promote(identity)
    wait_for(lambda: answered(olga, picture, 6) == {identity} and hashes(copies) == [sha256] * 2, 60)

    fetched = [(copy.stat().st_ino, copy.stat().st_mtime_ns) for copy in copies]
    shutil.rmtree(stored(factory, identity))
    assert answered(olga, picture, 12) == {identity}
    assert [(copy.stat().st_ino, copy.stat().st_mtime_ns) for copy in copies] == fetched


def test_a_training_whose_worker_is_killed_goes_on_by_itself_and_makes_the_same(
    school: BareSite, olga: Owner, undisturbed: str
) -> None:
    run = olga.start_training(**LONGER)
    wait_until_mid_epoch(olga, run)

    school.kill("light")
    before = epochs_of(olga, run)
    school.start("light")

    took = wait_for(lambda: olga.job(run)["status"] == "done", 180, lambda: olga.job(run))
    print(f"killed after epoch {len(before)}, done {took:.1f} s later; an epoch takes {before[0]['seconds']:.1f} s")
    after = epochs_of(olga, run)
    assert [epoch["number"] for epoch in after] == [1, 2]
    assert 1 <= len(before) < EPOCHS and after[: len(before)] == before  # with their seconds: none was repeated
    assert olga.job(run)["result"]["version"]["sha256"] == undisturbed


@pytest.mark.walk
def test_a_train_worker_that_leaves_hands_over_and_spends_no_attempt(
    school: BareSite, olga: Owner, undisturbed: str
) -> None:
    run = olga.start_training(**LONGER)
    wait_until_mid_epoch(olga, run)

    school.stop("light")
    waiting, before = olga.job(run), epochs_of(olga, run)
    school.start("light2")

    assert (waiting["status"], waiting["attempts"]) == ("queued", 0)
    job = olga.wait(run, 180)
    assert (job["status"], job["attempts"]) == ("done", 1)
    assert 1 <= len(before) < EPOCHS and epochs_of(olga, run)[: len(before)] == before
    assert job["result"]["version"]["sha256"] == undisturbed


def wait_until_mid_epoch(olga: Owner, run: str) -> None:
    """Until the second epoch has well begun."""

    def reached() -> bool:
        progress = olga.job(run)["progress"]
        return progress["done"] * EPOCHS > progress["total"] * 1.2

    wait_for(reached, 180, lambda: olga.job(run))


def epochs_of(olga: Owner, run: str) -> list[dict[str, Any]]:
    return olga.call("GET", f"/api/v1/training-runs/{run}")[1]["result"]["epochs"]


def answered(olga: Owner, picture: str, times: int) -> set[str]:
    """The versions that answered so many predictions, asked for together."""
    jobs = [olga.wait(job) for job in [olga.ask(picture) for _ in range(times)]]
    assert {job["status"] for job in jobs} == {"done"}, jobs
    return {job["version"]["identity"] for job in jobs}


def hashes(copies: list[Path]) -> list[str]:
    """SHA-256 of each; of nothing where there is no file yet."""
    return [hashlib.sha256(copy.read_bytes() if copy.exists() else b"").hexdigest() for copy in copies]
