"""The lab's pages and the pictures on them."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from attacks.catalog import ATTACKS, DEFAULT_ATTACK
from attacks.options import OptionError
from attacks.record import AttackRecord
from webapp.core.errors import Refusal, not_found
from webapp.core.serving import stored
from webapp.core.uploads import only_file
from webapp.jobs.models import Job
from webapp.jobs.services import attend, find_job
from webapp.lab import services
from webapp.lab.address import asked_attack, asked_version, usual_params
from webapp.lab.comparison import repetitions
from webapp.lab.models import Attack, Point
from webapp.lab.page_state import DEFAULT_CLASSIFIER, NOTHING, job_state, page_state, shown_picture
from webapp.lab.presenter import first_view, outcome, recipe
from webapp.lab.samples import find_sample, gallery
from webapp.lab.serializers import tried_file
from webapp.lab.source import pieces
from webapp.lab.steps import other_steps
from webapp.pictures.models import Picture
from webapp.pictures.services import find_picture, kept, upload_picture
from webapp.registry.models import ModelVersion
from webapp.registry.services import find_version
from webapp.visitors.address import client_address
from webapp.visitors.auth import asker_of
from webapp.visitors.limits import refuse_busy_address
from webapp.visitors.middleware import ensure_visitor, visitor_of


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The lab for photographs, with a sample already broken."""
    return _opening_page(request, find_version(classifier=DEFAULT_CLASSIFIER, version=None))


@require_GET
def lab_with(request: HttpRequest, slug: str) -> HttpResponse:
    """The lab with the live version of another classifier."""
    return _opening_page(request, find_version(classifier=slug, version=None))


@require_GET
def lab_version(request: HttpRequest, version: str) -> HttpResponse:
    """The lab with exactly that version, live or not."""
    return _opening_page(request, find_version(classifier=None, version=version))


@require_http_methods(["GET", "HEAD", "POST"])
def lab_sample(request: HttpRequest, slug: str) -> HttpResponse:
    """The lab at an attack on a sample, as the address tells it."""
    if (picture := find_sample(slug)) is None:
        raise not_found()
    return _told_page(request, picture)


@require_http_methods(["GET", "HEAD", "POST"])
def lab_picture(request: HttpRequest, picture_id: UUID) -> HttpResponse:
    """The lab at an attack on a picture of the visitor's own, as the address tells it."""
    return _told_page(request, find_picture(visitor_of(request), picture_id))


def _told_page(request: HttpRequest, picture: Picture) -> HttpResponse:
    """The page of an attack; what nobody has run yet is begun by its script, or by a form that posts to its address.

    What this visitor has cancelled, or has seen fail, is begun again by who asks for it, not by a reload. 422 for an
    attack or an option that cannot be.
    """
    visitor, version = visitor_of(request), asked_version(request.GET, picture)
    services.refuse_wrong_preparation(picture, version)
    try:
        attack, params = asked_attack(request.GET, version)
    except OptionError as error:
        raise Refusal(422, "invalid", error.template, error.values, field=error.field[:40]) from error
    named: dict[str, Any] = {"picture": picture, "version": version, "attack": attack, "params": params}
    job = services.find_same(visitor=visitor, **named)
    if request.method == "POST":
        refuse_busy_address(client_address(request))
        job = job or services.start_whole_attack(visitor=ensure_visitor(request), **named)
        return redirect("lab", job_id=job.pk)
    job = job or services.find_ended(visitor=visitor, **named)
    asked = None if job else {"picture": shown_picture(picture), "chosen": attack, "params": params}
    return _lab_page(request, version, job, samples=gallery(version, visitor), asked=asked)


