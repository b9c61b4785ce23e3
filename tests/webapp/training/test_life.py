"""What happens to a training on its way: stopped, cancelled, resumed, handed over, failed."""

import errno
import shutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from django.apps import apps
from django.conf import settings as site
from django.db import connection

from inference.catalog.classifiers import CLASSIFIERS
from inference.catalog.conditions_words import CHANGED
from inference.catalog.errors import BadDataset
from tests.support.cast import Person, sentence_of
from webapp.core.files import disk_full
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, Status
from webapp.registry.models import Classifier, ModelVersion
from webapp.training import services, work
from webapp.training.expiry import delete_old_checkpoints
from webapp.training.models import TrainingRun

Start, Do = Callable[..., Job], Callable[..., Job]
Meanwhile = Callable[[int, Callable[[Job], None]], None]


def checkpoints(job: Job) -> Path:
    return Path(site.MEDIA_DIR) / "trainings" / str(job.pk)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Has something happen once, right after an epoch was recorded."""

    def arranged(number: int, happens: Callable[[Job], None]) -> None:
        real = work.epochs_of

        def epochs(*args: Any, **options: Any) -> Iterator[Any]:
            for epoch in real(*args, **options):
                yield epoch
                if epoch.number == number:
                    monkeypatch.setattr(work, "epochs_of", real)
                    happens(Job.objects.get(kind="train", status=Status.RUNNING))

        monkeypatch.setattr(work, "epochs_of", epochs)
        monkeypatch.setattr(work, "PACE", 0)
        monkeypatch.setattr("webapp.jobs.run.PACE", 0)

    return arranged


def test_stopping_early_keeps_the_best_epoch(start: Start, do: Do, meanwhile: Meanwhile) -> None:
    meanwhile(1, lambda job: services.stop(services.find_run(job.pk)))

    job = do(start(epochs=30))

    run = TrainingRun.objects.get(pk=job.pk)
    assert job.status == Status.DONE and run.stopped_early and run.version
    assert run.epochs.count() == run.version.card["best_epoch"] == 1
    assert not checkpoints(job).exists()


def test_stopping_what_has_not_begun_cancels_it(start: Start, ada: Person) -> None:
    job = start()
    assert ada.post(f"/api/v1/training-runs/{job.pk}/stop").status_code == 202
    assert Job.objects.get(pk=job.pk).status == Status.CANCELLED
    again = ada.post(f"/api/v1/training-runs/{job.pk}/stop")
    assert again.status_code == 409 and sentence_of(again)


def test_what_was_cancelled_too_long_ago_does_not_go_on(
    start: Start, do: Do, meanwhile: Meanwhile, ada: Person, settings: Any
) -> None:
    meanwhile(2, lambda job: services.cancel(services.find_run(job.pk)))
    job = do(start(epochs=3))
    settings.CHECKPOINT_DAYS = -1
    assert delete_old_checkpoints() == 1

    page = ada.get(f"/training/{job.pk}/").content.decode()
    assert "too long ago to go on from there" in page and 'id="resume"' not in page
    refused = ada.post(f"/api/v1/training-runs/{job.pk}/resume")
    assert refused.status_code == 409 and "checkpoints are no longer kept" in sentence_of(refused)


def test_where_checkpoints_were_lost_it_begins_anew_and_its_epochs_are_those_of_its_version(
    start: Start, do: Do, meanwhile: Meanwhile, ada: Person
) -> None:
    meanwhile(2, lambda job: services.cancel(services.find_run(job.pk)))
    job = do(start(epochs=3))
    shutil.rmtree(checkpoints(job))
    ada.post(f"/api/v1/training-runs/{job.pk}/resume")
    meanwhile(1, lambda job: services.stop(services.find_run(job.pk)))

    job = do(job)

    assert job.status == Status.DONE, job.why()
    assert [epoch.number for epoch in job.trainingrun.epochs.all()] == [1] and job.version.card["best_epoch"] == 1


def test_what_cannot_be_resumed_still_stops(start: Start, ada: Person) -> None:
    job = start()
    TrainingRun.objects.filter(pk=job.pk).update(stop_requested=True)
    assert ada.post(f"/api/v1/training-runs/{job.pk}/resume").status_code == 409
    assert TrainingRun.objects.get(pk=job.pk).stop_requested


def test_a_cancelled_training_goes_on_where_it_was(start: Start, do: Do, meanwhile: Meanwhile, ada: Person) -> None:
    undisturbed = do(start(epochs=3))
    meanwhile(2, lambda job: services.cancel(services.find_run(job.pk)))
    job = do(start(epochs=3))
    assert job.status == Status.CANCELLED and not TrainingRun.objects.get(pk=job.pk).version
    assert (checkpoints(job) / "last.safetensors").exists()

    assert ada.post(f"/api/v1/training-runs/{job.pk}/resume").status_code == 202
    job = do(job)

    assert job.status == Status.DONE
    assert [epoch.number for epoch in job.trainingrun.epochs.all()] == [1, 2, 3]
    assert job.version == undisturbed.version  # named by the hash of the weights: the very same ones
    refused = ada.post(f"/api/v1/training-runs/{job.pk}/resume")
    assert refused.status_code == 409 and sentence_of(refused)


def test_a_leaving_worker_hands_its_training_over_and_no_attempt_is_spent(
    start: Start, do: Do, meanwhile: Meanwhile, ada: Person
) -> None:
    meanwhile(1, lambda job: jobs.ask_to_pause([Job.objects.get(pk=job.pk).worker]) or None)

    job = do(start(epochs=2))

    assert (job.status, job.attempts, job.pause_requested) == (Status.QUEUED, 0, False)
    assert do(job).status == Status.DONE
    assert "conditions" not in ada.get(f"/api/v1/jobs/{job.pk}").json()["result"]["note"]


def test_a_worker_with_other_threads_that_takes_a_training_over_tells_the_owner(
    start: Start, do: Do, meanwhile: Meanwhile, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(1, lambda job: jobs.ask_to_pause([Job.objects.get(pk=job.pk).worker]) or None)
    before = torch.get_num_threads()
    job = do(start(epochs=2))

    monkeypatch.setenv("GIBBON_TORCH_THREADS", str(before + 1))
    torch.set_num_threads(before + 1)
    try:
        job = do(job)
    finally:
        torch.set_num_threads(before)

    note = ada.get(f"/api/v1/jobs/{job.pk}").json()["result"]["note"]
    assert job.status == Status.DONE and f"threads {before + 1}, before {before}" in note
    assert f"threads {before + 1}, before {before}" in ada.get(f"/training/{job.pk}/").content.decode()
    under = job.version.card["made"]["trained_under"]
    assert [(each["from_epoch"], each["threads"]) for each in under] == [(1, before), (2, before + 1)]


def test_other_conditions_are_told_in_the_readers_language_also_those_an_older_site_kept_as_sentences(
    start: Start, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start()
    run = TrainingRun.objects.filter(pk=job.pk)
    Job.objects.filter(pk=job.pk).update(status=Status.RUNNING)
    kept = [
        "threads 2, before 1",
        "processor Linux x86_64 AVX2, before Linux x86_64 AVX512",
        "numpy 2.4.0, before None",
    ]
    run.update(conditions=kept)
    older = import_module("webapp.training.migrations.0005_conditions_by_name")
    editor = SimpleNamespace(connection=connection)

    older.forwards(apps, editor)

    assert run.get().conditions[0] == {"name": "threads", "now": "2", "before": "1"}
    told = f"({kept[0]}; {kept[1]}; numpy 2.4.0, before unknown)"
    assert told in ada.get(f"/api/v1/jobs/{job.pk}").json()["result"]["note"]
    german = {"threads": "Threads", CHANGED: "%(name)s %(now)s, vorher %(before)s"}
    monkeypatch.setattr("webapp.training.sentence.gettext", lambda words: german.get(words, words))
    assert "(Threads 2, vorher 1; " in ada.get(f"/api/v1/jobs/{job.pk}").json()["result"]["note"]

    older.backwards(apps, editor)
    assert run.get().conditions == kept


def test_an_epoch_reached_forgives_earlier_attempts(start: Start, do: Do, meanwhile: Meanwhile) -> None:
    job = start(epochs=2)
    Job.objects.filter(pk=job.pk).update(attempts=2)
    seen: list[int] = []
    meanwhile(1, lambda job: seen.append(job.attempts))
    do(job)
    assert seen == [1]


def test_an_epoch_whose_row_was_lost_is_written_later(start: Start, do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies after the checkpoint and before the row."""
    job = start(epochs=3)

    def dies(run: Any, row: Any, epoch: Any, validation: Any) -> None:
        if epoch.number == 2:
            raise MemoryError
        real(run, row, epoch, validation)

    real = work._record
    with monkeypatch.context() as patched:
        patched.setattr(work, "_record", dies)
        assert do(job).status == Status.FAILED
    jobs.queue_again(job)

    assert do(job).status == Status.DONE
    assert [epoch.number for epoch in TrainingRun.objects.get(pk=job.pk).epochs.all()] == [1, 2, 3]


