"""What an owner does: start, stop, cancel and resume trainings."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext

from attacks.options import OptionError
from inference.catalog.configuration import DEFAULTS, TrainingConfig, validate
from webapp.core import files
from webapp.core.errors import Refusal
from webapp.core.rows import find
from webapp.core.words import percents
from webapp.jobs import services as jobs
from webapp.jobs.models import IN_VAIN, Job, Status
from webapp.training.datasets import trainable
from webapp.training.models import Dataset, TrainingRun

PROGRESS_PARTS = 1000  # of an epoch, until the worker knows how many pictures there are


def start_training(*, user: User, values: Mapping[str, Any], parent: TrainingRun | None = None) -> Job:
    """Queue a training; a Refusal that names the field if the values are no configuration."""
    config = checked(values)
    refuse_when_full()
    files.refuse_when_disk_is_low()
    with transaction.atomic():
        job = jobs.create_job(kind="train", visitor=None, version=None, total=config.epochs * PROGRESS_PARTS)
        TrainingRun.objects.create(
            job=job,
            dataset=Dataset.objects.get(slug=config.dataset),
            network=config.network,
            config=vars(config),
            started_by=user,
            parent=parent,
        )
    return job


def checked(values: Mapping[str, Any]) -> TrainingConfig:
    """The configuration, or a 422 that names the setting."""
    try:
        return validate(values, datasets=trainable())
    except OptionError as error:
        raise Refusal(422, "invalid", error.template, error.values, field=error.field) from error


def refuse_when_full() -> None:
    """503 while so many trainings wait that another one would not begin today."""
    waiting = Job.objects.filter(status=Status.QUEUED, kind="train").count()
    if waiting >= settings.TRAIN_QUEUE_LIMIT:
        message = gettext("%(count)s trainings are waiting. Please cancel one, or come back later.")
        raise Refusal(503, "busy", message % {"count": waiting}, retry_after=600)


def find_run(job_id: Any) -> TrainingRun:
    """Anybody may watch a training; 404 if there is no such."""
    return find(TrainingRun.objects.select_related("job", "dataset", "version__classifier", "started_by"), job_id)


def stop(run: TrainingRun) -> None:
    """End early and keep the best epoch; one that has not begun is cancelled."""
    _refuse_ended(run.job)
    if run.job.status == Status.QUEUED and not run.epochs.exists():
        jobs.cancel(run.job)
        return
    TrainingRun.objects.filter(pk=run.pk).update(stop_requested=True)


def cancel(run: TrainingRun) -> None:
    """End without a version; it can be resumed from its last checkpoint."""
    _refuse_ended(run.job)
    jobs.cancel(run.job)


def resume(run: TrainingRun) -> None:
    """Put a failed or cancelled training back into the queue, to go on where it was."""
    if run.diverged:
        message = gettext("With these settings it would blow up again. Start another with other settings.")
        raise Refusal(409, "not_resumable", message)
    if run.job.status in IN_VAIN and not run.goes_on:
        message = gettext("Its checkpoints are no longer kept. Start another with the same settings.")
        raise Refusal(409, "not_resumable", message)
    with transaction.atomic():
        if not jobs.queue_again(run.job):
            raise Refusal(409, "not_resumable", gettext("Only a training that failed or was cancelled can be resumed."))
        TrainingRun.objects.filter(pk=run.pk).update(stop_requested=False)


def settings_of(run: TrainingRun) -> dict[str, Any]:
    """What a form starts with when the training is to be repeated: its values, and defaults for newer settings."""
    return DEFAULTS | {name: value for name, value in run.config.items() if name in DEFAULTS}


def _refuse_ended(job: Job) -> None:
    if job.ended:
        raise Refusal(409, "ended", gettext("This training has already ended."))


def percent(share: float) -> str:
    return percents(f"{share * 100:.2f}")
