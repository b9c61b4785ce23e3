"""A visitor's pictures: their bytes, and letting them go."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from webapp.core.errors import not_found
from webapp.core.serving import caching, stored
from webapp.pictures import deleting
from webapp.pictures.services import find_picture
from webapp.pictures.thumbnails import thumbnail
from webapp.visitors.auth import asker_of
from webapp.visitors.middleware import visitor_of


@require_GET
def picture_file(request: HttpRequest, picture_id: UUID) -> HttpResponse:
    picture = find_picture(asker_of(request), picture_id)
    return stored(request, picture.file, public=picture.visitor_id is None)


@require_GET
def thumbnail_file(request: HttpRequest, picture_id: UUID, digest: str) -> HttpResponse:
    picture = find_picture(asker_of(request), picture_id)
    if not picture.sha256.startswith(digest):
        raise not_found()
    try:
        content = thumbnail(picture)
    except FileNotFoundError as error:
        raise not_found() from error
    headers = {"Cache-Control": caching(public=picture.visitor_id is None)}
    return HttpResponse(content, content_type="image/webp", headers=headers)


@require_POST
def delete(request: HttpRequest, picture_id: UUID) -> HttpResponse:
    deleting.delete_picture(find_picture(visitor_of(request), picture_id))
    return redirect("pictures")


@require_POST
def delete_all(request: HttpRequest) -> HttpResponse:
    visitor = visitor_of(request)
    if visitor:
        deleting.delete_all(visitor)
    return redirect("pictures")
