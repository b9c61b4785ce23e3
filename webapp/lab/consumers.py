"""A socket that follows one job: authorise, join, snapshot, forward."""

import asyncio
import logging
from contextlib import suppress
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.utils.translation import override
from redis.exceptions import RedisError

from webapp.core.errors import Refusal
from webapp.core.language import language_of
from webapp.jobs.events import group_of
from webapp.jobs.models import ENDED
from webapp.jobs.serializers import job_json
from webapp.jobs.services import attend, find_job
from webapp.lab.watching import Sign, sign_of, watch
from webapp.visitors.auth import bearer, owner_of, token_of
from webapp.visitors.middleware import visitor_of_headers
from webapp.visitors.models import Visitor

logger = logging.getLogger("gibbon.sockets")
NOT_FOUND = 4404
TRY_LATER = 1013
PACE = 0.1  # seconds
GONE = (OSError, RuntimeError)  # uvicorn's two ways to say that the browser has left


class JobConsumer(AsyncJsonWebsocketConsumer):
    """Sends the job's JSON now and as the job goes on, in the reader's language; closes after the end."""

    job_id: UUID
    language: str
    sign: Sign | None = None
    sent_at = 0.0  # the event loop's clock
    soon: asyncio.Task[None] | None = None
    listens = over = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Without a broker there are no channels: the socket is refused and the page polls."""
        try:
            await super().__call__(scope, receive, send)
        except (RedisError, OSError):
            await send({"type": "websocket.close", "code": TRY_LATER})
        finally:
            self._stop_watching()
            await self._leave()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_kwargs: Any) -> None:
        """Nothing that a browser says is read."""

    async def connect(self) -> None:
        self.job_id = self.scope["url_route"]["kwargs"]["job_id"]
        self.language = language_of(self.scope["headers"])
        self.listens = await self._listen()
        try:
            job = await self._first_snapshot()  # read once we listen: no change falls between
        except Refusal:
            await self._end(NOT_FOUND)
            return
        if job["status"] not in ENDED:
            if not self.listens:
                await self._end(TRY_LATER)
                return
            watch().join(self)
        await self.accept()
        await self._tell(job)

    async def _leave(self) -> None:
        if not self.listens:
            return
        try:
            await self.channel_layer.group_discard(group_of(self.job_id), self.channel_name)
        except (RedisError, OSError):
            logger.debug("Left the group of a broker that is gone")

    async def job_changed(self, event: dict[str, Any]) -> None:
        """An event's type names its handler. The end is told at once, steps on the way at most every PACE seconds."""
        if event["ended"]:
            await self.refresh()
        elif self.soon is None:
            self.soon = asyncio.create_task(self._refresh_soon())

    async def refresh(self) -> None:
        """Read the row and tell it as it is now."""
        try:
            await self._tell(await watch().snapshot(self.job_id, self.language))
        except Refusal:  # deleted meanwhile
            await self._end(NOT_FOUND)

    async def _refresh_soon(self) -> None:
        await asyncio.sleep(self.sent_at + PACE - asyncio.get_running_loop().time())
        self.soon = None
        await self.refresh()

    async def _tell(self, job: dict[str, Any]) -> None:
        if self.over:
            return
        self.sign, self.sent_at = sign_of(job), asyncio.get_running_loop().time()
        try:
            await self.send_json(job)
        except GONE:
            self._stop_watching()
            return
        if job["status"] in ENDED:
            await self._end()

    async def _end(self, code: int | None = None) -> None:
        """Close, once; nothing may be sent afterwards."""
        if not self.over:
            self._stop_watching()
            with suppress(*GONE):
                await self.close(code=code)

    def _stop_watching(self) -> None:
        self.over = True
        watch().leave(self)
        if self.soon and self.soon is not asyncio.current_task():
            self.soon.cancel()

    async def _listen(self) -> bool:
        """Whether changes will reach this socket; without a broker they do not, and the page polls."""
        try:
            await watch().stay_subscribed(self.channel_layer)
            await self.channel_layer.group_add(group_of(self.job_id), self.channel_name)
        except (RedisError, OSError):
            return False
        return True

    @database_sync_to_async
    def _first_snapshot(self) -> dict[str, Any]:
        """The job as its owner sees it; Refusal for everybody else."""
        with override(self.language):
            return job_json(attend(find_job(self._caller(), self.job_id)))

    def _caller(self) -> Visitor | None:
        headers = dict(self.scope["headers"])
        secret = bearer(headers.get(b"authorization", b"").decode("latin-1"))
        return owner_of(token_of(secret)) if secret else visitor_of_headers(self.scope["headers"])
