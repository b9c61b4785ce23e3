"""The attacks, described for people and programs."""

from typing import Any

from django.utils.translation import gettext

from attacks.catalog import ATTACKS, json_schema
from webapp.registry.models import ModelVersion


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
