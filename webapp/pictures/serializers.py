"""A picture as the world sees it."""

from typing import Any

from webapp.core.times import isoformat
from webapp.pictures.models import Picture


def picture_json(picture: Picture) -> dict[str, Any]:
    return {
        "id": str(picture.id),
        "preparation": picture.preparation,
        "width": picture.width,
        "height": picture.height,
        "url": picture.url(),
        "thumbnail": picture.thumbnail_url(),
        "sha256": picture.sha256,
        "created": isoformat(picture.created),
        "expires": isoformat(picture.expires),
    }
