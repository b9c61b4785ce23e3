"""The sample gallery: pictures that come with Gibbon, each already attacked by the real pipeline."""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache, partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import get_language, gettext

from attacks.catalog import DEFAULT_ATTACK
from inference import images
from inference.assets import ASSETS
from inference.catalog.class_names import class_name
from webapp.core.shown import shown
from webapp.jobs.models import IN_VAIN, Status
from webapp.lab.address import usual_params
from webapp.lab.class_words import with_names
from webapp.lab.models import Attack
from webapp.lab.services import start_attack
from webapp.pictures.models import Picture, PictureQuerySet
from webapp.pictures.services import save_picture
from webapp.registry.models import ModelVersion
from webapp.visitors.models import Visitor

FOLDER = ASSETS / "samples"
PHOTOGRAPHS = "imagenet"  # the dataset of the photographs that come along


@cache
def declared() -> tuple[dict[str, Any], ...]:
    """What samples.json says of each picture: dataset, preparation, title, truth, credit, licence."""
    return tuple(json.loads((FOLDER / "samples.json").read_text(encoding="utf-8")))


def ensure_samples() -> None:
    """Every declared sample is a public picture, and attacked with each live version it suits. Safe to repeat."""
    for record in declared():
        _ensure_sample(record["slug"], record, (FOLDER / record["file"]).read_bytes)
    live = ModelVersion.objects.filter(live=True).select_related("classifier")
    for version in live.order_by("classifier_id"):  # what the first page shows is computed first
        for picture in samples_for(version):
            _ensure_attacked(picture, version)


def ensure_samples_of(dataset: str, preparation: str, pictures: Iterable[tuple[int, str, bytes]]) -> None:
    """Pictures (place, label, PNG) of a dataset's test part become its samples, unless it has any. Safe to repeat."""
    if Picture.objects.samples().filter(facts__dataset=dataset).exists():
        return
    for place, label, png in pictures:
        facts = {"dataset": dataset, "preparation": preparation, "title": label, "truth_label": label}
        _ensure_sample(f"test-{dataset}-{place}", facts, partial(bytes, png))


def samples_for(version: ModelVersion) -> PictureQuerySet:
    """The public pictures of the dataset it was taught on.

    Of those that come along only the declared: what an older Gibbon brought stays for its links, no longer offered.
    """
    taught_on = version.card.get("dataset", {}).get("slug", PHOTOGRAPHS)  # the card of what came ready-made names none
    kind = version.classifier.preparation
    pictures = Picture.objects.samples().filter(preparation=kind, facts__dataset=taught_on)
    along = [record["slug"] for record in declared() if record["dataset"] == taught_on]
    return pictures.filter(sample__in=along) if along else pictures


def gallery(version: ModelVersion, visitor: Visitor | None = None) -> list[dict[str, Any]]:
    """The samples as a page shows them: facts, picture, truth in the network's own classes, and the attack to show.

    The attack is everybody's with this version, or else the visitor's own; None where nobody has begun one.
    """
    jobs = _shown_attacks(version, visitor)
    return [_shown(picture, version) | {"job": jobs.get(picture.pk)} for picture in samples_for(version)]


def all_samples() -> list[dict[str, Any]]:
    """Every sample with what is owed to who made it."""
    pictures = {picture.sample: picture for picture in Picture.objects.samples()}
    return [
        record | {"thumbnail": pictures[record["slug"]].thumbnail_url(), "truth_name": _truth_name(record)}
        for record in declared()
        if record["slug"] in pictures
    ]


def _truth_name(record: Mapping[str, Any]) -> str:
    """What it shows, in the reader's language."""
    label, index = record["truth_label"], record["truth"]
    return shown(label) if index is None else class_name(record["dataset"], index, label, get_language())


def find_sample(slug: str) -> Picture | None:
    """The public picture of that name."""
    return Picture.objects.samples().filter(sample=slug).first()


def _ensure_sample(slug: str, facts: Mapping[str, Any], read: Callable[[], bytes]) -> None:
    """A public picture of that name, with these facts."""
    if Picture.objects.samples().filter(sample=slug).update(facts=facts):
        return
    canonical = images.canonicalise(read(), facts["preparation"])
    with suppress(IntegrityError), transaction.atomic():  # another process has just added it
        save_picture(canonical, visitor=None, sample=slug, facts=facts, expires=None)


def _ensure_attacked(picture: Picture, version: ModelVersion) -> None:
    for attack, params in _everybodys(picture, version):
        begun = Attack.objects.filter(picture=picture, job__version=version, job__visitor=None, attack=attack)
        if not begun.exclude(job__status__in=IN_VAIN).exists():
            start_attack(visitor=None, picture=picture, version=version, attack=attack, params=params)


def _everybodys(picture: Picture, version: ModelVersion) -> list[tuple[str, dict[str, Any]]]:
    """What is run for everybody on a sample: what its record asks for by way of example, and the usual attack."""
    usual = (DEFAULT_ATTACK, usual_params(version))
    example = (picture.facts or {}).get("example")
    if example is None or example["target"] not in version.labels:
        return [usual]
    params = usual_params(version, example["attack"]) | example["params"]
    return [(example["attack"], params | {"target": version.labels.index(example["target"])}), usual]


def _shown_attacks(version: ModelVersion, visitor: Visitor | None) -> dict[Any, str]:
    """picture -> job: everybody's, the sample's example, once it is done, before the usual attack, and of each the
    newest; or else the visitor's newest with what a form starts with.
    """
    alive = Attack.objects.filter(picture__visitor=None, job__version=version).order_by("job__created")
    alive = alive.exclude(job__status__in=IN_VAIN)
    shown: dict[Any, str] = {}
    if visitor:
        params = usual_params(version)
        own = alive.filter(job__visitor=visitor, attack=DEFAULT_ATTACK).only("picture", "params")
        shown = {attack.picture_id: str(attack.pk) for attack in own if attack.params == params}
    everybodys = alive.filter(job__visitor=None).select_related("job").only("picture", "attack", "job__status")
    examples = [attack for attack in everybodys if attack.attack != DEFAULT_ATTACK and attack.job.status == Status.DONE]
    usual = [attack for attack in everybodys if attack.attack == DEFAULT_ATTACK]
    return shown | {attack.picture_id: str(attack.pk) for attack in (*usual, *examples)}


def _shown(picture: Picture, version: ModelVersion) -> dict[str, Any]:
    facts = {key: value for key, value in (picture.facts or {}).items() if key not in ("file", "example")}
    label, labels = facts["truth_label"], version.labels
    index = labels.index(label) if label in labels else None  # None: it was never taught that one
    name = with_names({"index": index, "label": label}, version)["name"]
    chosen = facts["dataset"] == PHOTOGRAPHS  # each by itself, with a title; of others there is one of each class
    return {
        **facts,
        "title": shown(facts["title"]),
        "alt": shown(facts["alt"])
        if "alt" in facts
        else gettext("A test picture of the class %(label)s") % {"label": name},
        "caption": "" if chosen else name,
        "slug": picture.sample,
        "truth": index,
        "id": str(picture.id),
        "url": picture.url(),
        "thumbnail": picture.thumbnail_url(),
        "width": picture.width,
        "height": picture.height,
    }