@require_GET
def lab(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The lab at one of the visitor's attacks, or at a sample's."""
    visitor = visitor_of(request)
    job = find_job(visitor, job_id)
    if not isinstance(job.result(), Attack):
        raise not_found()
    return _lab_page(request, job.answered_by, job, samples=gallery(job.answered_by, visitor))


@require_GET
def comparison(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The same attack on other networks, as far as the visitor may see it."""
    visitor = visitor_of(request)
    attack = services.find_attack(visitor, job_id)
    return JsonResponse(repetitions(attack, visitor))


@require_GET
def steps(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """What many steps found where this one step fails, and what one step needs where these many succeed."""
    visitor = visitor_of(request)
    return JsonResponse(other_steps(services.find_attack(visitor, job_id), visitor))


@require_GET
def attack_recipe(request: HttpRequest, slug: str) -> HttpResponse:
    """An attack's formula, as a piece of the lab's page."""
    return render(request, "lab/_recipe.html", {"recipe": recipe(_declared(slug))})


@require_GET
def attack_source(request: HttpRequest, slug: str) -> HttpResponse:
    """The source of an attack as it runs here, as a piece of the lab's page."""
    own, *used = pieces(_declared(slug).function)
    return render(request, "lab/_source.html", {"own": own, "used": used})


def _declared(slug: str) -> AttackRecord:
    if slug not in ATTACKS:
        raise not_found()
    return ATTACKS[slug]


@require_GET
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """An attack as its owner shows it: everything to see, nothing to change."""
    job = _shared_job(token)
    return _lab_page(request, job.answered_by, job, samples=[], share_token=token)


@require_GET
def shared_state(request: HttpRequest, token: str) -> HttpResponse:
    """What a shared page polls while its curve is not complete."""
    return JsonResponse(job_state(_shared_job(token), token))


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """The form without scripts: take the picture or the sample, start the attack, show its page."""
    refuse_busy_address(client_address(request))
    version = _asked_version(request)
    picture = find_sample(_field(request, "sample")) or upload_picture(
        upload=only_file(request, "image"),
        visitor=ensure_visitor(request),  # only for who brings a picture
        preparation=version.classifier.preparation,
    )
    params = usual_params(version)
    job = services.start_whole_attack(
        visitor=ensure_visitor(request), picture=picture, version=version, attack=DEFAULT_ATTACK, params=params
    )
    return redirect("lab", job_id=job.pk)


def _asked_version(request: HttpRequest) -> ModelVersion:
    """What the form names, or else what answers on photographs."""
    if version := _field(request, "version"):
        return find_version(classifier=None, version=version)
    return find_version(classifier=_field(request, "classifier") or DEFAULT_CLASSIFIER, version=None)


def _field(request: HttpRequest, name: str) -> str:
    """A text of the form; no database stores a NUL, or can be asked for one."""
    return request.POST.get(name, "").replace("\0", "")


@require_GET
def pictures(request: HttpRequest) -> HttpResponse:
    """My pictures: everything this visitor has brought, and what was done with it."""
    visitor = visitor_of(request)
    own = Picture.objects.owned_by(visitor).prefetch_related("attacks__job__version__classifier")
    context = {
        "pictures": [{"picture": picture, "attacks": _attacks_of(picture)} for picture in own],
        "used_bytes": kept(visitor).bytes if visitor else 0,
        "limit_bytes": settings.BYTES_PER_VISITOR,
        "limit_pictures": settings.PICTURES_PER_VISITOR,
        "days": settings.PICTURE_DAYS,
    }
    return render(request, "lab/pictures.html", context)


# --- Bytes --------------------------------------------------------------------------------------------------------


@require_GET
def result_file(request: HttpRequest, job_id: UUID, which: str, ending: str) -> HttpResponse:
    job = find_job(asker_of(request), job_id)
    return stored(request, _file_of(job, which, ending), public=job.visitor_id is None)


@require_GET
def shared_file(request: HttpRequest, token: str, which: str, ending: str) -> HttpResponse:
    return stored(request, _file_of(_shared_job(token), which, ending))


def _file_of(job: Job, which: str, ending: str) -> str:
    """The stored name of one of a job's pictures; 404 if it has none such."""
    row = job.result()
    names: dict[str, str] = {}
    if isinstance(row, Attack):
        names = {"original": row.picture.file, "adversarial": row.adversarial_file, "sign": row.sign_file}
        names |= {"change": row.change_file, "trace": row.trace_file}
        names |= {tried_file(place): one["file"] for place, one in enumerate(_tried(row))}
    elif isinstance(row, Point):
        names = {"point": row.image_file}
    if not names.get(which, "").endswith(f".{ending}"):
        raise not_found()
    return names[which]


def _tried(attack: Attack) -> list[dict[str, Any]]:
    """The budgets that the attack's search tried; none if there was no search."""
    current = attack.current_sweep()
    return current.tried if current else []


# --- What a page is given -----------------------------------------------------------------------------------------


def _opening_page(request: HttpRequest, version: ModelVersion) -> HttpResponse:
    """The lab with that version, showing the first sample that it has been tried on."""
    visitor = visitor_of(request)
    samples = gallery(version, visitor)
    shown = next((sample["job"] for sample in samples if sample["job"]), None)
    return _lab_page(request, version, find_job(visitor, shown) if shown else None, samples=samples)


def _lab_page(
    request: HttpRequest,
    version: ModelVersion,
    job: Job | None,
    *,
    samples: list[dict[str, Any]],
    share_token: str | None = None,
    asked: dict[str, Any] | None = None,
) -> HttpResponse:
    """asked: the sample's picture, the attack and the parameters that the page is to begin with."""
    if job:
        job.version = version  # the same; what was read of it is not read again
        attend(job)
    shown = job_state(job, share_token, visitor_of(request)) if job else NOTHING
    state = page_state(version, samples, share=share_token) | shown
    if asked:
        state |= {"picture": asked["picture"], "asked": asked}
    if job and not share_token:
        state["share"] = {"url": reverse("shared", args=[job.share_token]) if job.share_token else None}
    context = {"state": state, "view": first_view(state), "samples": samples, "readonly": bool(share_token)}
    return render(request, "lab/lab.html", context)


def _attacks_of(picture: Picture) -> list[dict[str, Any]]:
    """The picture's attacks, newest first, each with its outcome in a sentence and the network that was attacked."""
    newest_first = sorted(picture.attacks.all(), key=lambda attack: attack.job.created, reverse=True)
    return [
        {"attack": attack, "sentence": outcome(attack), "network": attack.job.answered_by.name}
        for attack in newest_first
    ]


def _shared_job(token: str) -> Job:
    job = Job.objects.select_related("version__classifier").filter(share_token=token).first()
    if job is None:
        message = gettext(
            "Nothing is shared under this address: whoever shared it has withdrawn it, or it has expired."
        )
        raise Refusal(404, "not_shared", message)
    return job
