"""The reader's language: what the header's switch sends, and what a socket's handshake says.

A cookie, else Accept-Language, decides (Django's LocaleMiddleware); `?lang=` at any page's address sets the cookie.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, parse_cookie
from django.utils.cache import patch_vary_headers
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_request

from webapp.core import doors

ASKED = "lang"
NAMES = {"en": "English", "zh-hans": "中文"}  # in their own words, short enough for a phone's header
COOKIE_SECONDS = 400 * 24 * 3600  # the longest a browser keeps one
View = Callable[[HttpRequest], HttpResponse]


def chosen_language(get_response: View) -> View:
    """Keeps the language that an address asks for, and goes on to the same address without it.

    Below /api/ nothing is kept: programs say Accept-Language.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = request.GET.get(ASKED)
        if asked is not None and request.method in ("GET", "HEAD") and not request.path_info.startswith(doors.ROOT):
            return _kept(request, asked)
        response = get_response(request)
        if not response.get("Content-Type", "").startswith("image/"):
            patch_vary_headers(response, ["Cookie", "Accept-Language"])
        return response

    return middleware


def language_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The language that the raw headers of a request ask for, as LocaleMiddleware would find it."""
    request = HttpRequest()
    known = {name.lower(): value.decode("latin-1") for name, value in headers}
    request.COOKIES = parse_cookie(known.get(b"cookie", ""))
    request.META["HTTP_ACCEPT_LANGUAGE"] = known.get(b"accept-language", "")
    return get_language_from_request(request)


def switch(request: HttpRequest) -> dict[str, Any]:
    """For templates: the languages in their own names, each with this page's address in it.

    came_from: the page that gave the order which this one answers, else "". Its address can be opened again, that of
    an order cannot.
    """
    before = _page_before(request) if request.method == "POST" else None
    path, asked = before or (request.path, request.GET)
    return {
        "came_from": _address(path, asked, None) if before else "",
        "languages": [
            {"code": code, "name": NAMES[code], "url": _address(path, asked, code)}
            for code, _name in settings.LANGUAGES
        ],
    }


def _page_before(request: HttpRequest) -> tuple[str, QueryDict] | None:
    """Path and query of the page on this site that the browser says it comes from; None where it does not say so."""
    before = request.headers.get("Referer", "")
    try:
        here = request.get_host()
    except DisallowedHost:
        return None
    if not url_has_allowed_host_and_scheme(before, {here}):
        return None
    address = urlsplit(before)
    return address.path, QueryDict(address.query)


def _address(path: str, asked: QueryDict, code: str | None) -> str:
    path, query = escape_leading_slashes(path), asked.copy()  # two slashes would name another site
    query.pop(ASKED, None)
    if code:
        query[ASKED] = code
    return f"{path}?{query.urlencode()}" if query else path


def _kept(request: HttpRequest, asked: str) -> HttpResponse:
    response = HttpResponseRedirect(_address(request.path, request.GET, None))
    if asked.lower() in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            asked.lower(),
            max_age=COOKIE_SECONDS,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
            path=settings.LANGUAGE_COOKIE_PATH,
        )
    return response
