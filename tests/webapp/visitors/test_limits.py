"""How much one visitor, one address and all together may ask for; who is refused is told when to come back."""

import io
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import RequestFactory
from django.utils import timezone
from redis import Redis

from tests.support.cast import Person, sentence_of
from tests.support.finished import finish, png
from webapp.jobs.models import Job
from webapp.jobs.upkeep import send_outbox
from webapp.lab.models import Attack, Point
from webapp.pictures.models import Picture
from webapp.registry.models import ModelVersion
from webapp.visitors.address import client_address
from webapp.visitors.models import Visitor


def seconds_to_wait(response: Any) -> int:
    """Retry-After, which every refusal for being busy carries."""
    sentence_of(response)
    seconds = int(response["Retry-After"])
    assert 1 <= seconds <= 3600
    return seconds


# --- One visitor --------------------------------------------------------------------------------------------------


def test_sixty_jobs_a_minute(alice: Person, picture: dict[str, Any], version: ModelVersion) -> None:
    visitor = Visitor.objects.get(pictures=picture["id"])
    fresh = {"kind": "predict", "queue": "interactive", "version": version, "status": "done"}
    Job.objects.bulk_create(Job(visitor=visitor, **fresh) for _ in range(59))

    assert alice.predict(picture["id"]).status_code == 202
    refused = alice.predict(picture["id"])

    assert refused.status_code == 429
    assert seconds_to_wait(refused) <= 61
    assert Job.objects.count() == 60
    assert Person().predict("00000000-0000-4000-8000-000000000000").status_code == 404  # others are not affected
    Job.objects.update(created=timezone.now() - timedelta(seconds=61))
    assert alice.predict(picture["id"]).status_code == 202


def test_sweeps_that_attacks_begin_do_not_count(alice: Person, attack: Attack, settings: Any) -> None:
    settings.JOBS_PER_MINUTE = 2

    assert Job.objects.filter(kind="sweep").count() == 1
    assert alice.predict(str(attack.picture_id)).status_code == 202
    assert alice.predict(str(attack.picture_id)).status_code == 429


def test_a_visitors_number_of_pictures(alice: Person, bob: Person, picture: dict[str, Any], settings: Any) -> None:
    assert site.PICTURES_PER_VISITOR == 200 and site.BYTES_PER_VISITOR == 300_000_000
    settings.PICTURES_PER_VISITOR = 1

    refused = alice.upload(io.BytesIO(png()))

    assert refused.status_code == 409
    assert "as many as one visitor may keep" in sentence_of(refused)
    assert Picture.objects.filter(visitor__pictures=picture["id"]).count() == 1
    alice.delete(f"/api/v1/images/{picture['id']}")
    assert alice.upload(io.BytesIO(png())).status_code == 201


def test_a_visitors_bytes_count_pictures_and_results(alice: Person, attack: Attack, point: Job, settings: Any) -> None:
    image = str(attack.picture_id)
    settings.BYTES_PER_VISITOR = attack.picture.bytes + attack.bytes + Point.objects.get().bytes

    for refused in (
        alice.upload(io.BytesIO(png())),
        alice.attack(image),
        alice.post(f"/api/v1/jobs/{attack.pk}/points/9"),
    ):
        assert refused.status_code == 409
        sentence_of(refused)
    settings.BYTES_PER_VISITOR += 1
    assert alice.attack(image).status_code == 202


def test_attacks_on_samples_fill_the_quota_too(alice: Person, sample: Picture, settings: Any) -> None:
    finish(alice.attack(str(sample.pk)).json()["id"])
    settings.BYTES_PER_VISITOR = Attack.objects.get(job__visitor__isnull=False).bytes

    assert alice.attack(str(sample.pk)).status_code == 409


# --- One address --------------------------------------------------------------------------------------------------


@pytest.fixture
def three_a_minute(settings: Any) -> Iterator[None]:
    settings.POSTS_PER_MINUTE_AND_ADDRESS = 3
    yield


def refusals(person: Person, **headers: Any) -> list[Any]:
    """What seven orders in a row are refused with; seven, because the minute may change once between them."""
    answers = [
        person.post("/api/v1/jobs", {}, headers={name: value.format(number) for name, value in headers.items()})
        for number in range(7)
    ]
    return [answer for answer in answers if answer.status_code == 429]


