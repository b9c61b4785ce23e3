"""Whose a prepared dataset's file is, and what killed processes leave; the ZIP is real, the test is the worker."""

import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site

from inference import images
from inference.data.own import load_own
from tests.support.cast import Person
from tests.webapp.training.test_own_pictures import TEXTURES, bring, patches, zipped
from webapp.core import files
from webapp.jobs.models import Job, Status
from webapp.jobs.run import Run, Stopped
from webapp.training import preparing
from webapp.training.datasets import remove
from webapp.training.expiry import delete_orphans
from webapp.training.models import Dataset, Preparation

Do = Callable[..., Job]


@pytest.fixture
def dataset(ada: Person, do: Do) -> Dataset:
    dataset, job = brought(ada, do)
    assert job.status == Status.DONE
    return dataset


def brought(ada: Person, do: Do) -> tuple[Dataset, Job]:
    dataset = bring(ada, same_pictures())
    job = do(dataset.preparations.get().job_id)
    return Dataset.objects.get(pk=dataset.pk), job


def same_pictures() -> io.BytesIO:
    """The same each time; `bring` gives them the same name."""
    return zipped(
        {f"{name}/{number}.jpg": content for name in TEXTURES for number, content in enumerate(patches(name, 9))}
    )


def test_the_same_pictures_are_not_taken_twice_and_the_first_keep_their_file(
    ada: Person, do: Do, dataset: Dataset, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    second, job = brought(ada, do)
    assert (job.status, job.error_code) == (Status.FAILED, "known") and "/datasets/grounds/" in job.why()
    file = Path(site.MEDIA_DIR) / dataset.file
    with django_capture_on_commit_callbacks(execute=True):
        remove(second)
    assert file.exists()
    with django_capture_on_commit_callbacks(execute=True):
        remove(dataset)
    assert not file.exists()


def test_a_machine_that_is_busy_for_a_while_refuses_no_zip(
    ada: Person, do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, busy = images.prepare, [images.DecoderBusy() for _ in range(3)]

    def prepared(data: bytes, preparation: str) -> images.Canonical:
        if busy:
            raise busy.pop()
        return prepare(data, preparation)

    monkeypatch.setattr(images, "prepare", prepared)
    _dataset, job = brought(ada, do)
    assert (job.status, job.why()) == (Status.DONE, "")


def test_two_workers_at_the_same_pictures_at_once_make_one_dataset(
    ada: Person, do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is overtaken between looking and saving looks again, while nobody else can save."""
    slower, quicker = (bring(ada, same_pictures()) for _ in range(2))
    ended, load = [], preparing.load_own

    def overtaken(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(preparing, "load_own", load)
        ended.append(do(quicker.preparations.get().job_id))
        return load(*given, **named)

    monkeypatch.setattr(preparing, "load_own", overtaken)
    ended.append(do(slower.preparations.get().job_id))
    assert [(job.status, job.error_code) for job in ended] == [(Status.DONE, ""), (Status.FAILED, "known")]
    assert list(Dataset.objects.exclude(file="").values_list("slug", flat=True)) == [quicker.slug]
    assert (Path(site.MEDIA_DIR) / Dataset.objects.get(pk=quicker.pk).file).exists()


def test_a_file_that_another_worker_may_be_about_to_name_is_not_taken_from_it(ada: Person, dataset: Dataset) -> None:
    row, file = dataset.preparations.get(), Path(site.MEDIA_DIR) / dataset.file
    bring(ada, same_pictures())  # at work, its file written, its row not yet saved
    Dataset.objects.filter(pk=dataset.pk).update(file="")
    with pytest.raises(Stopped):
        preparing._complete(Run(row.job), row, load_own(file, slug=dataset.slug), {}, file=dataset.file)
    assert file.exists()


def test_an_attempt_that_comes_too_late_leaves_the_file_of_the_one_that_came(
    dataset: Dataset,
) -> None:
    row, file = dataset.preparations.get(), Path(site.MEDIA_DIR) / dataset.file
    with pytest.raises(Stopped):
        preparing._complete(Run(row.job), row, load_own(file, slug=dataset.slug), {}, file=dataset.file)
    assert file.exists()


def test_what_killed_processes_leave_goes_after_an_hour_and_what_is_somebodys_stays(dataset: Dataset) -> None:
    media, waiting = Path(site.MEDIA_DIR), files.write("archives", b"to be unpacked", ending="zip")
    Preparation.objects.filter(dataset=dataset).update(archive=waiting)
    left = [media / "archives/left.zip", media / "datasets/left.safetensors", media / "datasets/aa/left.png"]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert delete_orphans() == 0
    for path in [path for folder in ("archives", "datasets") for path in (media / folder).rglob("*") if path.is_file()]:
        os.utime(path, (time.time() - 3700,) * 2)

    assert delete_orphans() == len(left)

    assert not any(path.exists() for path in left)
    assert all((media / name).exists() for name in (waiting, dataset.file, *dataset.pictures.values()))
