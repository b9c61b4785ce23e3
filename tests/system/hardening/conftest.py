"""Two strangers at the running site, and a place for what was measured."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.bare_site import BareSite, bare_site
from tests.support.people import Guest


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Tells what was seen; with GIBBON_NOTES=file it is kept there, a line for each."""

    def tell(text: str) -> None:
        line = f"{request.node.name}: {text}"
        print(line)
        if path := os.environ.get("GIBBON_NOTES"):
            with Path(path).open("a") as file:
                file.write(f"{line}\n")

    return tell


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


@pytest.fixture(scope="package")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareSite]:
    """No worker; pictures expire after four seconds, an address may ask for 20 changes a minute."""
    limits = {"GIBBON_PICTURE_DAYS": f"{4 / 86400:.7f}", "GIBBON_POSTS_PER_MINUTE_AND_ADDRESS": "20"}
    with bare_site(tmp_path_factory.mktemp("strict"), **limits) as built:
        yield built
