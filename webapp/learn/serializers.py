"""What the course's jobs came to, as JSON; jobs.serializers tells the rest of a job."""

from typing import Any

from webapp.learn.models import Computation


def computation(row: Computation, share: str | None) -> dict[str, Any]:
    return {"found": row.result}
