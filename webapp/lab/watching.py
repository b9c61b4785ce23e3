"""All the jobs that this process's sockets watch: one reading for all who ask at the same moment, and a look at all of
them together every two seconds, which finds what no event told: a new place in the queue, or an event that was lost."""

import asyncio
import logging
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.db import DatabaseError
from django.utils.translation import override

from webapp.jobs.kinds import kinds
from webapp.jobs.line import positions
from webapp.jobs.models import Job
from webapp.jobs.serializers import job_json
from webapp.jobs.services import find_any_job

logger = logging.getLogger("gibbon.sockets")
ROUND = 2.0  # seconds

Sign = tuple[str, int, int | None]  # status, progress, place in the queue where that is shown


class Follower(Protocol):
    """A socket that watches one job."""

    job_id: UUID
    sign: Sign | None  # of what it has told last

    async def refresh(self) -> None: ...


class Watch:
    """The sockets of one event loop."""

    def __init__(self) -> None:
        self.followers: set[Follower] = set()
        self.readings: dict[tuple[UUID, str], asyncio.Task[dict[str, Any]]] = {}
        self.one_at_a_time = asyncio.Lock()  # there is one thread for all readings anyway
        self.rounds: asyncio.Task[None] | None = None
        self.always = ""  # the channel that is never left

    async def stay_subscribed(self, layer: Any) -> None:
        """From the first socket on the layer is subscribed to something, if only to a channel that stays silent.

        One that is subscribed to nothing sleeps a tenth of a second before it looks again, so that who comes alone
        would be told of a quick job's end up to so much later.
        """
        if not self.always:
            self.always = await layer.new_channel()

    def join(self, follower: Follower) -> None:
        self.followers.add(follower)
        if self.rounds is None:
            self.rounds = asyncio.create_task(self._go_round())

    def leave(self, follower: Follower) -> None:
        self.followers.discard(follower)
        if self.rounds and not self.followers:
            self.rounds.cancel()
            self.rounds = None

    async def snapshot(self, job_id: UUID, language: str) -> dict[str, Any]:
        """The job's JSON in that language, read after this call; Refusal if it is gone.

        A reading that has not begun yet is shared by all who read that language.
        """
        wanted = (job_id, language)
        if wanted not in self.readings:
            self.readings[wanted] = asyncio.create_task(self._read(*wanted))
        return await asyncio.shield(self.readings[wanted])

    async def _read(self, job_id: UUID, language: str) -> dict[str, Any]:
        async with self.one_at_a_time:
            del self.readings[job_id, language]  # who asks from here on wants a later one
            return await read(job_id, language)

    async def _go_round(self) -> None:
        while True:
            await asyncio.sleep(ROUND)
            try:
                await self._look_at_all()
            except DatabaseError as error:
                logger.warning("The watched jobs were not looked at: %s", error)

    async def _look_at_all(self) -> None:
        signs = await look({follower.job_id for follower in self.followers})
        for follower in list(self.followers):
            if follower.sign != signs.get(follower.job_id):
                await follower.refresh()


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()


def watch() -> Watch:
    """The watch of the running event loop."""
    return _watches.setdefault(asyncio.get_running_loop(), Watch())


def sign_of(job: dict[str, Any]) -> Sign:
    """What of a job's JSON changes while it is not over, and is shown."""
    return job["status"], job["progress"]["done"], _shown_place(job["kind"], job["position"])


def _shown_place(kind: str, place: int | None) -> int | None:
    """No page shows one of what follows by itself, and it moves with everything that is asked for: in a lecture hall
    two hundred sweeps wait, each of which would be told a new place every two seconds.
    """
    return None if kinds()[kind].queue.follows else place


@database_sync_to_async
def read(job_id: UUID, language: str) -> dict[str, Any]:
    with override(language):
        return job_json(find_any_job(job_id))


@database_sync_to_async
def look(job_ids: set[UUID]) -> dict[UUID, Sign]:
    """The signs of all these jobs, in two queries."""
    places = positions()
    rows = Job.objects.filter(pk__in=job_ids).values_list("pk", "status", "done", "kind")
    return {job_id: (status, done, _shown_place(kind, places.get(job_id))) for job_id, status, done, kind in rows}
