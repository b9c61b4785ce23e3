"""Puts `request.visitor` in place: known by the signed cookie, made at the first thing worth owning.

The cookie comes with the first page from which something can be sent, and holds only a name drawn for the visitor: two
first uploads at the same time carry the same name. A row of that name exists from the first upload on.
"""

import uuid
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, parse_cookie

from webapp.core.prepared import prepared
from webapp.visitors.models import Visitor

SALT = "gibbon.visitor"


class Request(HttpRequest):
    """A request after the middleware."""

    visitor: Visitor | None
    visitor_id: uuid.UUID | None  # the cookie's, whether or not there is a row of that name


def visitor(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Read the cookie on the way in; on the way out set it, once, for who has something here or may send something."""

    def middleware(request: HttpRequest) -> HttpResponse:
        incoming = cast(Request, request)
        named = incoming.visitor_id = id_of_cookie(request.COOKIES.get(settings.VISITOR_COOKIE, ""))
        incoming.visitor = find_visitor(named)
        response = get_response(request)
        if named is None and (name := _name_to_keep(incoming)):
            _set_cookie(response, name)
        return response

    return middleware


def _name_to_keep(request: Request) -> uuid.UUID | None:
    """The name of the visitor made meanwhile, or a new one for who was given a page to send something from."""
    if request.visitor:
        return None if request.visitor.user_id else request.visitor.id
    return uuid.uuid4() if request.META.get("CSRF_COOKIE_NEEDS_UPDATE") else None


def _set_cookie(response: HttpResponse, name: uuid.UUID) -> None:
    response.set_cookie(
        settings.VISITOR_COOKIE,
        signing.dumps(str(name), salt=SALT),
        max_age=settings.VISITOR_COOKIE_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
        path=settings.VISITOR_COOKIE_PATH,
    )


def visitor_of(request: HttpRequest) -> Visitor | None:
    """Whose request it is, as far as it is known."""
    return cast(Request, request).visitor


def ensure_visitor(request: HttpRequest) -> Visitor:
    """The request's visitor, made now if there is none; under the cookie's name, whoever of two comes first."""
    incoming = cast(Request, request)
    if incoming.visitor is None:
        incoming.visitor = Visitor.objects.get_or_create(pk=incoming.visitor_id or uuid.uuid4())[0]
    return incoming.visitor


def id_of_cookie(value: str) -> uuid.UUID | None:
    """The name that was signed; None for a forged or old cookie, or none."""
    try:
        return uuid.UUID(signing.loads(value, salt=SALT, max_age=settings.VISITOR_COOKIE_SECONDS))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None


def find_visitor(visitor_id: uuid.UUID | None) -> Visitor | None:
    """The visitor of that name, if there is one."""
    visitor: Visitor | None = _called.first(visitor_id) if visitor_id else None
    return visitor


@prepared
def _called(name: Any) -> QuerySet[Visitor]:
    return Visitor.objects.filter(pk=name)


def visitor_of_headers(headers: list[tuple[bytes, bytes]]) -> Visitor | None:
    """The visitor of a WebSocket's handshake: the same cookie, read from the raw headers."""
    cookies = b"; ".join(value for name, value in headers if name == b"cookie")
    return find_visitor(id_of_cookie(parse_cookie(cookies.decode("latin-1")).get(settings.VISITOR_COOKIE, "")))
