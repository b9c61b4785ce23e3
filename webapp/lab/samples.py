"""The sample gallery: photographs that come with Gibbon, each already attacked by the real pipeline."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import inference
from attacks.catalog import ATTACKS
from inference import images
from webapp.jobs.models import Status
from webapp.lab.models import Attack, Picture
from webapp.lab.services import save_picture, start_attack
from webapp.registry.models import ModelVersion

FOLDER = Path(inference.__file__).with_name("samples")
SHOWN_ATTACK = "fgsm"


@cache
def declared() -> tuple[dict[str, Any], ...]:
    """What samples.json says of each photograph: title, truth, credit, licence."""
    return tuple(json.loads((FOLDER / "samples.json").read_text(encoding="utf-8")))


def ensure_samples() -> None:
    """Every declared photograph is a public picture and attacked with the live version. Safe to repeat."""
    version = ModelVersion.objects.select_related("classifier").get(live=True, classifier__slug="imagenet-lite0")
    for record in declared():
        picture = Picture.objects.filter(sample=record["slug"]).first() or _add(record)
        if not attacks_on(picture, version).exclude(job__status__in=(Status.FAILED, Status.CANCELLED)).exists():
            start_attack(visitor=None, picture=picture, version=version, attack=SHOWN_ATTACK, params=default_params())


def default_params() -> dict[str, int | None]:
    """What a form starts with."""
    return {parameter.name: parameter.default for parameter in ATTACKS[SHOWN_ATTACK].parameters}


def attacks_on(picture: Picture, version: ModelVersion) -> Any:
    return Attack.objects.filter(picture=picture, job__version=version, job__visitor=None).select_related("job")


def gallery() -> list[dict[str, Any]]:
    """The samples as a page shows them: facts, picture, and the job of the attack on it with the live version."""
    facts = {record["slug"]: record for record in declared()}
    shown = {picture.sample: picture for picture in Picture.objects.samples() if picture.sample in facts}
    jobs = {
        attack.picture_id: attack.job_id
        for attack in Attack.objects.filter(picture__in=shown.values(), job__visitor=None, job__version__live=True)
        .select_related("job")
        .order_by("job__created")
    }
    return [
        {
            **{key: value for key, value in facts[slug].items() if key != "file"},
            "id": str(picture.id),
            "url": picture.url(),
            "width": picture.width,
            "height": picture.height,
            "job": str(jobs[picture.id]) if picture.id in jobs else None,
        }
        for slug, picture in ((slug, shown[slug]) for slug in facts if slug in shown)
    ]


def _add(record: dict[str, Any]) -> Picture:
    canonical = images.canonicalise((FOLDER / record["file"]).read_bytes(), "photo")
    return save_picture(canonical, visitor=None, sample=record["slug"], expires=None)
