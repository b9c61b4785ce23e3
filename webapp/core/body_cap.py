"""A cap on request bodies, in front of everything: 413 before a large body is read, let alone spooled to disk."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.translation import gettext

from webapp.core.answers import answer
from webapp.core.errors import Refusal
from webapp.core.middleware import security_headers

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
UPLOADS = ("/api/v1/images", "/upload")
ARCHIVES = ("/admin/training/dataset/add", "/api/v1/datasets")
FIELDS = dict.fromkeys(UPLOADS, "image") | dict.fromkeys(ARCHIVES, "archive")
FORM_OVERHEAD = 100_000  # boundaries, names and the CSRF token around the file
DRAINED_SECONDS = 5.0
DRAINED_BYTES = 2_000_000  # read and thrown away after the answer, so that most clients see it before the close


class BodyCap:
    """ASGI wrapper. A body's length is believed when it says too much, and counted while it arrives."""

    def __init__(self, app: Callable[[dict[str, Any], Receive, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cap = cap_of(scope["path"])
        if declared_length(scope) > cap:
            await refuse(scope, receive, send)
            return
        await self._counted(scope, receive, send, cap)

    async def _counted(self, scope: dict[str, Any], receive: Receive, send: Send, cap: int) -> None:
        """Hand the body on up to its cap; beyond it the client seems to have hung up, as Django knows it."""
        seen, more, answered = 0, True, False

        async def counting_receive() -> dict[str, Any]:
            nonlocal seen, more
            message = await receive()
            seen += len(message.get("body", b""))
            more = message.get("more_body", False)
            return message if seen <= cap else {"type": "http.disconnect"}

        async def noting_send(message: dict[str, Any]) -> None:
            nonlocal answered
            if seen <= cap:
                answered = True
                await send(message)

        await self.app(scope, counting_receive, noting_send)
        if seen > cap and not answered:
            await refuse(scope, receive, send, more=more)


def cap_of(path: str) -> int:
    """Bytes a body may have at this address."""
    files = {"image": settings.UPLOAD_BYTES, "archive": settings.DATASET_BYTES}
    field = file_field(path)
    return files[field] + FORM_OVERHEAD if field else settings.BODY_BYTES


def file_field(path: str) -> str | None:
    """The field of the file that is sent to this address, where one is; with or without a slash at its end."""
    return FIELDS.get(path.removeprefix(settings.BELOW).rstrip("/"))


def declared_length(scope: dict[str, Any]) -> int:
    """What Content-Length says; 0 when it is absent (then the bytes are counted)."""
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


async def refuse(scope: dict[str, Any], receive: Receive, send: Send, *, more: bool = True) -> None:
    """Answer 413 at once, then, if there is `more`, read a little of it: a reset would hide the answer."""
    response = await sync_to_async(too_large, thread_sensitive=False)(ASGIRequest(scope, io.BytesIO()))
    response["Content-Length"], response["Connection"] = str(len(response.content)), "close"
    headers = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content, "more_body": True})
    if more:
        await drain(receive)
    await send({"type": "http.response.body", "body": b""})


def too_large(request: HttpRequest) -> HttpResponse:
    """413 as JSON or as a page, in the visitor's language and with the headers of every other answer."""

    def refused(request: HttpRequest) -> HttpResponse:
        message = gettext("This is too large: up to %(limit)s MB can be sent here.")
        values = {"limit": cap_of(request.path) // 1_000_000}
        return answer(request, Refusal(413, "too_large", message % values, field=file_field(request.path)))

    handler: Any = refused
    for layer in (XFrameOptionsMiddleware, security_headers, CSPMiddleware, LocaleMiddleware):
        handler = layer(handler)
    return SecurityMiddleware(handler).process_response(request, handler(request))


async def drain(receive: Receive) -> None:
    """Read until the body's end, for so many bytes and seconds at most."""
    drained = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINED_SECONDS):
            while drained < DRAINED_BYTES:
                part = await receive()
                drained += len(part.get("body", b""))
                if not part.get("more_body"):
                    return
