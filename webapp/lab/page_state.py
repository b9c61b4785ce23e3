"""What a lab page is given: the classifier it speaks of, the attack it shows, and what can be done from there."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from attacks.catalog import ATTACKS, DEFAULT_ATTACK, MANY_STEPS
from inference import images
from inference.catalog.preparations import PREPARATIONS
from webapp.core.shown import shown
from webapp.jobs.models import Job
from webapp.jobs.serializers import job_json
from webapp.lab.address import picture_page, usual_params
from webapp.lab.class_words import names_of
from webapp.lab.comparison import compared, is_hardened, siblings
from webapp.lab.serializers import drawn
from webapp.lab.steps import other_steps
from webapp.pictures.models import Picture
from webapp.pictures.serializers import picture_json
from webapp.registry.describe import name_of
from webapp.registry.models import Classifier, ModelVersion
from webapp.visitors.models import Visitor

DEFAULT_CLASSIFIER = "imagenet-lite0"
NOTHING: dict[str, Any] = {"picture": None, "job": None, "sweep": None, "draws": [], "other_steps": None}


def page_state(version: ModelVersion, samples: list[dict[str, Any]], *, share: str | None = None) -> dict[str, Any]:
    """What every lab page needs besides the attack it shows; the labels are those of its own classifier alone."""
    others = [] if share else siblings(version)
    return {
        "classifier": named(version)
        | {"labels": version.labels, "names": _other_names(version), "limits": asdict(version.limits)},
        "classifiers": choices(version),
        "siblings": [named(other) for other in others],
        "compared": compared([version, *others]) if others else None,
        "samples": samples,
        "readonly": bool(share),
        "share": {"url": None},
        "asked": None,
        "default_attack": DEFAULT_ATTACK,
        "rays": [record.slug for record in ATTACKS.values() if record.path == "ray"],
        "default_params": usual_params(version),
        "usual": {slug: usual_params(version, slug) for slug in ATTACKS},
        "many_steps": MANY_STEPS,
        "limits": {
            "upload_bytes": settings.UPLOAD_BYTES,
            "days": settings.PICTURE_DAYS,
            "long_side": images.LONG_SIDE,
        },
        "urls": {
            "images": reverse("api:upload_image"),
            "jobs": reverse("api:start_job"),
            "lab": reverse("home") + "lab/",
            "pictures": reverse("pictures"),
            "state": reverse("shared_state", args=[share]) if share else None,
        },
    }


def job_state(job: Job, share: str | None = None, visitor: Visitor | None = None) -> dict[str, Any]:
    """An attack with its picture and sweep, as the page's script knows them; of others what `visitor` may see."""
    row = job.result()
    sweep = row.current_sweep()
    picture = shown_picture(row.picture)
    if share:
        address = reverse("shared_file", args=[share, "original", "png"])
        picture |= {"url": address, "thumbnail": address, "page": None}
    return {
        "picture": picture,
        "job": job_json(job, share=share) | {"own": job.visitor_id is not None},
        "sweep": job_json(sweep.job, share=share) if sweep else None,
        "draws": drawn(row, share),
        "other_steps": None if share else other_steps(row, visitor),
    }


def _other_names(version: ModelVersion) -> list[str]:
    """What its classes are called in the reader's language; nothing where that is what their labels say."""
    names = names_of(version)
    return names if names != version.labels else []


def shown_picture(picture: Picture) -> dict[str, Any]:
    """A picture as a page shows it: which sample it is, if any, and where the lab is at it."""
    return picture_json(picture) | {"sample": picture.sample, "page": picture_page(picture)}


def named(version: ModelVersion) -> dict[str, Any]:
    """One version as a page names it, asks for it, and compares it with others.

    `ask` is what a job is started with: the live version is asked for by its classifier, so that the next promotion
    is followed; any other by its identity.
    """
    classifier = version.classifier
    return {
        "slug": classifier.slug,
        "name": name_of(version),
        "classifier": shown(classifier.name),
        "identity": version.identity,
        "live": version.live,
        "ask": {"classifier": classifier.slug} if version.live else {"version": version.identity},
        "url": lab_url(version),
        "preparation": classifier.preparation,
        "grey": PREPARATIONS[classifier.preparation].grey,
        "levels": classifier.levels,
        "hardened": is_hardened(version),
    }


def choices(version: ModelVersion) -> list[dict[str, Any]]:
    """The classifiers a visitor can choose; `current` is the one whose live version the page speaks of."""
    live = Classifier.objects.filter(versions__live=True)
    return [
        {
            "name": shown(classifier.name),
            "sees": gettext(PREPARATIONS[classifier.preparation].shows),
            "url": classifier_url(classifier.slug),
            "current": version.live and classifier.pk == version.classifier_id,
        }
        for classifier in live
    ]


def lab_url(version: ModelVersion) -> str:
    """Where the lab speaks of this version."""
    if version.live:
        return classifier_url(version.classifier.slug)
    return reverse("lab_version", args=[version.identity])


def classifier_url(slug: str) -> str:
    return reverse("home") if slug == DEFAULT_CLASSIFIER else reverse("lab_with", args=[slug])
