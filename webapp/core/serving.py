"""Stored pictures as answers, with how long a browser may keep them."""

from pathlib import PurePosixPath

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from webapp.core import files
from webapp.core.errors import not_found


def caching(*, public: bool) -> str:
    """Samples and what is made of them never change and belong to everybody: they are kept for good.

    A visitor's own are kept by that browser only as long as asking again says that they are still there.
    """
    return "public, max-age=31536000, immutable" if public else "private, no-cache"


CONTENT_TYPES = {".png": "image/png", ".jpg": "image/jpeg"}


def stored(request: HttpRequest, name: str, *, public: bool = False) -> HttpResponse:
    """The bytes of a stored picture."""
    headers = {"ETag": f'"{name.rsplit("/", 1)[-1]}"', "Cache-Control": caching(public=public)}
    kind = CONTENT_TYPES[PurePosixPath(name).suffix]
    if request.headers.get("If-None-Match") == headers["ETag"]:
        same = HttpResponseNotModified(headers=headers)  # they replace those that the browser has kept
        same["Content-Type"] = kind  # Django takes away the one it is given
        return same
    try:
        content = files.read(name)
    except FileNotFoundError as error:
        raise not_found() from error
    return HttpResponse(content, content_type=kind, headers=headers)
