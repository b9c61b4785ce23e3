"""The catalogues as JSON: which classifiers are live and which attacks there are."""

from typing import Any

from django.utils.translation import gettext

from attacks.catalog import ATTACKS, json_schema
from webapp.registry.models import ModelVersion


def classifiers(*, labels: bool = True) -> list[dict[str, Any]]:
    """Every classifier that has a live version."""
    live = ModelVersion.objects.filter(live=True).select_related("classifier").order_by("classifier_id")
    return [_classifier(version, labels) for version in live]


def _classifier(version: ModelVersion, labels: bool) -> dict[str, Any]:
    classifier = version.classifier
    facts = {key: value for key, value in version.card.items() if key != "labels"}
    return {
        "slug": classifier.slug,
        "name": classifier.name,
        "preparation": classifier.preparation,
        "levels": classifier.levels,
        "live": version.brief(),
        "card": facts,
    } | ({"labels": version.labels} if labels else {})


def attacks() -> list[dict[str, Any]]:
    """Every declared attack, its parameters as JSON Schema with the widest bounds of any live classifier."""
    live = list(ModelVersion.objects.filter(live=True).select_related("classifier"))
    levels = max((version.classifier.levels for version in live), default=255)
    classes = max((len(version.labels) for version in live), default=1)
    return [
        {
            "slug": record.slug,
            "name": gettext(record.name),
            "paper": record.paper,
            "paper_url": record.paper_url,
            "threat_model": gettext(record.threat_model),
            "norm": record.norm,
            "summary": gettext(record.summary),
            "targeted": record.targeted,
            "params": json_schema(record, levels=levels, classes=classes),
        }
        for record in ATTACKS.values()
    ]
