"""What a person sees who gave a wrong password too often."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from webapp.core.answers import answer
from webapp.core.errors import Refusal

LONGEST = 255  # what django-axes stores; PostgreSQL refuses more


def locked_out(request: HttpRequest, _original: Any = None, _credentials: Any = None) -> HttpResponse:
    """429 with the time to wait; other addresses and other accounts are not affected."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    message = gettext("Too many wrong passwords. Please wait %(minutes)s minutes, then try again.")
    return answer(request, Refusal(429, "too_many_logins", message % {"minutes": minutes}, retry_after=minutes * 60))


def account_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str | None:
    """The account a login is counted for: what was typed, cut to what can be stored."""
    typed = (credentials or {}).get("username") or request.POST.get("username")
    return typed and str(typed).replace("\0", "")[:LONGEST]
