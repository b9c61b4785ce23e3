"""Error pages: no traceback, no settings, no list of addresses; JSON for programs."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext

from webapp.core import doors
from webapp.core.errors import Refusal, csrf_refusal, not_found


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or old, or for a browser that keeps no cookies."""
    message = gettext(
        "This page was open for too long, or the request came from elsewhere. Go back, reload, try again."
    )
    return answer(request, csrf_refusal(request, message))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(doors.ROOT):
        return doors.lost(request)
    return answer(request, not_found())


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, Refusal(403, "forbidden", gettext("You may not do this.")))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        message = gettext("So much is only taken as a file: in the field image of a form (multipart/form-data).")
        return answer(request, Refusal(413, "too_large", message))
    return answer(request, Refusal(400, "bad_request", gettext("This request could not be understood.")))


def server_error(request: HttpRequest) -> HttpResponse:
    message = gettext("Something went wrong on our side, not yours. It has been noted; trying again may help.")
    return answer(request, Refusal(500, "internal", message))


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as the API's JSON below /api/, as a page elsewhere."""
    if request.path_info.startswith(doors.ROOT):
        return JsonResponse(refusal.payload(), status=refusal.status, headers=refusal.headers())
    response = render(request, "refusal.html", {"refusal": refusal}, status=refusal.status)
    for name, value in refusal.headers().items():
        response[name] = value
    return response
