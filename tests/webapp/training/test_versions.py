"""A version answers only after it was tried; a bad file never does."""

import hashlib
import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from django.conf import settings as site
from safetensors.torch import load, save

from inference.catalog.errors import BadWeights
from tests.support.cast import Person
from webapp.jobs.models import Job, Status
from webapp.registry import loading
from webapp.registry.models import Classifier, ModelVersion

Start, Do = Callable[..., Job], Callable[..., Job]


class Canary:
    """Sings when it is unpickled."""

    def __reduce__(self) -> Any:
        return (Path("/tmp/gibbon-canary").touch, ())


def not_finite(good: bytes) -> bytes:
    tensors = load(good)
    next(iter(tensors.values())).view(-1)[0] = float("nan")
    return save(tensors)


def of_another_shape(good: bytes) -> bytes:
    return save({name: torch.cat([tensor, tensor]) for name, tensor in load(good).items()})


def pickled(good: bytes) -> bytes:
    file = io.BytesIO()
    torch.save({"weights": Canary()}, file)
    return file.getvalue() + pickle.dumps(Canary())


BAD: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda good: good[: len(good) // 2],
    "empty": lambda good: b"",
    "of another shape": of_another_shape,
    "not finite": not_finite,
    "pickled": pickled,
    "a header that promises too much": lambda good: b"\xff" * 8 + good[8:],
}


@pytest.fixture(autouse=True)
def own_weights(settings: Any, tmp_path: Path) -> None:
    """This machine's copies of versions lie in a folder of the test's own."""
    settings.WEIGHTS_DIR = tmp_path / "weights"


def stored(version: ModelVersion) -> Path:
    return Path(site.MEDIA_DIR) / version.source / "weights.safetensors"


def imitated(version: ModelVersion, weights: bytes) -> ModelVersion:
    """A version of these weights whose card and hash fit them."""
    sha256 = hashlib.sha256(weights).hexdigest()
    card = json.loads(json.dumps(version.card)) | {"weights": {"file": "weights.safetensors", "sha256": sha256}}
    made = ModelVersion.objects.create(
        classifier=version.classifier, sha256=sha256, name="bad", source=f"versions/{sha256}", card=card
    )
    stored(made).parent.mkdir(parents=True)
    stored(made).write_bytes(weights)
    return made


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_refused_and_the_live_version_stays(kind: str, start: Start, do: Do, ada: Person) -> None:
    good = do(start(epochs=1)).version
    live = Classifier.objects.get(slug="digits").live()
    bad = imitated(good, BAD[kind](stored(good).read_bytes()))

    order = ada.post(f"/api/v1/versions/{bad.sha256}/promote", {"confirmed": True}).json()
    job = do(order["id"])

    assert (job.status, job.error_code) == (Status.FAILED, "bad_weights"), job.why()
    assert job.why().endswith(".")
    assert Classifier.objects.get(slug="digits").live() == live
    assert not Path("/tmp/gibbon-canary").exists()


def test_a_file_changed_on_the_disk_is_refused(start: Start, do: Do, ada: Person) -> None:
    version = do(start(epochs=1)).version
    content = bytearray(stored(version).read_bytes())
    content[-1] ^= 1
    stored(version).write_bytes(content)

    job = do(ada.post(f"/api/v1/versions/{version.sha256}/promote", {"confirmed": True}).json()["id"])

    assert job.error_code == "bad_weights" and "SHA-256" in job.why()


def test_a_damaged_copy_is_fetched_again(start: Start, do: Do, settings: Any) -> None:
    version = do(start(epochs=1)).version
    loading.try_version(version)
    copy = Path(settings.WEIGHTS_DIR) / version.identity / "weights.safetensors"
    copy.write_bytes(b"rubbish")

    loading.try_version(version)

    assert copy.read_bytes() == stored(version).read_bytes()


def test_a_copy_is_fetched_once(start: Start, do: Do) -> None:
    version = do(start(epochs=1)).version
    loading.try_version(version)
    stored(version).unlink()

    loading._ready.clear()
    loading.classifier_of(version)
    with pytest.raises(BadWeights, match="missing in the storage"):  # no other machine could answer
        loading.try_version(version)


def test_a_live_version_is_not_promoted_again(ada: Person) -> None:
    live = Classifier.objects.get(slug="digits").live()
    assert ada.post(f"/api/v1/versions/{live.sha256}/promote", {}).status_code == 409


def test_nothing_was_live_before(ada: Person) -> None:
    assert ada.post("/api/v1/classifiers/digits/roll-back").status_code == 409
