"""The way from a request to its answer: in one thread that stays, and whole."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakSet

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from inference.images.pool import LINE
from webapp.core import handler as handler_module
from webapp.core.handler import OTHERS, PAGES, Handler, close_connections

THREADS: list[int] = []
UPLOADS: list[Any] = []
WAITED = threading.Event()


def remembered(request: HttpRequest) -> HttpResponse:
    THREADS.append(threading.get_ident())
    return HttpResponse(b"seen")


def uploaded(request: HttpRequest) -> HttpResponse:
    UPLOADS.extend(request.FILES.values())
    return HttpResponse(request.FILES["file"].read())


def streamed(request: HttpRequest) -> FileResponse:
    return FileResponse(open(__file__, "rb"))


def page(request: HttpRequest) -> HttpResponse:
    assert WAITED.wait(20)
    return HttpResponse(b"page")


urlpatterns = [path("remembered", remembered), path("uploaded", uploaded), path("streamed", streamed)]
urlpatterns += [path("page/", page)]


@pytest.fixture
def handler() -> Any:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=["django.middleware.common.CommonMiddleware"]):
        yield Handler()


def ask(handler: Handler, where: str, *messages: dict[str, Any], method: str = "GET", **headers: str) -> Any:
    """What is sent for a request that arrives in these messages: status and body; None if nothing is."""
    said, parts = [], list(messages or ({"type": "http.request"},))

    async def receive() -> dict[str, Any]:
        return parts.pop(0)

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    given = [(b"host", b"testserver"), *((name.encode(), value.encode()) for name, value in headers.items())]
    scope = {"type": "http", "method": method, "path": where, "headers": given, "query_string": b""}
    scope |= {"http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("testserver", 80)}
    asyncio.run(handler(scope, receive, send))
    return (said[0]["status"], b"".join(part.get("body", b"") for part in said[1:])) if said else None


def test_requests_one_after_the_other_share_a_thread(handler: Handler) -> None:
    """Or nearly so: a thread is free again a moment after its answer, and who comes before that gets another."""
    THREADS.clear()
    assert [ask(handler, "/remembered") for _ in range(30)] == [(200, b"seen")] * 30
    assert len(set(THREADS)) < 10 and threading.get_ident() not in THREADS


def test_many_pages_keep_nobody_waiting_who_has_one(handler: Handler) -> None:
    WAITED.clear()
    with ThreadPoolExecutor(2 * PAGES) as visitors:
        pages = [visitors.submit(ask, handler, "/page/") for _ in range(2 * PAGES)]
        try:
            assert ask(handler, "/remembered") == (200, b"seen") and not any(page.done() for page in pages)
        finally:
            WAITED.set()
    assert [page.result() for page in pages] == [(200, b"page")] * 2 * PAGES


@pytest.mark.django_db
def test_who_wants_one_page_too_many_is_told_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler_module, "PAGES_WAITING", 0)
    crowded = Handler()
    assert ask(crowded, "/learn/")[0] == 200
    crowded.asked = PAGES
    told: list[Any] = [ask(crowded, "/learn/", **{"accept-language": language}) for language in ("en", "zh-hans")]
    assert [status for status, _page in told] == [503, 503]
    assert b"Many people open a page just now. Please try again in 15 seconds." in told[0][1]
    assert "请在 15 秒后再试" in told[1][1].decode()
    assert ask(crowded, "/healthz")[0] == 200 and crowded.asked == PAGES


def test_a_request_begins_and_ends_where_it_is_answered(handler: Handler) -> None:
    """That is what closes a connection to the database that is no good any more."""
    THREADS.clear()
    heard: list[int] = []

    def note(**_: Any) -> None:
        heard.append(threading.get_ident())

    for signal in (request_started, request_finished):
        signal.connect(note)
    try:
        ask(handler, "/remembered")
    finally:
        for signal in (request_started, request_finished):
            signal.disconnect(note)
    assert heard == THREADS * 2


def test_a_file_is_sent_whole(handler: Handler) -> None:
    with open(__file__, "rb") as file:
        assert ask(handler, "/streamed") == (200, file.read())


def test_what_was_uploaded_is_closed(handler: Handler) -> None:
    UPLOADS.clear()
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhello\r\n--x--\r\n'
    half, rest = {"type": "http.request", "body": body[:40], "more_body": True}, {"type": "http.request"}
    said = {"content-type": "multipart/form-data; boundary=x", "content-length": str(len(body))}
    assert ask(handler, "/uploaded", half, rest | {"body": body[40:]}, method="POST", **said) == (200, b"hello")
    assert [file.closed for file in UPLOADS] == [True]


@pytest.mark.django_db
def test_at_the_end_the_connections_of_all_threads_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler_module, "_opened", WeakSet())
    ours, theirs = connection._connections["default"], []

    def connect() -> None:
        connection.ensure_connection()
        theirs.append(connection._connections["default"])

    with ThreadPoolExecutor(1) as threads:
        threads.submit(connect).result()
        assert theirs[0] is not ours and theirs[0].connection is not None
        close_connections()
    assert theirs[0].connection is None and ours.connection is not None


def test_nobody_is_answered_who_hung_up_before_the_end(handler: Handler) -> None:
    half = {"type": "http.request", "body": b"x", "more_body": True}
    assert ask(handler, "/uploaded", half, {"type": "http.disconnect"}, method="POST") is None


def test_what_cannot_be_found_is_told(handler: Handler) -> None:
    assert ask(handler, "/nowhere")[0] == 404


def test_those_who_wait_for_a_decoder_leave_threads_to_others() -> None:
    assert OTHERS >= 1.5 * LINE


def test_no_middleware_goes_back_into_the_event_loop() -> None:
    found: Callable[..., Any] = Handler()._middleware_chain
    assert not asyncio.iscoroutinefunction(found)
