"""A whole visit to the site inside one process, asked through ASGI; prints the answers and what was imported.

Run by test_light_web_tier.py in an environment without PyTorch; the only argument is a picture's path.
"""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

from webapp.asgi import application

PASSWORD = "a long enough one"
HOST = b"127.0.0.1:8000"
ORIGIN = b"http://127.0.0.1:8000"


class Browser:
    """Keeps cookies, and sends them with everything."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def headers(self, more: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items()).encode()
        return [(b"host", HOST), (b"origin", ORIGIN), (b"cookie", cookie), *more.items()]

    async def ask(self, method: str, path: str, body: bytes = b"", **more: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer."""
        said: list[dict[str, Any]] = []
        parts = [{"type": "http.request", "body": body, "more_body": False}]
        finished = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if parts:
                return parts.pop()
            await finished.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        headers = self.headers({name.replace("_", "-").encode(): value.encode() for name, value in more.items()})
        await application(scope("http", path, headers) | {"method": method}, receive, send)
        found = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
        for name, value in said[0]["headers"]:
            if name.lower() == b"set-cookie":
                key, _, rest = value.decode().partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return said[0]["status"], found, b"".join(message.get("body", b"") for message in said[1:])

    async def send_form(self, path: str, file: bytes | None, **fields: str) -> tuple[int, dict[str, str], bytes]:
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()
        ]
        if file is not None:
            parts.append(b'Content-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n' + file)
        body = b"".join(b"--mark\r\n" + part + b"\r\n" for part in parts) + b"--mark--\r\n"
        kind = {"content_type": "multipart/form-data; boundary=mark", "content_length": str(len(body))}
        return await self.ask("POST", path, body, **kind)


def scope(kind: str, path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    path, _, query = path.partition("?")
    common = {"type": kind, "asgi": {"version": "3.0"}, "http_version": "1.1", "path": path, "raw_path": path.encode()}
    where = {"query_string": query.encode(), "root_path": "", "scheme": "http", "subprotocols": []}
    return common | where | {"headers": headers, "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8000)}


async def first_word(browser: Browser, path: str) -> dict[str, Any]:
    """What a socket says first."""
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    to_say: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    await to_say.put({"type": "websocket.connect"})
    task = asyncio.create_task(application(scope("websocket", path, browser.headers({})), to_say.get, heard.put))
    async with asyncio.timeout(10):
        assert (await heard.get())["type"] == "websocket.accept"
        word = json.loads((await heard.get())["text"])
        await to_say.put({"type": "websocket.disconnect", "code": 1000})
        await task
    return word


async def visit(picture: bytes) -> dict[str, Any]:
    browser, answers = Browser(), {}
    answers["home"], _, page = await browser.ask("GET", "/")
    found = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    token = found[1].decode()
    answers["upload"], _, kept = await browser.send_form("/api/v1/images?", picture, csrfmiddlewaretoken=token)
    answers["form"], headers, _ = await browser.send_form("/upload/", picture, csrfmiddlewaretoken=token)
    lab = headers["location"]
    for name, path in {
        "lab": lab,
        "pictures": "/pictures/",
        "about": "/about/",
        "openapi": "/api/v1/openapi.json",
    }.items():
        answers[name], _, _ = await browser.ask("GET", path)
    said = await first_word(browser, f"/ws/jobs/{lab.split('/')[2]}")
    fields = {"username": "admin", "password": PASSWORD, "next": "/admin/", "csrfmiddlewaretoken": token}
    answers["login"], _, _ = await browser.send_form("/admin/login/", None, **fields)
    answers["admin"], _, _ = await browser.ask("GET", "/admin/")
    answers["workers"], _, _ = await browser.ask("GET", "/admin/jobs/worker/")
    shown = json.loads(kept)
    return {"answers": answers, "picture": [shown["width"], shown["height"]], "said": said["status"]}


def prepare() -> None:
    """A database with the classifier and an administrator."""
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from webapp.registry.services import register_shipped

    call_command("migrate", verbosity=0)
    register_shipped()
    User.objects.create_superuser("admin", password=PASSWORD)


def main(path: str) -> None:
    prepare()
    found = asyncio.run(visit(Path(path).read_bytes()))
    modules = sorted({name.split(".")[0] for name in sys.modules})
    print(json.dumps(found | {"modules": modules}), flush=True)


main(sys.argv[1])
