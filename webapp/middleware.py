"""What every answer of the site carries, and how a refusal reaches a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from webapp.errors import Refusal
from webapp.pages.errors import answer

View = Callable[[HttpRequest], HttpResponse]

HEADERS = {
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
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
    """Turns a Refusal raised by a page's view into a page with the sentence and the right status."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refusal):
            return None
        return answer(request, error)
