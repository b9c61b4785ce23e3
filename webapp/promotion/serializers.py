"""A promotion as JSON; jobs.serializers tells the rest of a job."""

from typing import Any

from webapp.promotion.models import Promotion


def promotion(row: Promotion, share: str | None = None) -> dict[str, Any]:
    return row.version.brief() | {"live": row.version.live}
