"""The computations of the course, described for programs."""

from typing import Any

from django.utils.translation import gettext

from attacks.options import json_schema
from webapp.learn.computations import COMPUTATIONS


def computations() -> list[dict[str, Any]]:
    """Every declared computation, its options as JSON Schema."""
    return [
        {
            "slug": record.slug,
            "long": record.long,
            "classifier": record.classifier,
            "picture": record.picture,
            "options": json_schema(record.options, translate=gettext),
        }
        for record in COMPUTATIONS.values()
    ]
