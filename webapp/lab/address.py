"""The address of the lab at one attack, which tells all of it: /lab/sample/panda/?attack=pgd&target=gibbon.

It names picture, network, attack and options, and begins what nobody has run yet. That of a sample is for anybody, that
of a visitor's own picture, /lab/picture/<id>/, for its owner.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from attacks.catalog import DEFAULT_ATTACK, find, validate
from attacks.options import Option
from inference.catalog.class_names import IMAGENET
from inference.catalog.classifiers import CLASSIFIERS
from inference.catalog.identity import origin_taught
from inference.catalog.labels import find_class
from webapp.lab.class_words import names_of
from webapp.pictures.models import Picture
from webapp.registry.models import Classifier, ModelVersion, facts_of
from webapp.registry.services import find_version


def usual_params(version: ModelVersion, attack: str = DEFAULT_ATTACK) -> dict[str, Any]:
    """What a form starts with: the attack's own defaults, but the usual epsilon of the version's card if it has one."""
    limits = version.limits
    params = {option.name: option.usual(limits) for option in find(attack).options}
    usual = version.card.get("epsilon")
    return params | {"epsilon": min(usual, limits.levels)} if usual and "epsilon" in params else params


def page_of(picture: Picture, version: ModelVersion, attack: str, params: Mapping[str, Any]) -> str:
    """The page at that attack."""
    record = find(attack)
    told = {} if attack == DEFAULT_ATTACK else {"attack": attack}
    for option in record.options:  # always what is usual by network: the budget, and what suits large pictures
        value, by_network = params.get(option.name), option.large is not None or option.name == record.budget
        if by_network or value != option.default:
            told[option.name] = _as_text(option, value, version)
    query = urlencode(_network(version, picture) | told)
    return picture_page(picture) + (f"?{query}" if query else "")


def picture_page(picture: Picture) -> str:
    """The lab at that picture, with what is usual for it."""
    if picture.sample is None:
        return reverse("lab_picture", args=[picture.pk])
    return reverse("lab_sample", args=[picture.sample])


def asked_version(query: Mapping[str, str], picture: Picture) -> ModelVersion:
    """The network that an address of that picture names; 404 if there is none such."""
    classifier, version = query.get("classifier"), query.get("version")
    if not classifier and not version:
        classifier = _usual_classifier(picture)
    return find_version(classifier=classifier, version=version)


def asked_attack(query: Mapping[str, str], version: ModelVersion) -> tuple[str, dict[str, Any]]:
    """The attack that an address names, checked; an OptionError for what cannot be.

    What is no option of it is left alone: whoever passes a link on may have added a word.
    """
    record = find(query.get("attack", DEFAULT_ATTACK))
    given = {
        option.name: _as_value(option, query[option.name], version) for option in record.options if option.name in query
    }
    params = usual_params(version, record.slug) | given
    return record.slug, validate(record.slug, params, version.limits)


def _network(version: ModelVersion, picture: Picture) -> dict[str, str]:
    """The network, unless it is what the picture is shown with anyway."""
    if not version.live:
        return {"version": version.identity}
    usual = next(iter(_usual_origins(picture)), None)  # whether it is live need not be asked, for every job of a list
    return {} if version.classifier.origin == usual else {"classifier": version.classifier.slug}


def _usual_classifier(picture: Picture) -> str | None:
    """The first live one of those that suit it, or else any for such pictures."""
    live = Classifier.objects.filter(versions__live=True)
    origins = _usual_origins(picture)
    found = dict(live.filter(origin__in=origins).values_list("origin", "slug"))
    other = live.filter(preparation=picture.preparation).values_list("slug", flat=True)
    return next((found[origin] for origin in origins if origin in found), None) or other.first()


def _usual_origins(picture: Picture) -> list[str]:
    """Of classifiers that suit it, best first: taught a sample's dataset, then what comes along for such pictures."""
    dataset = (picture.facts or {}).get("dataset", IMAGENET)
    taught = [] if dataset == IMAGENET else [origin_taught(dataset, hardened=hard) for hard in (False, True)]
    fitting = [record.slug for record in CLASSIFIERS.values() if record.preparation == picture.preparation]
    return [*taught, *(f"shipped/{slug}" for slug in fitting)]


def _as_text(option: Option, value: Any, version: ModelVersion) -> str:
    """As `_as_value` reads it; a class by its name, where no other is called so."""
    if option.kind == "class" and value is not None:
        return _names(version.identity).get(value, str(value))
    return "" if value is None else str(value).lower()


@lru_cache(maxsize=32)  # lists of jobs are read without the cards, and an identity always has the same labels
def _names(identity: str) -> dict[int, str]:
    """Index to label, of the labels that stand for one class alone."""
    labels = facts_of(identity)["labels"]
    often = Counter(labels)
    return {index: label for index, label in enumerate(labels) if often[label] == 1}


def _as_value(option: Option, text: str, version: ModelVersion) -> Any:
    if option.nullable and not text:
        return None
    return find_class(version.labels, text, names_of(version)) if option.kind == "class" else option.read(text)
