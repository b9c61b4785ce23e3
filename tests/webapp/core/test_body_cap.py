"""No body larger than its cap is read: not when it says so, not when it does not."""

import asyncio
import json
from typing import Any

import pytest
from django.conf import settings as site

from webapp.core.body_cap import DRAINED_BYTES, FORM_OVERHEAD, BodyCap

PART = b"x" * 65_536
UPLOAD_CAP = site.UPLOAD_BYTES + FORM_OVERHEAD


class Application:
    """Stands where Django stands: reads the whole body, then answers 200."""

    def __init__(self, *, early: bool = False) -> None:
        self.early, self.read, self.finished = early, 0, False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.early:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.read += len(message.get("body", b""))
            more = message.get("more_body", False)
        if not self.early:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
        self.finished = True


class Sender:
    """A client that sends so many bytes and counts how many were taken from it."""

    def __init__(self, size: int, *, endless: bool = False) -> None:
        self.left, self.taken, self.endless = size, 0, endless
        self.answers: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if self.taken and not self.left:
            await asyncio.Event().wait()  # until the server has answered
        assert self.taken < 10 * UPLOAD_CAP, "this is read without end"
        body = PART[: min(len(PART), self.left)]
        self.left -= 0 if self.endless else len(body)
        self.taken += len(body)
        return {"type": "http.request", "body": body, "more_body": self.left > 0}

    async def send(self, message: dict[str, Any]) -> None:
        self.answers.append(message)

    @property
    def status(self) -> int:
        return self.answers[0]["status"]

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.answers[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(answer.get("body", b"") for answer in self.answers[1:])


def sent(path: str, size: int, *, declared: int | bytes | None = None, **options: Any) -> tuple[Sender, Application]:
    """A request of so many bytes has been made, with Content-Length only if `declared`."""
    sender, application = Sender(size, endless=options.pop("endless", False)), Application(**options)
    headers = [] if declared is None else [(b"content-length", str(declared).encode())]
    if isinstance(declared, bytes):
        headers = [(b"content-length", declared)]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    asyncio.run(BodyCap(application)(scope, sender.receive, sender.send))
    return sender, application


@pytest.mark.parametrize("path", ["/api/v1/images", "/upload/"])
def test_400_megabytes_are_refused_before_any_is_read(path: str) -> None:
    sender, application = sent(path, 400_000_000, declared=400_000_000)

    assert sender.status == 413
    assert application.read == 0
    assert sender.taken <= DRAINED_BYTES + len(PART)
    assert not sender.answers[-1].get("more_body")


def test_a_program_is_refused_in_the_one_shape() -> None:
    sender, _ = sent("/api/v1/images", 400_000_000, declared=400_000_000)

    error = json.loads(sender.body)["error"]
    assert error["code"] == "too_large" and error["message"].endswith("up to 20 MB can be sent here.")
    assert sender.headers[b"content-length"] == str(len(sender.body)).encode()
    assert sender.headers[b"content-type"] == b"application/json"


@pytest.mark.parametrize(
    ("path", "field", "limit"),
    [
        ("/api/v1/images/", "image", 20),  # before its slash is taken away
        ("/api/v1/datasets", "archive", 200),
        ("/api/v1/jobs", None, 1),
    ],
)
def test_it_names_the_field_of_the_file_if_there_is_one(path: str, field: str | None, limit: int) -> None:
    sender, _ = sent(path, 400_000_000, declared=400_000_000)

    error = json.loads(sender.body)["error"]
    assert error.get("field") == field and f" {limit} MB" in error["message"]


@pytest.mark.parametrize("declared", [400_000_000, None])
def test_a_person_without_scripts_is_refused_on_a_page(declared: int | None) -> None:
    sender, _ = sent("/upload/", 400_000_000, declared=declared)

    page = sender.body.decode()
    assert "This is too large: up to 20 MB can be sent here.</h1>" in page and 'href="/"' in page
    assert sender.headers[b"content-length"] == str(len(sender.body)).encode()
    assert sender.headers[b"content-type"] == b"text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/api/v1/images", "/upload/"])
def test_the_refusal_carries_the_headers_of_every_other_answer(path: str, alice: Any) -> None:
    sender, _ = sent(path, 400_000_000, declared=400_000_000)
    other = {name.lower().encode(): value.encode() for name, value in alice.get("/healthz").items()}

    names = {b"cache-control", b"content-security-policy", b"referrer-policy", b"permissions-policy"}
    names |= {b"x-frame-options", b"x-content-type-options", b"cross-origin-opener-policy"}
    assert {name: sender.headers.get(name) for name in names} == {name: other[name] for name in names}


@pytest.mark.parametrize("declared", [None, b"12", b"0", b"-1", b"many", b"", b"\xb2"])
def test_a_length_that_is_missing_or_untrue_is_counted(declared: bytes | None) -> None:
    sender, application = sent("/upload/", 10**12, declared=declared, endless=True)

    assert sender.status == 413
    assert not application.finished
    assert application.read <= UPLOAD_CAP
    assert sender.taken <= UPLOAD_CAP + DRAINED_BYTES + 2 * len(PART)


def test_a_picture_of_the_largest_size_passes() -> None:
    for declared in (UPLOAD_CAP, None):
        sender, application = sent("/upload/", UPLOAD_CAP, declared=declared)

        assert (sender.status, application.read) == (200, UPLOAD_CAP)


def test_everything_else_may_be_a_megabyte() -> None:
    for path in ("/api/v1/jobs", "/", "/admin/login/", "/uploads/", "/api/v1/imagesx"):
        assert sent(path, site.BODY_BYTES, declared=site.BODY_BYTES)[0].status == 200
        assert sent(path, site.BODY_BYTES + 1, declared=site.BODY_BYTES + 1)[0].status == 413
        assert sent(path, site.BODY_BYTES + 1)[0].status == 413


def test_an_answer_that_has_begun_is_cut_off_not_begun_again() -> None:
    sender, application = sent("/upload/", 10**12, endless=True, early=True)

    assert [answer["type"] for answer in sender.answers] == ["http.response.start"]
    assert not application.finished


def test_a_client_that_sends_nothing_more_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent("/upload/", UPLOAD_CAP + 1)[0].status == 413  # the whole body is there: there is nothing to wait for

    monkeypatch.setattr("webapp.core.body_cap.DRAINED_SECONDS", 0.05)
    silent = Sender(0)
    silent.taken = 1
    scope = {"type": "http", "method": "POST", "path": "/upload/", "headers": [(b"content-length", b"400000000")]}
    asyncio.run(asyncio.wait_for(BodyCap(Application())(scope, silent.receive, silent.send), 2))
    assert silent.status == 413 and not silent.answers[-1].get("more_body")


def test_sockets_pass() -> None:
    seen = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    for kind in ("websocket", "lifespan"):
        asyncio.run(BodyCap(application)({"type": kind}, None, None))
    assert seen == ["websocket", "lifespan"]


def test_django_itself_is_never_given_too_much(alice: Any) -> None:
    """The whole application, asked as a server would ask it."""
    from webapp.asgi import application

    async def ask(size: int) -> int:
        sender = Sender(size)
        headers = [(b"host", b"testserver"), (b"content-type", b"multipart/form-data; boundary=mark")]
        scope = {"type": "http", "method": "POST", "path": "/upload/", "headers": headers, "query_string": b""}
        scope |= {"http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("testserver", 80)}
        await application(scope, sender.receive, sender.send)
        return sender.status

    assert asyncio.run(ask(UPLOAD_CAP + 1)) == 413
    assert asyncio.run(ask(1000)) == 403
