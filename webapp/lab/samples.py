"""The sample gallery: pictures that come with Gibbon, each already attacked by the real pipeline."""

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
from webapp.visitors.models import Visitor

FOLDER = Path(inference.__file__).with_name("samples")
SHOWN_ATTACK = "fgsm"


@cache
def declared() -> tuple[dict[str, Any], ...]:
    """What samples.json says of each picture: what it is prepared for, title, truth, credit, licence."""
    return tuple(json.loads((FOLDER / "samples.json").read_text(encoding="utf-8")))


def declared_for(preparation: str) -> list[dict[str, Any]]:
    """The samples that a classifier of that preparation can be asked about."""
    return [record for record in declared() if record["preparation"] == preparation]


def ensure_samples() -> None:
    """Every declared sample is a public picture, attacked with each live version it suits. Safe to repeat."""
    pictures = {record["slug"]: _picture(record) for record in declared()}
    for version in ModelVersion.objects.filter(live=True).select_related("classifier"):
        for record in declared_for(version.classifier.preparation):
            _ensure_attacked(pictures[record["slug"]], version)


def default_params(version: ModelVersion) -> dict[str, int | None]:
    """What a form starts with: the attack's own defaults, but the usual epsilon of the version's card if it has one."""
    params = {parameter.name: parameter.default for parameter in ATTACKS[SHOWN_ATTACK].parameters}
    return params | {"epsilon": version.card.get("epsilon", params["epsilon"])}


def gallery(version: ModelVersion, visitor: Visitor | None = None) -> list[dict[str, Any]]:
    """The samples as a page shows them: facts, picture, truth in the network's own classes, and the attack to show.

    The attack is everybody's with this version, or else the visitor's own; None where nobody has begun one.
    """
    facts = {record["slug"]: record for record in declared_for(version.classifier.preparation)}
    pictures = {picture.sample: picture for picture in Picture.objects.samples() if picture.sample in facts}
    jobs = _shown_attacks(version, visitor)
    return [
        {
            **{key: value for key, value in facts[slug].items() if key != "file"},
            "truth": _index_of(version, facts[slug]["truth_label"]),
            "id": str(picture.id),
            "url": picture.url(),
            "width": picture.width,
            "height": picture.height,
            "job": jobs.get(picture.pk),
        }
        for slug, picture in ((slug, pictures[slug]) for slug in facts if slug in pictures)
    ]


def all_samples() -> list[dict[str, Any]]:
    """Every sample with what is owed to who made it."""
    pictures = {picture.sample: picture for picture in Picture.objects.samples()}
    return [record | {"url": pictures[record["slug"]].url()} for record in declared() if record["slug"] in pictures]


def find_sample(slug: str) -> Picture | None:
    """The public picture of that name."""
    return Picture.objects.samples().filter(sample=slug).first()


def _picture(record: dict[str, Any]) -> Picture:
    return find_sample(record["slug"]) or _add(record)


def _add(record: dict[str, Any]) -> Picture:
    canonical = images.canonicalise((FOLDER / record["file"]).read_bytes(), record["preparation"])
    return save_picture(canonical, visitor=None, sample=record["slug"], expires=None)


def _ensure_attacked(picture: Picture, version: ModelVersion) -> None:
    begun = Attack.objects.filter(picture=picture, job__version=version, job__visitor=None)
    if not begun.exclude(job__status__in=(Status.FAILED, Status.CANCELLED)).exists():
        params = default_params(version)
        start_attack(visitor=None, picture=picture, version=version, attack=SHOWN_ATTACK, params=params)


def _shown_attacks(version: ModelVersion, visitor: Visitor | None) -> dict[Any, str]:
    """picture -> job: the newest of everybody's, or else the visitor's newest with what a form starts with."""
    alive = Attack.objects.filter(picture__visitor=None, job__version=version).order_by("job__created")
    alive = alive.exclude(job__status__in=(Status.FAILED, Status.CANCELLED))
    shown: dict[Any, str] = {}
    if visitor:
        params = default_params(version)
        own = alive.filter(job__visitor=visitor, attack=SHOWN_ATTACK)
        shown = {attack.picture_id: str(attack.pk) for attack in own if attack.params == params}
    everybodys = alive.filter(job__visitor=None).values_list("picture", "job")
    return shown | {picture: str(job) for picture, job in everybodys}


def _index_of(version: ModelVersion, label: str) -> int | None:
    """Which of the network's classes a sample shows; None when it was never taught that one."""
    return version.labels.index(label) if label in version.labels else None
