"""The API's addresses for trainings and versions: everybody may watch, staff with the permission may act."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from ninja import File, Form, Router
from ninja.files import UploadedFile

from inference.catalog.configuration import json_schema
from inference.data.zip_names import ENCODINGS, GUESS, find_encoding
from webapp.api import requests
from webapp.api import schemas as s
from webapp.api.answers import accepted
from webapp.core.doors import refuse_fields
from webapp.core.errors import Refusal
from webapp.core.uploads import only_file
from webapp.core.words import listed, said_of
from webapp.jobs.models import Job
from webapp.jobs.serializers import job_json, jobs_json
from webapp.promotion.services import promote as promote_version
from webapp.promotion.services import roll_back as roll_back_classifier
from webapp.registry.comparison import compared_with_live
from webapp.registry.models import ModelVersion
from webapp.registry.services import find_any_version, find_classifier
from webapp.training import services
from webapp.training.datasets import bring_own, facts_of, find_dataset, trainable
from webapp.training.forms import OwnPicturesForm
from webapp.training.models import Dataset
from webapp.training.serializers import version_json

router = Router()
LISTED = 100
ERRORS = {frozenset({400, 401, 403, 404, 409, 413, 422, 429, 503, 507}): s.ErrorOut}
TRAINING, VERSIONS = ["training"], ["versions"]


def demand(request: HttpRequest, permission: str) -> Any:
    """The user who calls: by a token, or logged in on the page; 403 without the permission."""
    user = request.auth.user or request.user  # type: ignore[attr-defined]  # ninja puts our Caller there
    if not (user.is_authenticated and user.is_staff and user.has_perm(permission)):
        raise Refusal(403, "forbidden", gettext("This needs a member of staff with the permission for it."))
    return user


@router.post("/training-runs", response={202: s.Accepted, **ERRORS}, tags=TRAINING, summary="Start a training")
def start(request: HttpRequest, payload: requests.TrainingIn) -> HttpResponse:
    """What is left out has its default; the settings are described at /api/v1/training-settings."""
    user = demand(request, "training.add_trainingrun")
    return accepted(services.start_training(user=user, values=payload.config))


@router.get("/training-settings", response={200: dict[str, Any], **ERRORS}, tags=TRAINING, summary="Settings")
def training_settings(request: HttpRequest) -> HttpResponse:
    """Every setting of a training as JSON Schema, with defaults."""
    return JsonResponse(json_schema(trainable(), translate=gettext))


@router.get("/training-runs", response={200: list[s.JobOut], **ERRORS}, tags=TRAINING, summary="The newest trainings")
def list_runs(request: HttpRequest) -> HttpResponse:
    return JsonResponse(jobs_json(Job.objects.filter(kind="train")[:LISTED]), safe=False)


@router.get("/training-runs/{run_id}", response={200: s.JobOut, **ERRORS}, tags=TRAINING, summary="One training")
def show_run(request: HttpRequest, run_id: str) -> HttpResponse:
    return JsonResponse(job_json(services.find_run(run_id).job))


@router.post("/training-runs/{run_id}/stop", response={202: s.Accepted, **ERRORS}, tags=TRAINING, summary="Stop early")
def stop_run(request: HttpRequest, run_id: str) -> HttpResponse:
    """End after the present step and keep the best epoch."""
    return _steer(request, run_id, services.stop)


@router.post("/training-runs/{run_id}/cancel", response={202: s.Accepted, **ERRORS}, tags=TRAINING, summary="Cancel")
def cancel_run(request: HttpRequest, run_id: str) -> HttpResponse:
    """End without a version."""
    return _steer(request, run_id, services.cancel)


@router.post("/training-runs/{run_id}/resume", response={202: s.Accepted, **ERRORS}, tags=TRAINING, summary="Resume")
def resume_run(request: HttpRequest, run_id: str) -> HttpResponse:
    """Go on with a failed or cancelled training after its last checkpoint."""
    return _steer(request, run_id, services.resume)


@router.get("/datasets", response={200: list[s.DatasetOut], **ERRORS}, tags=TRAINING, summary="Datasets")
def list_datasets(request: HttpRequest) -> HttpResponse:
    return JsonResponse([facts_of(dataset) for dataset in Dataset.objects.all()], safe=False)


@router.post("/datasets", response={201: s.DatasetOut, **ERRORS}, tags=TRAINING, summary="Bring own pictures")
def bring_dataset(
    request: HttpRequest,
    archive: File[UploadedFile],
    name: str = Form(..., description="What the pictures show."),
    encoding: str = Form("", description="Of names that the ZIP does not tell of, such as gbk; empty to find out."),
) -> HttpResponse:
    """Keep a ZIP with one folder of pictures for each class, and look at it before any training.

    Ask for the dataset until it has `labels` or a `problem`: its `report` then tells what was found and left out.
    """
    demand(request, "training.add_dataset")
    refuse_fields(request, "archive", "name", "encoding")
    upload = only_file(request, "archive")
    form = OwnPicturesForm({"name": name, "encoding": _encoding(encoding)}, request.FILES)
    for field, errors in form.errors.items():
        raise Refusal(422, "invalid", said_of(field, str(errors[0])), field=field)
    fields = form.cleaned_data
    dataset = bring_own(name=fields["name"], upload=upload, encoding=fields["encoding"])
    return JsonResponse(facts_of(dataset), status=201)


@router.get("/datasets/{slug}", response={200: s.DatasetOut, **ERRORS}, tags=TRAINING, summary="One dataset")
def show_dataset(request: HttpRequest, slug: str) -> HttpResponse:
    return JsonResponse(facts_of(find_dataset(slug)))


@router.get(
    "/versions", response={200: list[s.VersionDetail], **ERRORS}, tags=VERSIONS, summary="Versions, newest first"
)
def list_versions(request: HttpRequest) -> HttpResponse:
    versions = ModelVersion.objects.select_related("classifier")[:LISTED]
    return JsonResponse([version_json(version) for version in versions], safe=False)


@router.get("/versions/{identity}", response={200: s.VersionWithCard, **ERRORS}, tags=VERSIONS, summary="One version")
def show_version(request: HttpRequest, identity: str) -> HttpResponse:
    """With its card."""
    version = find_any_version(identity)
    return JsonResponse(version_json(version) | {"card": version.card, "beside_live": compared_with_live(version)})


@router.post("/versions/{identity}/promote", response={202: s.Accepted, **ERRORS}, tags=VERSIONS, summary="Promote")
def promote(request: HttpRequest, identity: str, payload: requests.PromoteIn) -> HttpResponse:
    """A worker tries the version; then it answers from every worker's next job on.

    Unless confirmed, 409 `worse`, `unchecked` where checks for masked gradients failed or were not run, or
    `incomparable` where its figures are of other pictures than the live one's.
    """
    user = demand(request, "registry.promote_modelversion")
    version = find_any_version(identity)
    return accepted(promote_version(user=user, version=version, confirmed=payload.confirmed))


@router.post("/classifiers/{slug}/roll-back", response={202: s.Accepted, **ERRORS}, tags=VERSIONS, summary="Roll back")
def roll_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Promote the version that was live before."""
    user = demand(request, "registry.promote_modelversion")
    return accepted(roll_back_classifier(user=user, classifier=find_classifier(slug)))


def _steer(request: HttpRequest, run_id: str, action: Any) -> HttpResponse:
    demand(request, "training.control_trainingrun")
    action(services.find_run(run_id))
    return accepted(services.find_run(run_id).job)


def _encoding(text: str) -> str:
    """The encoding that is meant; 422 with the known ones."""
    try:
        return find_encoding(text) if text else GUESS
    except (LookupError, ValueError):
        known = listed(key for key in ENCODINGS if key)
        message = gettext("encoding must be one of: %(known)s.") % {"known": known}
        raise Refusal(422, "invalid", message, field="encoding") from None
