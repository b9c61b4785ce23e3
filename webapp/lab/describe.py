"""The attacks, described for people and programs."""

from typing import Any

from django.utils.translation import gettext

from attacks.catalog import ATTACKS
from attacks.options import Limits, json_schema
from webapp.registry.models import ModelVersion


def attacks() -> list[dict[str, Any]]:
    """Every declared attack, its parameters as JSON Schema with the widest bounds of any live classifier."""
    live = list(ModelVersion.objects.filter(live=True).select_related("classifier"))
    limits = Limits(
        levels=max((version.classifier.levels for version in live), default=255),
        classes=max((len(version.labels) for version in live), default=1),
    )
    return [
        {
            "slug": record.slug,
            "name": gettext(record.name),
            "paper": record.paper,
            "paper_url": record.paper_url,
            "year": record.year,
            "threat_model": gettext(record.threat_model.knowledge),
            "norm": record.norm,
            "summary": gettext(record.summary),
            "targeted": record.targeted,
            "budget": record.budget,
            "path": record.path,
            "control": record.control,
            "params": json_schema(record.options, limits, translate=gettext),
        }
        for record in ATTACKS.values()
    ]
