"""A socket follows one job of one's own: who may open it, what it says first, and when it closes."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import channels.db
import pytest
import redis
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.conf import settings

from tests.support.cast import Person
from tests.support.finished import finish
from webapp.jobs import attempts
from webapp.jobs.models import Job
from webapp.jobs.serializers import job_json
from webapp.lab.models import Attack
from webapp.lab.watching import Sign, look, sign_of
from webapp.pictures.models import Picture

PATIENCE = 5  # seconds for an event to pass through the broker
FOREIGN = [None, "", "null", "testserver", "https://evil.example", "http://testserver.evil.example", "http://["]
FOREIGN += ["http://testserver:8001", "ftp://testserver", "http://evil.example@testserver", "http://testserver/x@evil"]


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The consumer reads within the test's transaction, so that connection must stay open."""
    monkeypatch.setattr(channels.db, "close_old_connections", lambda: None)


class Socket(ApplicationCommunicator):
    """A browser's end (channels.testing has one too, but wants another server installed)."""

    async def connect(self) -> bool:
        """Whether the handshake is accepted."""
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(PATIENCE))["type"] == "websocket.accept"

    async def hear(self) -> dict[str, Any]:
        """The next message, which is JSON."""
        return json.loads((await self.receive_output(PATIENCE))["text"])

    async def hang_up(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(PATIENCE)


def opened(person: Person, job_id: object, **headers: str | None) -> Socket:
    """A handshake as a browser on our own page makes it, but for the headers given."""
    from webapp.asgi import application

    usual = {"host": "testserver", "origin": "http://testserver", "cookie": person.cookie_header}
    sent = [(name.encode(), value.encode()) for name, value in (usual | headers).items() if value is not None]
    scope = {
        "type": "websocket",
        "path": f"/ws/jobs/{job_id}",
        "query_string": b"",
        "headers": sent,
        "subprotocols": [],
    }
    return Socket(application, scope)


def played(scenario: Callable[[], Awaitable[Any]]) -> Any:
    """Run a scenario in an event loop of its own and leave no connection behind."""

    async def play() -> Any:
        try:
            return await scenario()
        finally:
            await get_channel_layer().flush()

    return async_to_sync(play)()


def refused(person: Person, job_id: object, **headers: str | None) -> bool:
    async def knock() -> bool:
        socket = opened(person, job_id, **headers)
        accepted = await socket.connect()
        if accepted:
            await socket.hang_up()
        return not accepted

    return played(knock)


def test_when_the_last_has_left_the_site_stays_subscribed(alice: Person, queued: Job) -> None:
    """The layer looks only ten times a second while it is subscribed to nothing."""
    broker = redis.Redis.from_url(settings.REDIS_URL)

    async def come_and_go() -> list[set[bytes]]:
        found = []
        for _ in range(2):
            socket = opened(alice, queued.pk)
            assert await socket.connect()
            await socket.hang_up()
            found.append(set(await sync_to_async(broker.pubsub_channels)()))
        return found

    before = set(broker.pubsub_channels())
    after_one, after_two = played(come_and_go)
    assert len(after_one - before) == 1 and after_two == after_one


# --- Who may open one ---------------------------------------------------------------------------------------------


def test_ones_own_page_may_open_it(alice: Person, queued: Job) -> None:
    assert not refused(alice, queued.pk)
    assert not refused(alice, queued.pk, origin="https://testserver")
    assert not refused(alice, queued.pk, host="127.0.0.1:8000", origin="http://127.0.0.1:8000")
    assert not refused(alice, queued.pk, host="LocalHost", origin="http://localhost")


def test_a_foreign_origin_or_none_is_refused(alice: Person, queued: Job) -> None:
    for origin in FOREIGN:
        assert refused(alice, queued.pk, origin=origin), origin


def test_a_host_that_is_not_ours_is_refused_even_with_its_own_origin(alice: Person, queued: Job) -> None:
    for host in ("evil.example", "", "a b", "[::1"):
        assert refused(alice, queued.pk, host=host, origin=f"http://{host}"), host


def test_another_browser_is_refused(bob: Person, ted: Person, queued: Job) -> None:
    assert refused(bob, queued.pk)
    assert refused(Person(), queued.pk)
    assert refused(ted, queued.pk, authorization=ted.headers["Authorization"])
    forged = Person()
    forged.client.cookies["visitor"] = str(queued.visitor_id)
    assert refused(forged, queued.pk)


def test_a_job_that_is_none_is_refused(alice: Person, queued: Job) -> None:
    assert refused(alice, "00000000-0000-4000-8000-000000000000")


def test_a_tokens_owner_may_follow_too(ted: Person, sample: Picture) -> None:
    job = ted.predict(str(sample.pk)).json()["id"]

    assert not refused(ted, job, authorization=ted.headers["Authorization"], cookie=None)
    assert refused(ted, job, authorization="Bearer wrong", cookie=None)


def test_everybody_may_follow_a_samples_job(sample: Picture) -> None:
    assert not refused(Person(), sample.attacks.get().pk)


# --- What it says -------------------------------------------------------------------------------------------------


def test_a_snapshot_then_each_change_then_the_end(alice: Person, queued: Job) -> None:
    async def follow() -> list[dict[str, Any]]:
        socket = opened(alice, queued.pk)
        await socket.connect()
        said = [await socket.hear()]
        await sync_to_async(finish)(queued.pk)
        while said[-1]["status"] != "done":
            said.append(await socket.hear())
        closing = await socket.receive_output(PATIENCE)
        assert closing["type"] == "websocket.close" and closing.get("code", 1000) == 1000
        return said

    said = played(follow)

    assert said[0]["status"] == "queued" and said[0]["position"] == 1
    assert said[-1] == alice.get(f"/api/v1/jobs/{queued.pk}").json()
    assert said[-1]["result"]["fooled"] is True


def test_progress_is_told(alice: Person, queued: Job) -> None:
    job = attempts.claim(queued.pk)
    assert job

    def report() -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("django.db.transaction.on_commit", lambda call, **_: call())
            attempts.report_progress(job, done=2, text="Judging")

    async def follow() -> dict[str, Any]:
        socket = opened(alice, queued.pk)
        await socket.connect()
        assert (await socket.hear())["progress"]["done"] == 0
        await sync_to_async(report)()
        told = await socket.hear()
        await socket.hang_up()
        return told

    assert played(follow)["progress"] == {"done": 2, "total": 4, "text": "Judging"}


def test_a_new_place_in_the_queue_is_told_of_what_somebody_asked_for(alice: Person, attack: Attack) -> None:
    sweep, picture = attack.current_sweep().job, str(attack.picture_id)
    first, second = (alice.predict(picture).json()["id"] for _ in "ab")
    looked_at = {sweep.pk, UUID(second)}

    def signs() -> dict[UUID, Sign]:
        found = async_to_sync(look)(looked_at)
        assert found == {job_id: sign_of(job_json(Job.objects.get(pk=job_id))) for job_id in looked_at}
        return found

    before = signs()
    finish(first)

    assert signs() == before | {UUID(second): ("queued", 0, 1)} and before[UUID(second)][2] == 2


def test_a_job_that_has_ended_is_told_once_and_closed(alice: Person, attack: Attack) -> None:
    async def follow() -> tuple[dict[str, Any], dict[str, Any]]:
        socket = opened(alice, attack.pk)
        await socket.connect()
        return await socket.hear(), await socket.receive_output(PATIENCE)

    told, closing = played(follow)

    assert told["status"] == "done" and told["result"]["sign_url"]
    assert closing["type"] == "websocket.close"


def test_a_job_that_is_deleted_closes_its_sockets(alice: Person, queued: Job) -> None:
    picture = f"/api/v1/images/{queued.attack.picture_id}"

    async def follow() -> dict[str, Any]:
        socket = opened(alice, queued.pk)
        await socket.connect()
        await socket.hear()
        await sync_to_async(alice.delete)(picture)
        return await socket.receive_output(PATIENCE)

    closing = played(follow)

    assert (closing["type"], closing["code"]) == ("websocket.close", 4404)


def test_what_a_browser_sends_is_ignored(alice: Person, queued: Job) -> None:
    said = [{"text": '{"type": "job.changed", "id": "x"}'}, {"text": "no JSON"}, {"bytes": b"\xff"}]

    async def chatter() -> dict[str, Any]:
        socket = opened(alice, queued.pk)
        await socket.connect()
        first = await socket.hear()
        for words in said:
            await socket.send_input({"type": "websocket.receive"} | words)
            assert await socket.receive_nothing(0.1)
        await socket.hang_up()
        assert not get_channel_layer().groups  # type: ignore[union-attr]  # of channels_redis
        return first

    assert played(chatter)["status"] == "queued"


def test_without_a_broker_the_socket_is_refused_and_the_page_polls(alice: Person, queued: Job, broker: Any) -> None:
    broker.stop()
    try:
        assert refused(alice, queued.pk)
        assert alice.get(f"/api/v1/jobs/{queued.pk}").json()["status"] == "queued"
    finally:
        broker.start()
