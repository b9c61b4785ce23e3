"""Which pages may open a socket here: our own. A foreign Origin, or none, is refused before anything is read."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def same_origin(app: App) -> App:
    """Let a handshake through only if its Origin is the host it speaks to, and that host is ours."""

    async def guarded(scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        if is_own(headers.get(b"origin", b"").decode("latin-1"), headers.get(b"host", b"").decode("latin-1")):
            await app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 4403})

    return guarded


def is_own(origin: str, host: str) -> bool:
    """Whether the Origin header names the Host header's place and ALLOWED_HOSTS holds it."""
    host = host.lower()
    domain, _port = split_domain_port(host)
    ours = bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
    return ours and origin.lower() in (f"http://{host}", f"https://{host}")
