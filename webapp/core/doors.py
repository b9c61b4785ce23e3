"""For whoever nearly found the door: an address with a slash too many, another scheme, a made-up parameter."""

import difflib
import re
from functools import cache
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.urls import Resolver404, URLResolver, get_resolver, get_script_prefix, resolve, reverse
from django.utils.translation import gettext

from webapp.core.errors import Refusal
from webapp.core.words import listed

ROOT = "/api/"
SUGGESTIONS = 3
SHOWN = 80  # characters of what was asked for
NAME = re.compile(r"\{\w+\}")  # in a declared path
KEY_OF_DJANGO, NAMED = re.compile(r"<(?:\w+:)?(\w+)>"), r"{\1}"
KEY = re.compile(r"(?<=/)(?=[^/]*\d)(?!v\d+/)[^/]+")  # in an asked one: what holds a digit and is not v1


def lost(request: HttpRequest) -> HttpResponse:
    """The answer at an address of the API that is none: 308 where only a slash is too many, else 404 with near ones."""
    asked = request.path_info
    if asked.endswith("/") and _is_address(asked.rstrip("/")):
        query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
        moved = HttpResponsePermanentRedirect(_outside(quote(asked.rstrip("/"))) + query)
        moved.status_code = 308  # unlike 301, the method and the body stay what they are
        return moved
    refusal = Refusal(404, "not_found", _where(asked))
    return JsonResponse(refusal.payload(), status=refusal.status)


def refuse_other_schemes(request: HttpRequest) -> None:
    """401 for an Authorization header that is not ours; a password dialog of a proxy before the site leaves a browser's
    `Basic` there, which comes with the visitor's cookie and says nothing to us."""
    header = request.headers.get("Authorization", "")
    scheme = header.partition(" ")[0].lower()
    if not header or (scheme == "basic" and request.COOKIES):
        return
    message = gettext(
        "Tokens are sent as “Authorization: Bearer gibbon_…”: use Bearer, a space, and your personal token."
    )
    raise Refusal(401, "bad_token", message)


def refuse_parameters(request: HttpRequest) -> None:
    """422 for anything after the question mark: no address of the API takes parameters there."""
    names = listed(name[:40] for name in request.GET)
    if names:
        message = gettext("Nothing is read from after the “?” here, but this came: %(names)s.") % {"names": names}
        raise Refusal(422, "invalid", message[: SHOWN * 2])


def refuse_fields(request: HttpRequest, *known: str) -> None:
    """422 for a field of a form that nobody would read: a name that is nearly right would be ignored otherwise."""
    names = [name[:40] for name in request.POST if name not in (*known, "csrfmiddlewaretoken")]
    if names:
        message = gettext("No field is called %(names)s here. The fields are: %(known)s.")
        message %= {"names": listed(names[:SUGGESTIONS]), "known": listed(known)}
        raise Refusal(422, "invalid", message, field=names[0])


def _where(asked: str) -> str:
    near = _near(asked)
    values = {"asked": _outside(asked)[:SHOWN], "docs": reverse("api:openapi-view"), "near": listed(near)}
    if near:
        return gettext("There is no %(asked)s. Did you mean %(near)s? All addresses: %(docs)s") % values
    return gettext("There is no %(asked)s. All addresses: %(docs)s") % values


def _near(asked: str) -> list[str]:
    """Declared addresses that are spelt much alike, whatever keys stand in them."""
    shapes = {NAME.sub("*", path): path for path in _declared()}
    shape = KEY.sub("*", asked.rstrip("/"))
    return [_outside(shapes[like]) for like in difflib.get_close_matches(shape, shapes, SUGGESTIONS, 0.75)]


@cache
def _declared() -> tuple[str, ...]:
    """Every address of the API, its keys in braces."""
    inside = [entry for entry in get_resolver().url_patterns if isinstance(entry, URLResolver)]
    ours = next(entry.url_patterns for entry in inside if str(entry.pattern) == f"{ROOT}v1/"[1:])
    return tuple(f"{ROOT}v1/{KEY_OF_DJANGO.sub(NAMED, str(entry.pattern))}" for entry in ours)


def _is_address(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _outside(path: str) -> str:
    """The path as callers write it, below whatever the site lies below."""
    return get_script_prefix().rstrip("/") + path
