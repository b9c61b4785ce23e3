"""Times as answers and pages hold them."""

from datetime import datetime


def isoformat(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
