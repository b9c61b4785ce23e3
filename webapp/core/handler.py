"""Django's way from a request to its answer, walked at once, in one of a few threads that stay.

All our middleware and views are synchronous. Django's own handler goes into a thread and back six times for a request,
and into a new thread for each, which has to connect to the database anew.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import IO, Any
from weakref import WeakSet

from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.urls import set_script_prefix

PAGES = 12  # at once: a page is computed, and more of them would only take turns
PAGES_WAITING = 300  # a lecture hall that opens one at once; who comes after them is told to come again
OTHERS = 48  # requests at once: half as many again as may wait for a decoder
CROWDED = "gibbon.crowded"  # in the scope of a request for a page that is not to be computed

_opened: WeakSet[BaseDatabaseWrapper] = WeakSet()


@receiver(connection_created)
def _note(connection: BaseDatabaseWrapper, **_: Any) -> None:
    _opened.add(connection)


def close_connections() -> None:
    """Those of all threads, when the process ends: whoever closes SQLite's last one leaves its data in one file."""
    for connection in list(_opened):
        connection.inc_thread_sharing()
        connection.close()


class Handler(ASGIHandler):
    """The site as an ASGI application for HTTP."""

    def __init__(self) -> None:
        super().__init__()
        self.pages = ThreadPoolExecutor(PAGES, thread_name_prefix="page")
        self.others = ThreadPoolExecutor(OTHERS, thread_name_prefix="request")
        self.asked = 0  # pages that wait or are computed

    def load_middleware(self, is_async: bool = False) -> None:
        """Synchronous, whatever is asked for."""
        super().load_middleware(is_async=False)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        if not _is_page(scope):
            response = await self._in_a_thread(self.others, scope, body)
        elif self.asked >= PAGES + PAGES_WAITING:
            response = await self._in_a_thread(self.others, scope | {CROWDED: True}, body)
        else:
            self.asked += 1
            try:
                response = await self._in_a_thread(self.pages, scope, body)
            finally:
                self.asked -= 1
        await self.send_response(response, send)

    async def _in_a_thread(self, threads: ThreadPoolExecutor, scope: dict[str, Any], body: IO[bytes]) -> Any:
        run = copy_context().run
        return await asyncio.get_running_loop().run_in_executor(threads, run, self._answer, scope, body)

    def _answer(self, scope: dict[str, Any], body: IO[bytes]) -> Any:
        """The whole response; what it was made of is closed already."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refused = self.create_request(scope, body)
        response: Any = refused if request is None else self.get_response(request)
        response._handler_class = self.__class__
        if response.streaming:  # static files, which are small
            response.streaming_content = _each(list(response.streaming_content))
        response.close()
        body.close()
        return response


def _is_page(scope: dict[str, Any]) -> bool:
    """Pages end in a slash. In a crowd they wait for each other, and not those who have theirs already for them."""
    return scope["method"] in ("GET", "HEAD") and bool(scope["path"].endswith("/"))


async def _each(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
