"""The API's addresses. Each reads the request, calls one service and answers."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import File, Form, NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.files import UploadedFile
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.types import DictStrAny

from webapp.api import requests, training
from webapp.api import schemas as s
from webapp.api.answers import accepted
from webapp.api.examples import add_examples
from webapp.api.words import word
from webapp.core.doors import refuse_fields
from webapp.core.errors import Refusal, not_found
from webapp.core.uploads import no_file, only_file
from webapp.jobs.models import Job
from webapp.jobs.serializers import job_json, jobs_json
from webapp.jobs.services import attend, cancel_own, find_job
from webapp.lab import services
from webapp.lab.describe import attacks
from webapp.lab.forecast import forecast_json
from webapp.learn.describe import computations
from webapp.learn.services import start_computation as begin_computation
from webapp.pictures.deleting import delete_picture
from webapp.pictures.models import Picture
from webapp.pictures.serializers import picture_json
from webapp.pictures.services import find_picture, upload_picture
from webapp.registry.describe import classifiers
from webapp.visitors.auth import PersonalToken
from webapp.visitors.middleware import ensure_visitor, visitor_of

LISTED = 100
PLACES = ("body", "request", "form", "file", "path", "payload")  # where pydantic looked; callers know the rest
INVALID = {  # pydantic's kinds of what is wrong with a body
    "missing": _("%(field)s is missing."),
    "extra_forbidden": _("There is no field %(field)s here."),
    "string_type": _("%(field)s must be text."),
    "dict_type": _("%(field)s must be an object with names and values."),
    "bool_type": _("%(field)s must be true or false."),
    "literal_error": _("%(field)s has a value that is not known here."),
    "union_tag_not_found": _("kind must be given."),
}
ERRORS = {frozenset({400, 401, 403, 404, 409, 413, 422, 429, 503, 507}): s.ErrorOut}


class StrictParser(Parser):
    """JSON without hostile nesting, names given twice, or text that no database can store."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        try:
            found = json.loads(request.body, object_pairs_hook=_each_name_once)
            # half a surrogate pair does not survive encoding
            if b"\\u0000" in json.dumps(found, ensure_ascii=False).encode():
                raise ValueError("a NUL")
        except (ValueError, RecursionError) as error:
            raise Refusal(400, "bad_json", _not_json(request)) from error
        return found


def _not_json(request: HttpRequest) -> str:
    """Why a body was not read; whoever sends a form is told what is wanted instead."""
    if request.content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return gettext("This address takes JSON (Content-Type: application/json), not a form.")
    return gettext("The body is not JSON that can be read.")


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


class DescribedAPI(NinjaAPI):
    """Its document shows examples that are there, and is told in the reader's language."""

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**where)
        add_examples(document["paths"])
        word(document)
        return document


api = DescribedAPI(
    title="Gibbon",
    version="1",
    urls_namespace="api",
    parser=StrictParser(),
    auth=PersonalToken(),
    docs_url="/docs",
)


# --- Errors: one shape --------------------------------------------------------------------------------------------


@api.exception_handler(Refusal)
def on_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return JsonResponse(refusal.payload(), status=refusal.status, headers=refusal.headers())


@api.exception_handler(Http404)
def on_404(request: HttpRequest, error: Http404) -> HttpResponse:
    return on_refusal(request, not_found())


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    if first["type"] == "union_tag_invalid":  # pydantic's own message repeats what was sent, however long
        message = gettext("kind must be one of: %(known)s.") % {"known": first["ctx"]["expected_tags"]}
        return on_refusal(request, Refusal(422, "invalid", message, field="kind"))
    if first["type"] == "missing" and first["loc"][0] == "file":
        return on_refusal(request, no_file(request, str(first["loc"][-1])))
    names = [str(part)[:40] for part in first["loc"] if part not in PLACES]
    values = {"field": ".".join(names) or gettext("The request"), "reason": first["msg"]}
    template = INVALID.get(first["type"], _("%(field)s cannot be used: %(reason)s."))
    return on_refusal(request, Refusal(422, "invalid", template, values, field=names[-1] if names else None))


@api.exception_handler(RawPostDataException)
def on_form(request: HttpRequest, error: RawPostDataException) -> HttpResponse:
    """A form where JSON is wanted, whose fields were read already in search of a CSRF token."""
    return on_refusal(request, Refusal(400, "bad_json", _not_json(request)))


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, Refusal):  # of our parser: Ninja has put its own words over it
        return on_refusal(request, error.__cause__)
    return on_refusal(request, Refusal(error.status_code, "bad_request", str(error)))


# --- Pictures -----------------------------------------------------------------------------------------------------


@api.post("/images", response={201: s.ImageOut, **ERRORS}, tags=["pictures"], summary="Upload a picture")
def upload_image(
    request: HttpRequest,
    image: File[UploadedFile],
    prepare: str = Form("photo", description=s.WORDS),
) -> HttpResponse:
    """Prepare a picture (PNG, JPEG, WebP, GIF or BMP, up to 20 MB) and keep it until it expires."""
    refuse_fields(request, "image", "prepare")
    file = only_file(request, "image")
    picture = upload_picture(visitor=ensure_visitor(request), upload=file, preparation=prepare)
    return JsonResponse(picture_json(picture), status=201)


@api.get(
    "/images", response={200: list[s.ImageOut], **ERRORS}, tags=["pictures"], summary="Your pictures, newest first"
)
def list_images(request: HttpRequest) -> HttpResponse:
    pictures = Picture.objects.owned_by(visitor_of(request))
    return JsonResponse([picture_json(picture) for picture in pictures], safe=False)


@api.get("/images/{image_id}", response={200: s.ImageOut, **ERRORS}, tags=["pictures"], summary="One picture")
def show_image(request: HttpRequest, image_id: str) -> HttpResponse:
    return JsonResponse(picture_json(find_picture(visitor_of(request), image_id)))


