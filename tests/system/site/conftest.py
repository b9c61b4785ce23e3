"""Two strangers at the running site."""

from collections.abc import Iterator

import pytest

from tests.support.people import Guest


@pytest.fixture
def alice(live) -> Iterator[Guest]:
    """A visitor whose pictures are deleted afterwards."""
    live.wait_ready()
    guest = Guest(live.url)
    yield guest
    for picture in guest.call("GET", "/api/v1/images")[1]:
        guest.call("DELETE", f"/api/v1/images/{picture['id']}")


@pytest.fixture
def bob(live) -> Guest:
    live.wait_ready()
    return Guest(live.url)
