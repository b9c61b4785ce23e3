"""What an owner does: start, stop, cancel and resume trainings, promote what they made, and roll back."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from attacks.catalog import ParameterError
from inference.catalog.configuration import DEFAULTS, TrainingConfig, validate
from webapp.errors import Refusal, not_found
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, Status
from webapp.lab import files
from webapp.registry.models import Classifier, ModelVersion
from webapp.training.comparing import cannot_compare, how_it_is_worse
from webapp.training.datasets import trainable
from webapp.training.masking import doubt
from webapp.training.models import Dataset, Promotion, TrainingRun

PROGRESS_PARTS = 1000  # of an epoch, until the worker knows how many pictures there are


# --- Trainings ----------------------------------------------------------------------------------------------------


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
    except ParameterError as error:
        raise Refusal(422, "invalid", gettext(error.template) % error.values, field=error.field) from error


def refuse_when_full() -> None:
    """503 while so many trainings wait that another one would not begin today."""
    waiting = Job.objects.filter(status=Status.QUEUED, kind="train").count()
    if waiting >= settings.TRAIN_QUEUE_LIMIT:
        message = gettext("%(count)s trainings are waiting. Please cancel one, or come back later.")
        raise Refusal(503, "busy", message % {"count": waiting}, retry_after=600)


def find_run(job_id: Any) -> TrainingRun:
    """Anybody may watch a training; 404 if there is no such."""
    runs = TrainingRun.objects.select_related("job", "dataset", "version__classifier", "started_by")
    try:
        found = runs.filter(pk=job_id).first()
    except ValidationError:  # what is no UUID names nothing
        found = None
    if found is None:
        raise not_found()
    return found


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
    TrainingRun.objects.filter(pk=run.pk).update(stop_requested=False)
    if not jobs.queue_again(run.job):
        raise Refusal(409, "not_resumable", gettext("Only a training that failed or was cancelled can be resumed."))


def settings_of(run: TrainingRun) -> dict[str, Any]:
    """What a form starts with when the training is to be repeated: its values, and defaults for newer settings."""
    return DEFAULTS | {name: value for name, value in run.config.items() if name in DEFAULTS}


def _refuse_ended(job: Job) -> None:
    if job.ended:
        raise Refusal(409, "ended", gettext("This training has already ended."))


# --- Versions -----------------------------------------------------------------------------------------------------


def promote(*, user: User, version: ModelVersion, confirmed: bool = False) -> Job:
    """Have a worker try the version and make it live.

    Unless confirmed 409 "worse" where the live one is better, "unchecked" where its figures are in doubt, and
    "incomparable" where they were not counted on what the live one's were.
    """
    if version.live:
        raise Refusal(409, "live", gettext("This version is live already."))
    if version.card["preparation"] != version.classifier.preparation:
        message = gettext("This version wants other pictures than its classifier does, so it cannot answer for it.")
        raise Refusal(409, "other_pictures", message)
    if not confirmed:
        _refuse_doubtful(version)
    with transaction.atomic():
        job = jobs.create_job(kind="promote", visitor=None, version=version)
        Promotion.objects.create(job=job, version=version, asked_by=user)
    return job


def _refuse_doubtful(version: ModelVersion) -> None:
    asked = {"worse": how_it_is_worse(version), "unchecked": doubt(version), "incomparable": cannot_compare(version)}
    told = {code: sentence for code, sentence in asked.items() if sentence}
    if told:
        raise Refusal(409, next(iter(told)), " ".join(told.values()))


def roll_back(*, user: User, classifier: Classifier) -> Job:
    """Promote what was live before; 409 if nothing was."""
    before = previous(classifier)
    if before is None:
        raise Refusal(409, "nothing_before", gettext("No other version of this classifier has been live before."))
    return promote(user=user, version=before, confirmed=True)


def previous(classifier: Classifier) -> ModelVersion | None:
    """The version that was promoted last among those that are not live."""
    earlier = classifier.versions.filter(live=False, promoted__isnull=False).defer("card")
    return earlier.select_related("classifier").order_by("-promoted").first()


def percent(share: float) -> str:
    return f"{share * 100:.2f} %"


def find_any_version(reference: str) -> ModelVersion:
    """A version by its identity, promoted or not; 404 if there is none."""
    return ModelVersion.objects.select_related("classifier").called(reference)


def find_classifier(slug: str) -> Classifier:
    """The classifier of that name, live or not; 404 if there is none."""
    found = Classifier.objects.filter(slug=slug).first()
    if found is None:
        raise not_found()
    return found