@api.delete("/images/{image_id}", response={204: None, **ERRORS}, tags=["pictures"], summary="Delete a picture")
def delete_image(request: HttpRequest, image_id: str) -> HttpResponse:
    """Its jobs are cancelled and everything computed from it is removed."""
    delete_picture(find_picture(visitor_of(request), image_id))
    return HttpResponse(status=204)


# --- Jobs ---------------------------------------------------------------------------------------------------------


@api.post("/jobs", response={202: s.Accepted, **ERRORS}, tags=["jobs"], summary="Predict, or attack")
def start_job(request: HttpRequest, payload: requests.JobIn) -> HttpResponse:
    """Queue a job: 202 with its `url`. Ask there about once a second until `status` is `done`, `failed` or `cancelled`;
    or open the WebSocket `/ws/jobs/{id}`, which sends the same JSON as the job goes on and closes after the last."""
    job = services.start_job(visitor=ensure_visitor(request), request=payload.model_dump())
    return accepted(job)


@api.post(
    "/jobs/forecast", response={200: s.ForecastOut, **ERRORS}, tags=["jobs"], summary="How long an attack would take"
)
def forecast_job(request: HttpRequest, payload: requests.AttackIn) -> HttpResponse:
    """What `POST /jobs` would do with the same body; nothing is begun."""
    visitor, asked = visitor_of(request), payload.model_dump()
    return JsonResponse(forecast_json(lambda: services.foresee_job(visitor=visitor, request=asked)))


@api.get("/jobs", response={200: list[s.JobOut], **ERRORS}, tags=["jobs"], summary="Your newest 100 jobs")
def list_jobs(request: HttpRequest) -> HttpResponse:
    visitor = visitor_of(request)
    jobs = Job.objects.filter(visitor=visitor) if visitor else Job.objects.none()
    return JsonResponse(jobs_json(jobs[:LISTED]), safe=False)


@api.get("/jobs/{job_id}", response={200: s.JobOut, **ERRORS}, tags=["jobs"], summary="One job")
def show_job(request: HttpRequest, job_id: str) -> HttpResponse:
    return JsonResponse(job_json(attend(find_job(visitor_of(request), job_id))))


@api.delete("/jobs/{job_id}", response={202: s.Accepted, **ERRORS}, tags=["jobs"], summary="Cancel a job")
def cancel_job(request: HttpRequest, job_id: str) -> HttpResponse:
    visitor = visitor_of(request)
    cancel_own(find_job(visitor, job_id), visitor)
    return accepted(find_job(visitor, job_id))


@api.post(
    "/jobs/{job_id}/points/{value}", response={202: s.Accepted, **ERRORS}, tags=["jobs"], summary="One point as a file"
)
def request_point(request: HttpRequest, job_id: str, value: str) -> HttpResponse:
    """Save the attack's picture at one value of its sweep, read it back and judge it."""
    visitor = ensure_visitor(request)
    return accepted(services.request_point(visitor=visitor, attack=services.find_attack(visitor, job_id), value=value))


@api.post(
    "/jobs/{job_id}/points/{value}/draws",
    response={202: s.Accepted, **ERRORS},
    tags=["jobs"],
    summary="Many draws of the noise at one point",
)
def request_draws(request: HttpRequest, job_id: str, value: str) -> HttpResponse:
    """Judge 20 draws of random noise at that value, the attack's control among them: how often noise alone suffices."""
    visitor = ensure_visitor(request)
    return accepted(services.request_draws(visitor=visitor, attack=services.find_attack(visitor, job_id), value=value))


@api.post("/jobs/{job_id}/share", response={200: s.ShareOut, **ERRORS}, tags=["jobs"], summary="Share an attack")
def share_job(request: HttpRequest, job_id: str) -> HttpResponse:
    """A read-only page for everybody who has its address, until revoked."""
    token = services.share(find_job(visitor_of(request), job_id))
    return JsonResponse({"url": reverse("shared", args=[token])})


@api.delete("/jobs/{job_id}/share", response={200: s.ShareOut, **ERRORS}, tags=["jobs"], summary="Stop sharing")
def unshare_job(request: HttpRequest, job_id: str) -> HttpResponse:
    services.unshare(find_job(visitor_of(request), job_id))
    return JsonResponse({"url": None})


# --- The course ---------------------------------------------------------------------------------------------------


@api.post("/computations", response={201: s.JobOut, **ERRORS}, tags=["course"], summary="Compute for a lesson")
def start_computation(request: HttpRequest, payload: requests.ComputationIn) -> HttpResponse:
    """The job that computes this; what was computed before is answered at once, what is at work already is joined."""
    job = begin_computation(visitor=ensure_visitor(request), **payload.model_dump())
    return JsonResponse(job_json(job), status=201)


@api.get("/computations", response={200: list[s.ComputationOut], **ERRORS}, tags=["course"], summary="Computations")
def list_computations(request: HttpRequest) -> HttpResponse:
    """What lessons have computed on real networks and data, with the options of each."""
    return JsonResponse(computations(), safe=False)


# --- What there is ------------------------------------------------------------------------------------------------


@api.get("/classifiers", response={200: list[s.ClassifierOut], **ERRORS}, tags=["catalogue"], summary="Classifiers")
def list_classifiers(request: HttpRequest) -> HttpResponse:
    return JsonResponse(classifiers(), safe=False)


@api.get("/attacks", response={200: list[s.AttackOut], **ERRORS}, tags=["catalogue"], summary="Attacks")
def list_attacks(request: HttpRequest) -> HttpResponse:
    return JsonResponse(attacks(), safe=False)


api.add_router("", training.router)
