"""Versions in a bucket that speaks S3: learnt, kept there, promoted, and fetched by whoever is asked."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inference.catalog.errors import BadWeights
from tests.support.bucket import bucket_of_the_site, keys
from tests.support.cast import Person
from webapp.jobs.models import Job, Status
from webapp.registry import loading
from webapp.registry.models import Classifier

Start, Do = Callable[..., Job], Callable[..., Job]


@pytest.fixture
def bucket(clean_site: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    settings.WEIGHTS_DIR = tmp_path / "weights"
    with bucket_of_the_site(settings, monkeypatch) as bucket:
        yield bucket


@pytest.mark.walk
def test_a_version_is_kept_promoted_and_fetched(bucket: Any, start: Start, do: Do, ada: Person, settings: Any) -> None:
    version = do(start(epochs=1)).version
    home = f"site/{version.source}"
    assert {f"{home}/card.json", f"{home}/weights.safetensors"} <= keys(bucket)
    assert not list(Path(settings.MEDIA_DIR).rglob("*.safetensors"))

    order = ada.post(f"/api/v1/versions/{version.identity}/promote", {"confirmed": True}).json()
    assert do(order["id"]).status == Status.DONE
    assert Classifier.objects.get(slug="digits").live() == version

    copy = Path(settings.WEIGHTS_DIR) / version.identity / "weights.safetensors"
    copy.write_bytes(b"rubbish")
    loading.try_version(version)  # the damaged copy is fetched again
    bucket.objects.all().delete()
    copy.unlink()
    with pytest.raises(BadWeights, match="missing in the storage"):
        loading.try_version(version)
