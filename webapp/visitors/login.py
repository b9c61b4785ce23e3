"""What a person sees who gave a wrong password too often."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(request: HttpRequest, _original: Any = None, _credentials: Any = None) -> HttpResponse:
    """429 with the time to wait; other addresses and other accounts are not affected."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response
