"""Which datasets there are, what their pages show, and how an owner's own pictures become one."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext

from inference.catalog.datasets import DATASETS, DatasetRecord
from inference.catalog.own import own_record
from webapp.core import files
from webapp.core.errors import Refusal, not_found, worded
from webapp.jobs.models import Job, Status
from webapp.jobs.services import create_job
from webapp.pictures.deleting import delete_samples_of
from webapp.pictures.models import Picture
from webapp.training.models import Dataset, Preparation


def record_of(dataset: Dataset) -> DatasetRecord:
    """The declaration of a dataset; an own one's follows from its facts."""
    if not dataset.own:
        return DATASETS[dataset.slug]
    return own_record(dataset.slug, (dataset.facts or {})["own"], Path(dataset.file))


def trainable() -> Mapping[str, DatasetRecord]:
    """Every dataset that a training can name: the declared ones, and own ones that are prepared."""
    own = Dataset.objects.ready().exclude(slug__in=DATASETS)
    return {**DATASETS, **{dataset.slug: record_of(dataset) for dataset in own}}


def find_dataset(slug: str) -> Dataset:
    """The dataset of that name; 404 if there is none."""
    found = Dataset.objects.filter(slug=slug).first()
    if found is None:
        raise not_found()
    return found


@transaction.atomic
def register_declared() -> None:
    """A row for every declared dataset; those that come with Gibbon are looked at for their page. Safe to repeat."""
    for record in DATASETS.values():
        dataset, _made = Dataset.objects.update_or_create(slug=record.slug, defaults={"name": record.name})
        if record.comes_along and dataset.facts is None and not _is_being_prepared(dataset):
            prepare(dataset)


def prepare(dataset: Dataset, *, archive: str = "", encoding: str = "") -> Job:
    """Have a worker look at a dataset; from a ZIP in storage, if it is somebody's own."""
    job = create_job(kind="dataset", visitor=None, version=None)
    Preparation.objects.create(job=job, dataset=dataset, archive=archive, encoding=encoding)
    return job


def bring_own(*, name: str, upload: UploadedFile, encoding: str = "") -> Dataset:
    """Keep a ZIP of pictures, one folder a class, and have it made into a dataset.

    encoding: of names that do not say theirs, a key of zip_names.ENCODINGS; empty to find out.
    """
    files.refuse_when_disk_is_low()
    try:
        archive = files.keep("archives", upload, suffix=".zip")
    except OSError as error:
        if files.is_disk_full(error):
            raise files.disk_full() from error
        raise
    with transaction.atomic():
        dataset = Dataset.objects.create(slug=_free_slug(name), name=name)
        prepare(dataset, archive=archive, encoding=encoding)
    return dataset


def remove(dataset: Dataset) -> None:
    """Remove an own dataset with its files; one that a training used stays, because its versions name it."""
    if not dataset.own:
        raise Refusal(403, "declared", gettext("This dataset comes with Gibbon and stays."))
    if dataset.runs.exists():
        message = gettext("Trainings have used this dataset, and their versions name it: it stays.")
        raise Refusal(409, "in_use", message)
    names = [*dataset.pictures.values(), *dataset.preparations.values_list("archive", flat=True)]
    with transaction.atomic():
        Job.objects.filter(preparation__dataset=dataset).delete()
        delete_samples_of(dataset.slug)
        dataset.delete()
        transaction.on_commit(lambda: files.delete([name for name in names if name]))
        transaction.on_commit(lambda: forget_file(dataset.file))


def forget_file(name: str, *, by: Job | None = None) -> None:
    """Remove a prepared dataset's file unless a dataset has it: the same pictures and name are the same file.

    While another job than `by` makes one from a ZIP, perhaps of this very file, it stays; `delete_orphans` comes later.
    """
    others = Job.objects.open().filter(preparation__archive__gt="")
    if by:
        others = others.exclude(pk=by.pk)
    if name and not Dataset.objects.filter(file=name).exists() and not others.exists():
        files.delete([name])


def problem_of(dataset: Dataset) -> str:
    """Why the last preparation came to nothing; nothing if it did not."""
    last = _last_preparation(dataset)
    if last and last.job.status == Status.CANCELLED:
        return gettext("The preparation was cancelled.")
    return last.job.why() if last and last.job.status == Status.FAILED else ""


def report_of(dataset: Dataset) -> dict[str, Any] | None:
    """What was found in an own dataset's ZIP, taken or refused (zip_refusal.Report.as_json); None where there is none.

    Beside each `message` and its `params` stands the `sentence` they make.
    """
    taken = (dataset.facts or {}).get("own", {}).get("refused")
    last = _last_preparation(dataset)
    found = taken or (last.report if last else None)
    return {"classes": [], "notes": []} | _in_words(found) if found else None


def _in_words(found: Any) -> Any:
    """The same, with a sentence wherever there is a message."""
    if isinstance(found, list):
        return [_in_words(one) for one in found]
    if not isinstance(found, dict):
        return found
    inner = {key: value if key == "params" else _in_words(value) for key, value in found.items()}
    return inner | {"sentence": worded(found["message"], found["params"])} if "message" in found else inner


def _last_preparation(dataset: Dataset) -> Preparation | None:
    return dataset.preparations.select_related("job").order_by("-job__created").first()


def _is_being_prepared(dataset: Dataset) -> bool:
    return Job.objects.open().filter(preparation__dataset=dataset).exists()


def _free_slug(name: str) -> str:
    """Readable, and nobody else's."""
    base = slugify(name)[:40] or "pictures"
    taken = (
        base in DATASETS
        or Dataset.objects.filter(slug=base).exists()
        or Picture.objects.samples().filter(facts__dataset=base).exists()  # ImageNet's, whose dataset has no row
    )
    return f"{base}-{uuid.uuid4().hex[:6]}" if taken else base


def _licence(record: DatasetRecord, *, own: bool) -> str:
    """A licence goes by its own name; of somebody's own pictures it is told in words."""
    return gettext(record.licence) if own else record.licence


def facts_of(dataset: Dataset) -> dict[str, Any]:
    """What is known of a dataset, for its page and the API."""
    record = record_of(dataset) if not dataset.own or dataset.facts else None
    return {
        "slug": dataset.slug,
        "name": str(dataset),
        "about": gettext(record.about) if record and record.about else "",
        "own": dataset.own,
        "licence": _licence(record, own=dataset.own) if record else "",
        "source": record.source if record else "",
        "labels": list(record.labels) if record else [],
        "facts": dataset.facts,
        "problem": problem_of(dataset),
        "report": report_of(dataset),
    }
