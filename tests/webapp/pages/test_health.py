"""What machines ask: is it up, can it serve, how busy is it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from tests.support.cast import Person
from webapp.jobs.models import Job, Worker
from webapp.lab.models import Attack
from webapp.pages import health


@pytest.fixture
def worker() -> Worker:
    return Worker.objects.create(name="host-1", queues="interactive,sweep", device="cpu", warm=True)


def test_up_as_long_as_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(health, "_database", away)
    response = Person().get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert not response.cookies


def test_ready_with_database_broker_and_a_warm_worker(worker: Worker) -> None:
    response = Person().get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"ready": True, "database": True, "broker": True, "worker": True}


@pytest.mark.parametrize("change", [{"warm": False}, {"queues": "train"}, {"seen": timedelta(seconds=-13)}])
def test_not_ready_without_a_worker_that_could_serve_a_visitor(worker: Worker, change: dict[str, Any]) -> None:
    if "seen" in change:
        change = {"seen": timezone.now() + change["seen"]}
    Worker.objects.update(**change)

    response = Person().get("/readyz")

    assert (response.status_code, response.json()["worker"], response.json()["ready"]) == (503, False, False)
    assert int(response["Retry-After"]) > 0


def test_not_ready_without_a_broker(worker: Worker, broker: Any) -> None:
    broker.stop()
    try:
        response = Person().get("/readyz")
    finally:
        broker.start()

    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": True, "broker": False, "worker": True}


def test_not_ready_without_a_database(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError("away")

    with monkeypatch.context() as patched:
        patched.setattr(health.connection, "cursor", away)
        response = Person().get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": False, "broker": True, "worker": False}


# --- Metrics ------------------------------------------------------------------------------------------------------


def test_metrics_count_jobs_queues_and_workers(worker: Worker, attack: Attack) -> None:
    Job.objects.filter(kind="sweep").update(created=timezone.now() - timedelta(seconds=30))

    response = Person().get("/metrics")

    assert response["Content-Type"].startswith("text/plain; version=")
    lines = dict(line.rsplit(" ", 1) for line in response.content.decode().splitlines() if not line.startswith("#"))
    assert lines['gibbon_jobs{kind="attack",status="done"}'] == "1.0"
    assert lines['gibbon_queue_length{queue="sweep"}'] == "1.0"
    assert 30 <= float(lines['gibbon_queue_oldest_seconds{queue="sweep"}']) < 60
    assert lines["gibbon_workers_alive"] == "1.0"


def test_metrics_are_for_this_machine() -> None:
    assert Person(REMOTE_ADDR="::1").get("/metrics").status_code == 200
    assert Person(REMOTE_ADDR="192.0.2.1").get("/metrics").status_code == 403
    assert Person(REMOTE_ADDR="").get("/metrics").status_code == 403
    through_a_proxy = Person().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert through_a_proxy.status_code == 403
    assert b"gibbon_jobs" not in through_a_proxy.content


def test_or_for_whoever_has_the_token(settings: Any) -> None:
    settings.METRICS_TOKEN = "a long secret"
    far = Person(REMOTE_ADDR="192.0.2.1")

    assert far.get("/metrics", headers={"Authorization": "Bearer a long secret"}).status_code == 200
    for wrong in ("Bearer a long secre", "Bearer ", "Bearer é", "Basic a long secret", ""):
        assert far.get("/metrics", headers={"Authorization": wrong}).status_code == 403
    assert Person().get("/metrics").status_code == 403