def test_an_address_is_limited_whoever_asks(three_a_minute: None, alice: Person, bob: Person) -> None:
    assert 1 <= seconds_to_wait(refusals(alice)[-1]) <= 60
    assert bob.predict("x").status_code in (404, 429)
    elsewhere = Person(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/api/v1/jobs", {}).status_code == 422


def test_pages_are_limited_with_it_and_say_so(three_a_minute: None, alice: Person) -> None:
    answers = [alice.send_form("/upload/", {"image": io.BytesIO(png())}) for _ in range(7)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused and int(refused[-1]["Retry-After"]) >= 1
    assert b"Too many requests came from your network" in refused[-1].content
    assert (
        b"send it again" in refused[-1].content and b'http-equiv="refresh"' not in refused[-1].content
    )  # it would GET


def test_rotating_x_forwarded_for_does_not_help(three_a_minute: None, alice: Person) -> None:
    assert refusals(alice, **{"X-Forwarded-For": "203.0.113.{0}"})


def test_addresses_of_one_ipv6_network_count_together(three_a_minute: None, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    assert refusals(Person(), **{"X-Forwarded-For": "2001:db8:0:7::{0}"})
    assert not refusals(Person(), **{"X-Forwarded-For": "2001:db8:1:{0}::1"})


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_what_of_an_address_is_counted(address: str, counted: str) -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=address)) == counted


def test_behind_ones_own_proxy_the_outermost_address_counts(three_a_minute: None, alice: Person, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    assert refusals(alice, **{"X-Forwarded-For": "203.0.113.{0}, 198.51.100.1"})
    assert not refusals(alice, **{"X-Forwarded-For": "198.51.100.1, 203.0.113.{0}"})


def test_reading_is_not_counted(three_a_minute: None, alice: Person) -> None:
    assert {alice.get("/api/v1/jobs").status_code for _ in range(8)} == {200}


def test_without_a_broker_nobody_is_refused(three_a_minute: None, alice: Person, monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.visitors.limits.redis", lambda: Redis.from_url("unix:///nowhere/valkey.sock"))

    assert not refusals(alice)


# --- Everybody ----------------------------------------------------------------------------------------------------


def test_beyond_a_full_queue_everybody_is_told_to_wait(
    alice: Person, bob: Person, queued: Job, sample: Picture, settings: Any
) -> None:
    settings.QUEUE_LIMIT = 1
    before = Job.objects.count()

    refused = bob.predict(str(sample.pk))

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
    assert seconds_to_wait(refused) >= 5
    assert Job.objects.count() == before
    page = bob.send_form("/upload/", {"image": io.BytesIO(png())})
    assert page.status_code == 503 and page["Retry-After"] and b"Everybody is busy" in page.content
    finish(queued.pk)
    assert bob.predict(str(sample.pk)).status_code == 202


def test_the_position_says_how_many_are_before(alice: Person, bob: Person, attack: Attack, sample: Picture) -> None:
    first = alice.predict(str(sample.pk)).json()
    second = bob.predict(str(sample.pk)).json()
    sweep = attack.current_sweep()
    assert sweep

    assert alice.get(first["url"]).json()["position"] == 1
    assert bob.get(second["url"]).json()["position"] == 2
    assert alice.get(f"/api/v1/jobs/{sweep.pk}").json()["position"] >= 3
    assert alice.get(f"/api/v1/jobs/{attack.pk}").json()["position"] is None


def test_a_disk_below_its_floor_takes_nothing_new_and_shows_what_is_there(
    alice: Person, attack: Attack, settings: Any, media_files: Any
) -> None:
    settings.FREE_DISK_BYTES = 10**18
    files, jobs = media_files(), Job.objects.count()

    refused = [
        alice.upload(io.BytesIO(png())),
        alice.attack(str(attack.picture_id)),
        alice.post(f"/api/v1/jobs/{attack.pk}/points/9"),
    ]

    for answer in refused:
        assert answer.status_code == 507
        seconds_to_wait(answer)
    assert (media_files(), Job.objects.count(), Picture.objects.count()) == (files, jobs, 1)
    assert alice.get(f"/results/{attack.pk}/adversarial.png").status_code == 200


def test_the_floor_holds_for_the_disk_of_the_pictures_too(
    alice: Person, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, usage = tmp_path / "other-disk", shutil.disk_usage
    full.mkdir()
    settings.MEDIA_DIR = full / "media"  # not there yet
    free = {full: 10_000_000}
    monkeypatch.setattr(
        "webapp.core.files.shutil.disk_usage", lambda place: usage(place)._replace(free=free.get(place, 10**12))
    )
    assert alice.upload(io.BytesIO(png())).status_code == 507


def test_a_disk_that_fills_while_a_picture_is_saved(
    alice: Person, monkeypatch: pytest.MonkeyPatch, media_files: Any
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("webapp.core.storage.os.fsync", full)
    refused = alice.upload(io.BytesIO(png()))

    assert refused.status_code == 507
    seconds_to_wait(refused)
    assert not media_files() and not Picture.objects.exists()


def test_without_a_broker_a_job_waits_in_its_row(alice: Person, broker: Any, picture: dict[str, Any]) -> None:
    broker.stop()
    try:
        response = alice.predict(picture["id"])
    finally:
        broker.start()

    assert response.status_code == 202
    assert Job.objects.get().enqueued is None
    Job.objects.update(created=timezone.now() - timedelta(seconds=5))
    assert send_outbox() == 1
    assert broker.client.llen("gibbon-interactive") == 1
