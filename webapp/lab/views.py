"""The lab's pages and the pictures on them."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from webapp.api.describe import attacks, classifiers
from webapp.errors import not_found
from webapp.jobs.limits import refuse_busy_address
from webapp.jobs.models import Job
from webapp.lab import files, services
from webapp.lab.models import Attack, Level, Picture
from webapp.lab.results import job_json, picture_json
from webapp.lab.samples import SHOWN_ATTACK, default_params, gallery
from webapp.lab.story import outcome, story
from webapp.registry.services import find_version
from webapp.uploads import only_file
from webapp.visitors.address import client_address
from webapp.visitors.middleware import ensure_visitor, visitor_of

DEFAULT_CLASSIFIER = "imagenet-lite0"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The lab, with a sample already broken."""
    samples = gallery()
    shown = next((sample["job"] for sample in samples if sample["job"]), None)
    job = services.find_job(None, shown) if shown else None
    return _lab_page(request, job, samples=samples)


@require_GET
def lab(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The lab at one of the visitor's attacks, or at a sample's."""
    job = services.find_job(visitor_of(request), job_id)
    if not isinstance(job.result(), Attack):
        raise not_found()
    return _lab_page(request, job, samples=gallery())


@require_GET
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """An attack as its owner shows it: everything to see, nothing to change."""
    return _lab_page(request, _shared_job(token), samples=[], share_token=token)


@require_GET
def shared_state(request: HttpRequest, token: str) -> HttpResponse:
    """What a shared page polls while its curve is not complete."""
    return JsonResponse(_job_state(_shared_job(token), token))


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """The form without scripts: take the picture, start the attack, show its page."""
    refuse_busy_address(client_address(request))
    file = only_file(request, "image")
    visitor = ensure_visitor(request)
    picture = services.upload_picture(visitor=visitor, upload=file)
    version = find_version(classifier=DEFAULT_CLASSIFIER, version=None)
    job = services.start_attack(
        visitor=visitor, picture=picture, version=version, attack=SHOWN_ATTACK, params=default_params()
    )
    return redirect("lab", job_id=job.pk)


@require_GET
def pictures(request: HttpRequest) -> HttpResponse:
    """My pictures: everything this visitor has brought, and what was done with it."""
    visitor = visitor_of(request)
    own = Picture.objects.owned_by(visitor).prefetch_related("attacks__job__version__classifier")
    context = {
        "pictures": [{"picture": picture, "attacks": _told(picture)} for picture in own],
        "used_bytes": services.used_bytes(visitor) if visitor else 0,
        "limit_bytes": settings.BYTES_PER_VISITOR,
        "limit_pictures": settings.PICTURES_PER_VISITOR,
        "days": settings.PICTURE_DAYS,
    }
    return render(request, "lab/pictures.html", context)


@require_POST
def delete(request: HttpRequest, picture_id: UUID) -> HttpResponse:
    services.delete_picture(services.find_picture(visitor_of(request), picture_id))
    return redirect("pictures")


@require_POST
def delete_all(request: HttpRequest) -> HttpResponse:
    visitor = visitor_of(request)
    if visitor:
        services.delete_all(visitor)
    return redirect("pictures")


# --- Bytes --------------------------------------------------------------------------------------------------------


@require_GET
def picture_file(request: HttpRequest, picture_id: UUID) -> HttpResponse:
    picture = services.find_picture(visitor_of(request), picture_id)
    return _png(request, picture.file)


@require_GET
def result_file(request: HttpRequest, job_id: UUID, which: str) -> HttpResponse:
    return _png(request, _file_of(services.find_job(visitor_of(request), job_id), which))


@require_GET
def shared_file(request: HttpRequest, token: str, which: str) -> HttpResponse:
    return _png(request, _file_of(_shared_job(token), which))


def _file_of(job: Job, which: str) -> str:
    """The stored name of one of a job's pictures; 404 if it has none such."""
    row = job.result()
    names: dict[str, str] = {}
    if isinstance(row, Attack):
        names = {"original": row.picture.file, "adversarial": row.adversarial_file, "sign": row.sign_file}
    elif isinstance(row, Level):
        names = {"level": row.image_file}
    if not names.get(which):
        raise not_found()
    return names[which]


def _png(request: HttpRequest, name: str) -> HttpResponse:
    """The bytes; kept by the visitor's browser only as long as asking again says they are still there."""
    tag = f'"{name.rsplit("/", 1)[-1]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    try:
        content = files.read(name)
    except FileNotFoundError as error:
        raise not_found() from error
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    return HttpResponse(content, content_type="image/png", headers=headers)


# --- What a page is given -----------------------------------------------------------------------------------------


def _lab_page(
    request: HttpRequest, job: Job | None, *, samples: list[dict[str, Any]], share_token: str | None = None
) -> HttpResponse:
    state = _page_state(samples, share_token) | (_job_state(job, share_token) if job else NOTHING)
    if job and not share_token:
        state["share"] = {"url": reverse("shared", args=[job.share_token]) if job.share_token else None}
    context = {"state": state, "story": story(state), "samples": samples, "readonly": bool(share_token)}
    return render(request, "lab/lab.html", context)


NOTHING = {"picture": None, "job": None, "ladder": None}


def _job_state(job: Job, share: str | None = None) -> dict[str, Any]:
    """An attack with its picture and ladder, as the page's script knows them."""
    row = job.result()
    ladder = row.current_ladder()
    picture = picture_json(row.picture)
    if share:
        picture |= {"url": reverse("shared_file", args=[share, "original"])}
    return {
        "picture": picture | {"sample": row.picture.sample},
        "job": job_json(job, share=share) | {"own": job.visitor_id is not None},
        "ladder": job_json(ladder.job, share=share) if ladder else None,
    }


def _page_state(samples: list[dict[str, Any]], share: str | None) -> dict[str, Any]:
    """What every lab page needs besides the attack it shows."""
    return {
        "classifiers": classifiers(),
        "attacks": attacks(),
        "samples": samples,
        "readonly": bool(share),
        "share": {"url": None},
        "default_classifier": DEFAULT_CLASSIFIER,
        "default_params": default_params(),
        "limits": {"upload_bytes": settings.UPLOAD_BYTES, "days": settings.PICTURE_DAYS},
        "urls": {
            "images": reverse("api:upload_image"),
            "jobs": reverse("api:start_job"),
            "lab": reverse("home") + "lab/",
            "pictures": reverse("pictures"),
            "state": reverse("shared_state", args=[share]) if share else None,
        },
    }


def _told(picture: Picture) -> list[dict[str, Any]]:
    """The picture's attacks, newest first, each with its outcome in a sentence."""
    newest_first = sorted(picture.attacks.all(), key=lambda attack: attack.job.created, reverse=True)
    return [{"attack": attack, "sentence": outcome(attack)} for attack in newest_first]


def _shared_job(token: str) -> Job:
    job = Job.objects.select_related("version__classifier").filter(share_token=token).first()
    if job is None:
        raise not_found()
    return job
