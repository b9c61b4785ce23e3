"""What every answer of the site carries, and how a refusal reaches a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from webapp.core.answers import answer
from webapp.core.errors import Refusal, not_found
from webapp.core.handler import CROWDED

View = Callable[[HttpRequest], HttpResponse]
COME_AGAIN = 15  # seconds

HEADERS = {
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",  # unless the view says otherwise: what is deleted or unshared is gone at once
}


def security_headers(get_response: View) -> View:
    """Adds what Django and django-csp do not."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response

    return middleware


def head_like_get(get_response: View) -> View:
    """HEAD is asked as GET is, of every view at once; whoever sends the answer leaves the body out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = request.method
        request.method = "GET" if asked == "HEAD" else asked
        try:
            return get_response(request)
        finally:
            request.method = asked

    return middleware


def without_nul(get_response: View) -> View:
    """There is nothing at an address with a NUL, nor for a cookie with one (404): PostgreSQL takes no such text."""

    def middleware(request: HttpRequest) -> HttpResponse:
        texts = (request.path, *request.COOKIES.values())
        if "%00" in request.META.get("QUERY_STRING", "") or any("\0" in text for text in texts):
            return answer(request, not_found())
        return get_response(request)

    return middleware


def not_in_a_crowd(get_response: View) -> View:
    """Asks whoever wants one page more than can be computed in a tolerable time to come again (503)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if CROWDED not in getattr(request, "scope", ()):
            return get_response(request)
        message = gettext("Many people open a page just now. Please try again in %(wait)s seconds.")
        return answer(request, Refusal(503, "busy", message, {"wait": COME_AGAIN}, retry_after=COME_AGAIN))

    return middleware


class Refusals:
    """Turns a Refusal raised by a page's view, and a method nobody serves, into a sentence with the right status."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405:
            return response
        allowed = ", ".join(sorted(method.strip() for method in response.get("Allow", "").split(",")))
        message = gettext("This address does not answer to %(method)s, but to: %(allowed)s.")
        message %= {"method": request.method, "allowed": allowed}
        refusal = answer(request, Refusal(405, "method", message))
        refusal["Allow"] = response.get("Allow", "")
        return refusal

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refusal):
            return None
        return answer(request, error)
