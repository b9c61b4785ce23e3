"""Check 25: what expires is deleted, and an address that is told falsely does not help against its limit."""

import pytest

from tests.support.bare_site import BareSite
from tests.support.people import Guest, exchange, wait_for
from tests.support.pictures import noise_png

pytestmark = pytest.mark.late


def test_25_expired_pictures_go_while_nobody_is_there(site: BareSite, strict: str, note) -> None:
    media = site.folder / "media" / "pictures"
    before, guest = set(media.rglob("*.png")), Guest(strict)
    picture = guest.upload(noise_png())
    job = guest.predict(picture)[1]["id"]
    (kept,) = set(media.rglob("*.png")) - before
    took = wait_for(lambda: not kept.exists(), 20)
    assert guest.call("GET", f"/api/v1/images/{picture['id']}")[0] == guest.call("GET", f"/api/v1/jobs/{job}")[0] == 404
    note(f"file and rows gone after {took:.1f} s (they expire after 4)")


def test_25_rotating_x_forwarded_for_does_not_help(strict: str, note) -> None:
    guest = Guest(strict)
    tries = [change(guest, {"X-Forwarded-For": f"10.0.0.{number}"}) for number in range(45)]  # a new minute may begin
    statuses = [status for status, _ in tries]
    assert 429 in statuses and int(dict(tries)[429]["retry-after"]) in range(1, 61)
    note(f"429 with Retry-After from change {statuses.index(429) + 1} on (limit 20, others came before)")


def change(guest: Guest, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    """(status, headers) of a change that is refused in any case."""
    sent = guest.headers | headers | {"Content-Type": "application/json"}
    return exchange(guest.url, "POST", "/api/v1/jobs", b"{}", sent)[:2]
