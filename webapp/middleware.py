"""What every answer of the site carries, and how a refusal reaches a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from webapp.errors import Refusal
from webapp.pages.errors import answer

View = Callable[[HttpRequest], HttpResponse]

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


class Refusals:
    """Turns a Refusal raised by a page's view, and a method nobody serves, into a sentence with the right status."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405:
            return response
        message = gettext("This address does not answer to %(method)s.") % {"method": request.method}
        told = answer(request, Refusal(405, "method", message))
        told["Allow"] = response.get("Allow", "")
        return told

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refusal):
            return None
        return answer(request, error)
