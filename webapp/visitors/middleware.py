"""Puts `request.visitor` in place: known by the signed cookie, made at the first thing worth owning."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, parse_cookie

from webapp.visitors.models import Visitor

SALT = "gibbon.visitor"


class Request(HttpRequest):
    """A request after the middleware."""

    visitor: Visitor | None


def visitor(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Read the cookie on the way in; on the way out set it, once, for a visitor made meanwhile."""

    def middleware(request: HttpRequest) -> HttpResponse:
        known = visitor_of_cookie(request.COOKIES.get(settings.VISITOR_COOKIE, ""))
        request.visitor = known  # type: ignore[attr-defined]  # Django has no typed place for additions
        response = get_response(request)
        made = cast(Request, request).visitor
        if made and made != known and not made.user_id:
            response.set_cookie(
                settings.VISITOR_COOKIE,
                signing.dumps(str(made.id), salt=SALT),
                max_age=settings.VISITOR_COOKIE_SECONDS,
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return response

    return middleware


def visitor_of(request: HttpRequest) -> Visitor | None:
    """Whose request it is, as far as it is known."""
    return cast(Request, request).visitor


def ensure_visitor(request: HttpRequest) -> Visitor:
    """The request's visitor, made now if there is none."""
    incoming = cast(Request, request)
    if incoming.visitor is None:
        incoming.visitor = Visitor.objects.create()
    return incoming.visitor


def visitor_of_cookie(value: str) -> Visitor | None:
    """The visitor whose signed id this is; None for nobody, a forged cookie or one deleted."""
    try:
        visitor_id = signing.loads(value, salt=SALT, max_age=settings.VISITOR_COOKIE_SECONDS)
        return Visitor.objects.filter(pk=visitor_id).first()
    except (signing.BadSignature, ValidationError, ValueError):
        return None


def visitor_of_headers(headers: list[tuple[bytes, bytes]]) -> Visitor | None:
    """The visitor of a WebSocket's handshake: the same cookie, read from the raw headers."""
    cookies = b"; ".join(value for name, value in headers if name == b"cookie")
    return visitor_of_cookie(parse_cookie(cookies.decode("latin-1")).get(settings.VISITOR_COOKIE, ""))
