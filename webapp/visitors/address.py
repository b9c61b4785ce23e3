"""Which address a request came from, believing X-Forwarded-For only as far as our own proxies wrote it."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The peer's address, or what the outermost of GIBBON_TRUSTED_PROXIES proxies saw."""
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    hops = settings.TRUSTED_PROXIES
    return forwarded[-hops] if hops and len(forwarded) >= hops else peer
