"""Which address a request came from, believing X-Forwarded-For only as far as our own proxies wrote it."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address to count: the peer's, or what the outermost of GIBBON_TRUSTED_PROXIES proxies saw."""
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    hops = settings.TRUSTED_PROXIES
    return counted(forwarded[-hops] if hops and len(forwarded) >= hops else peer)


def counted(address: str) -> str:
    """IPv6 as its /64 network, all of which one household or machine has to itself; the rest as it is."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(known) >> 64 << 64))
