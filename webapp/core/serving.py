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
    tag = f'"{name.rsplit("/", 1)[-1]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    try:
        content = files.read(name)
    except FileNotFoundError as error:
        raise not_found() from error
    headers = {"ETag": tag, "Cache-Control": caching(public=public)}
    return HttpResponse(content, content_type=CONTENT_TYPES[PurePosixPath(name).suffix], headers=headers)
