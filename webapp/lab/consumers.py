"""A socket that follows one job: authorise, join, snapshot, forward."""

import logging
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from redis.exceptions import RedisError

from webapp.api.auth import bearer, token_of, visitor_of
from webapp.errors import Refusal
from webapp.jobs.events import group_of
from webapp.jobs.models import ENDED
from webapp.lab.results import job_json
from webapp.lab.services import find_job
from webapp.visitors.middleware import visitor_of_headers
from webapp.visitors.models import Visitor

logger = logging.getLogger("gibbon.sockets")
NOT_FOUND = 4404
TRY_LATER = 1013


class JobConsumer(AsyncJsonWebsocketConsumer):
    """Sends the job's JSON now and at every change; closes after the end."""

    job_id: UUID
    visitor: Visitor | None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Without a broker there are no channels: the socket is refused and the page polls."""
        try:
            await super().__call__(scope, receive, send)
        except (RedisError, OSError):
            await send({"type": "websocket.close", "code": TRY_LATER})

    async def connect(self) -> None:
        self.job_id = self.scope["url_route"]["kwargs"]["job_id"]
        try:
            self.visitor = await self._caller()
            first = await self._snapshot()
        except Refusal:
            await self.close(code=NOT_FOUND)
            return
        if await self._join():
            await self.accept()
            # read again after joining: what changed in between sent its event before we listened
            await self._tell(first if first["status"] in ENDED else await self._snapshot())

    async def disconnect(self, code: int) -> None:
        try:
            await self.channel_layer.group_discard(group_of(self.job_id), self.channel_name)
        except (RedisError, OSError):
            logger.debug("Left the group of a broker that is gone")

    async def job_changed(self, event: dict[str, Any]) -> None:
        """An event's type names its handler: the row is read and sent as it is now."""
        try:
            await self._tell(await self._snapshot())
        except Refusal:  # deleted meanwhile
            await self.close(code=NOT_FOUND)

    async def _tell(self, job: dict[str, Any]) -> None:
        await self.send_json(job)
        if job["status"] in ENDED:
            await self.close()

    async def _join(self) -> bool:
        """Listen; without a broker the socket is refused and the page polls."""
        try:
            await self.channel_layer.group_add(group_of(self.job_id), self.channel_name)
        except (RedisError, OSError):
            await self.close(code=TRY_LATER)
            return False
        return True

    @database_sync_to_async
    def _caller(self) -> Visitor | None:
        headers = dict(self.scope["headers"])
        secret = bearer(headers.get(b"authorization", b"").decode("latin-1"))
        return visitor_of(token_of(secret)) if secret else visitor_of_headers(self.scope["headers"])

    @database_sync_to_async
    def _snapshot(self) -> dict[str, Any]:
        return job_json(find_job(self.visitor, self.job_id))
