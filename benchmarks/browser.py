"""One visitor's browser, as the lab page behaves: cookies, CSRF token, uploads, a WebSocket per job, or polling."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

OVER = ("done", "failed", "cancelled")
CLASSIFIER = "imagenet-lite0"
POLL = 1.0  # seconds


class Refused(Exception):
    """The site said no; `status` is HTTP's."""

    def __init__(self, status: int, text: str, retry_after: str | None) -> None:
        super().__init__(f"{status}: {text[:200]}")
        self.status, self.retry_after = status, retry_after


@dataclass
class Browser:
    """A cookie jar of its own and what it has measured: seconds each accepted POST took, statuses of all requests."""

    url: str
    address: str | None = None  # of this machine, from which it comes
    accepted: list[float] = field(default_factory=list)
    uploaded: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def __aenter__(self) -> "Browser":
        jar = aiohttp.CookieJar(unsafe=True)  # the site is an address, not a name
        comes_from = (self.address, 0) if self.address else None
        connector = aiohttp.TCPConnector(limit=0, local_addr=comes_from)  # every socket is a connection
        timeout = aiohttp.ClientTimeout(total=120)
        self.session = aiohttp.ClientSession(cookie_jar=jar, timeout=timeout, connector=connector)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def open_page(self) -> None:
        """The lab, which sets the cookies."""
        await self._request("GET", "/")

    async def upload(self, jpeg: bytes) -> str:
        """The picture's id."""
        form = aiohttp.FormData()
        form.add_field("image", jpeg, filename="photo.jpg", content_type="image/jpeg")
        started = time.perf_counter()
        picture = await self._request("POST", "/api/v1/images", data=form)
        self.uploaded.append(time.perf_counter() - started)
        return picture["id"]

    async def predict(self, picture: str) -> str:
        """The job's id."""
        return await self._start({"kind": "predict", "image": picture, "classifier": CLASSIFIER})

    async def attack(self, picture: str) -> str:
        """The job's id; FGSM at 2/255, as the page begins."""
        params = {"epsilon": 2, "target": None, "seed": 0}
        order = {"kind": "attack", "image": picture, "classifier": CLASSIFIER, "attack": "fgsm", "params": params}
        return await self._start(order)

    async def follow(self, job: str) -> dict[str, Any]:
        """The job once it is over, by socket; by asking again if the socket ends before."""
        headers = {"Origin": self.url}
        try:
            async with self.session.ws_connect(f"{self.url}/ws/jobs/{job}", headers=headers) as socket:
                async for message in socket:
                    if message.type == aiohttp.WSMsgType.TEXT and (found := json.loads(message.data))["status"] in OVER:
                        return found
        except aiohttp.ClientError:
            self.statuses.append(0)
        return await self._poll(job)

    async def settled(self) -> None:
        """Once nothing of this visitor's waits or is computed: levels and draws follow an attack by themselves."""
        while any(job["status"] not in OVER for job in await self._request("GET", "/api/v1/jobs")):
            await asyncio.sleep(0.1)

    async def _poll(self, job: str) -> dict[str, Any]:
        while (found := await self._request("GET", f"/api/v1/jobs/{job}"))["status"] not in OVER:
            await asyncio.sleep(POLL)
        return found

    async def _start(self, order: dict[str, Any]) -> str:
        started = time.perf_counter()
        job = await self._request("POST", "/api/v1/jobs", json=order)
        self.accepted.append(time.perf_counter() - started)
        return job["id"]

    async def _request(self, method: str, path: str, **body: Any) -> Any:
        cookies = self.session.cookie_jar.filter_cookies(self.url)
        headers = {"X-CSRFToken": cookies["csrftoken"].value} if method == "POST" else {}
        async with self.session.request(method, self.url + path, headers=headers, **body) as response:
            self.statuses.append(response.status)
            if response.status >= 400:
                raise Refused(response.status, await response.text(), response.headers.get("Retry-After"))
            return await response.json() if response.content_type == "application/json" else await response.read()
