"""What docs/backup.md says is done, command by command: a running site is copied, destroyed, and there again."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.support.bare_site import BareSite, bare_site
from tests.support.finished import png
from tests.support.live import own_database
from tests.support.paths import ROOT
from tests.support.people import Guest

PAGE = (ROOT / "docs" / "backup.md").read_text()
PASSWORD = "kept by nobody else"
# The admin; the visitor's attack computed; a second version of the digits' network, promoted.
MOVE_IN = """
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from tests.support.finished import finish
from webapp.registry.models import ModelVersion
from webapp.registry.services import make_live
User.objects.create_superuser("admin", password={password!r})
finish({attack!r})
shipped = ModelVersion.objects.get(classifier__slug="digits")
name = default_storage.save("versions/better/weights.safetensors", ContentFile(b"better"))
better = ModelVersion.objects.create(
    classifier=shipped.classifier, sha256="b" * 64, identity="b" * 64, name="better", source="versions/better",
    card=shipped.card,
)
make_live(better)
"""
LIVE = """
from pathlib import Path
from django.core.files.storage import default_storage
from webapp.registry.models import ModelVersion
live = ModelVersion.objects.get(classifier__slug="digits", live=True)
print(live.name, default_storage.open(live.source + "/weights.safetensors").read())
"""


def commands(heading: str) -> str:
    """The page's block below a heading for the database that the tests run on."""
    section = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    assert section
    sqlite, postgresql = re.findall(r"```sh\n(.*?)```", section[1], re.S)
    return postgresql if on_postgresql() else sqlite


def on_postgresql() -> bool:
    return os.environ.get("DATABASE_URL", "").startswith("postgres")


def follow(heading: str, **environment: str) -> None:
    """Do what the page says."""
    told = {"GIBBON_VENV": sys.prefix, **environment}
    done = subprocess.run(
        ["sh", "-euc", commands(heading)], cwd=ROOT, env=os.environ | told, capture_output=True, text=True
    )
    assert not (done.returncode or done.stderr), done.stderr


@contextmanager
def visitors_at_work(site: BareSite) -> Iterator[None]:
    """Somebody brings pictures all the time."""
    over, guest = threading.Event(), Guest(site.url)
    brought = [guest.upload(png())]

    def bring() -> None:
        while not over.is_set():
            brought.append(guest.upload(png()))

    thread = threading.Thread(target=bring)
    thread.start()
    yield
    over.set()
    thread.join()
    assert len(brought) > 1


def log_in(site: BareSite) -> str:
    """The address that the admin's login leads to."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    address = f"{site.url}/admin/login/?next=/admin/"
    with browser.open(address):
        token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
    fields = {"username": "admin", "password": PASSWORD, "csrfmiddlewaretoken": token}
    with browser.open(address, urlencode(fields).encode()) as page:
        return page.url.removeprefix(site.url)


def seen(guest: Guest, addresses: dict[str, str]) -> dict[str, bytes | int]:
    """What the visitor gets: files whole, of pages that they are there."""
    answers = {name: guest.send("GET", address, None, {}) for name, address in addresses.items()}
    return {name: body if name.endswith("png") else status for name, (status, body) in answers.items()}


@pytest.mark.walk
def test_a_running_site_is_copied_destroyed_and_there_again(tmp_path: Path) -> None:
    copy, old, new = (tmp_path / name for name in ("copy", "old", "new"))
    with bare_site(old) as site:
        guest = Guest(site.url)
        picture = guest.upload(png())
        attack = guest.attack(picture)
        site.python(MOVE_IN.format(password=PASSWORD, attack=attack))
        shared = guest.call("POST", f"/api/v1/jobs/{attack}/share")[1]["url"]
        addresses = {"png": picture["url"], "attack": f"/lab/{attack}/", "shared": shared}
        addresses["adversarial png"] = guest.job(attack)["result"]["adversarial"]["image_url"]
        before = seen(guest, addresses)
        with visitors_at_work(site):
            follow(
                "Making a copy", data=str(old), copy=str(copy), DATABASE_URL=site.environment.get("DATABASE_URL", "")
            )
        assert copy.stat().st_mode & 0o077 == 0
    shutil.rmtree(old)

    with own_database() as database:
        follow("Restoring", data=str(new), copy=str(copy), **database)
        with bare_site(new, **database) as site:
            guest.url = site.url
            assert seen(guest, addresses) == before
            assert (before["attack"], before["shared"]) == (200, 200)
            assert site.python(LIVE) == "better b'better'"
            assert log_in(site) == "/admin/"
            assert guest.upload(png())["id"] != picture["id"]


def test_what_is_no_data_folder_is_not_copied_as_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"} if on_postgresql() else {}
    with pytest.raises(AssertionError, match=r"unable to open database file|connection to server"):
        follow("Making a copy", data=str(tmp_path / "elsewhere"), copy=str(tmp_path / "copy"), **nowhere)
