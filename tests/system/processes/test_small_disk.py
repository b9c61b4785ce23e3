"""A training on a disk of 2 MB, a real one: mounted for the train worker alone, in a namespace of its own."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.bare_site import BareSite
from tests.support.owner import Owner

pytestmark = pytest.mark.late

MOUNT = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"'
INSIDE = ("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT)
WIDE = {"width": 3, "batch_size": 1024}  # 2 MB of weights, and as much again for the momentum


@pytest.fixture
def small(factory: BareSite) -> Iterator[str]:
    """The name of a train worker whose checkpoints go to the small disk."""
    folder = factory.folder / "media" / "trainings"
    folder.mkdir(parents=True, exist_ok=True)
    if not shutil.which("unshare") or subprocess.run([*INSIDE, str(folder), "true"], capture_output=True).returncode:
        pytest.skip("No disk can be mounted here without being the system's administrator.")
    factory.commands["small"] = (*INSIDE, str(folder), *factory.commands["light"])
    factory.stop("light", "light2")  # those of other tests have room enough
    factory.start("small")
    yield "small"
    factory.stop("small")


@pytest.mark.walk
def test_a_training_that_fills_a_disk_of_2_mb_fails_alone(factory: BareSite, olga: Owner, small: str) -> None:
    live = olga.call("GET", "/api/v1/classifiers")

    job = olga.wait(olga.start_training(**WIDE), 120)

    assert (job["status"], job["error"]["code"]) == ("failed", "disk_full"), job
    assert "disk" in job["error"]["message"]
    assert olga.call("GET", "/api/v1/classifiers") == live
    assert olga.train(seed=77)  # the same worker on the same disk, what did not fit having left it again
    assert "Traceback" not in factory.log(small)