def test_a_training_that_blows_up_says_so_and_would_again(start: Start, do: Do, ada: Person) -> None:
    job = do(start(learning_rate=10.0, momentum=0.99, schedule="constant", initialisation="normal", sigma=3.0))
    assert (job.status, job.error_code) == (Status.FAILED, "diverged")
    assert "learning rate" in job.why()
    assert 'id="resume"' not in ada.get(f"/training/{job.pk}/").content.decode()
    assert "blow up again" in sentence_of(ada.post(f"/api/v1/training-runs/{job.pk}/resume"))


def test_a_broken_dataset_is_a_sentence(start: Start, do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(slug: str) -> None:
        raise BadDataset("train-images-idx3-ubyte.gz is damaged: not a gzipped file.")

    monkeypatch.setattr(work, "load_data", broken)
    job = do(start())
    assert (job.status, job.error_code) == (Status.FAILED, "bad_dataset")
    assert "damaged" in job.why()


@pytest.mark.parametrize(
    "where, error",
    [
        ("inference.training.loop.checkpoints.save", OSError(errno.ENOSPC, "No space left on device")),
        ("webapp.training.saving.default_storage.save", OSError(errno.ENOSPC, "No space left on device")),
        ("webapp.training.work.ensure_samples_of", disk_full()),
    ],
)
def test_a_full_disk_fails_the_run_and_leaves_the_live_version(
    start: Start, do: Do, monkeypatch: pytest.MonkeyPatch, where: str, error: Exception
) -> None:
    live = Classifier.objects.get(slug="digits").live()

    def full(*args: Any, **options: Any) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(where, full)
        job = do(start())
    assert (job.status, job.error_code) == (Status.FAILED, "disk_full")
    assert Classifier.objects.get(slug="digits").live() == live
    assert not ModelVersion.objects.filter(runs=job.pk).exists()

    jobs.queue_again(job)
    assert do(job).status == Status.DONE


def test_a_row_that_was_deleted_meanwhile_does_not_come_back(start: Start, do: Do, meanwhile: Meanwhile) -> None:
    job = start(epochs=2)
    meanwhile(1, lambda running: Job.objects.filter(pk=running.pk).delete() and None)

    with pytest.raises(Job.DoesNotExist):
        do(job)

    assert not TrainingRun.objects.exists() and not ModelVersion.objects.exclude(source__in=SHIPPED).exists()


SHIPPED = tuple(CLASSIFIERS)


def test_checkpoints_leave_when_nobody_can_resume_them(
    start: Start, do: Do, meanwhile: Meanwhile, settings: Any
) -> None:
    meanwhile(1, lambda job: services.cancel(services.find_run(job.pk)))
    job = do(start(epochs=2))
    (Path(site.MEDIA_DIR) / "trainings" / "no-run").mkdir()

    assert delete_old_checkpoints() == 1
    assert checkpoints(job).exists()
    settings.CHECKPOINT_DAYS = -1
    assert delete_old_checkpoints() == 1
    assert not checkpoints(job).exists()


def test_the_same_training_twice_is_one_version(start: Start, do: Do) -> None:
    one, two = do(start()), do(start())
    assert one.version == two.version and one.version
    assert one.version.runs.count() == 2
