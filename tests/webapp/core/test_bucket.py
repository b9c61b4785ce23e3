"""Pictures and results in a bucket that speaks S3: the same site, and nothing of them in its folder."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.support.bucket import bucket_of_the_site, keys
from tests.support.cast import Person
from tests.support.finished import finish, png
from webapp.core import files
from webapp.core.objects import bucket_options
from webapp.jobs.management.commands.keeper import every_hour
from webapp.lab.models import Attack
from webapp.pictures import expiry
from webapp.pictures.models import Picture


@pytest.fixture
def bucket(clean_site: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with bucket_of_the_site(settings, monkeypatch) as bucket:
        yield bucket


def test_a_picture_is_brought_attacked_looked_at_and_deleted(alice: Person, bucket: Any, media_files: Any) -> None:
    brought = png()
    picture = alice.upload(io.BytesIO(brought)).json()
    attack = Attack.objects.get(pk=finish(alice.attack(picture["id"]).json()["id"]).pk)
    names = {Picture.objects.get().file, attack.adversarial_file, attack.sign_file}
    assert keys(bucket) == {f"site/{name}" for name in names}
    assert not media_files()

    seen = Image.open(io.BytesIO(alice.get(picture["url"]).content))
    assert seen.tobytes() == Image.open(io.BytesIO(brought)).tobytes()
    assert alice.get(f"/results/{attack.pk}/adversarial.png").content == files.read(attack.adversarial_file)
    assert alice.get(picture["thumbnail"]).status_code == 200

    assert alice.delete(f"/api/v1/images/{picture['id']}").status_code == 204
    assert not keys(bucket)


def test_a_file_that_is_gone_is_missed_and_may_be_deleted_again(alice: Person, bucket: Any) -> None:
    picture = alice.upload(io.BytesIO(png())).json()
    files.delete([Picture.objects.get().file] * 2)
    assert alice.get(picture["url"]).status_code == 404
    with pytest.raises(FileNotFoundError):
        files.read(Picture.objects.get().file)


def test_what_no_row_names_goes_once_it_is_old(alice: Person, bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.upload(io.BytesIO(png()))
    orphan = files.write("results", b"orphan")
    assert expiry.delete_orphans() == 0
    monkeypatch.setattr(expiry, "ORPHAN_SECONDS", -60)
    assert expiry.delete_orphans() == 1
    assert f"site/{orphan}" not in keys(bucket) and len(keys(bucket)) == 1


def test_one_that_is_away_ends_no_keeper(bucket: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    default = settings.STORAGES["default"]
    away = default["OPTIONS"] | {"endpoint_url": "http://127.0.0.1:1"}
    settings.STORAGES = {**settings.STORAGES, "default": default | {"OPTIONS": away}}
    every_hour()
    with pytest.raises(OSError, match=r"127\.0\.0\.1:1"):
        files.delete(["pictures/aa/one.png"])


def test_a_card_is_replaced_under_its_own_name(bucket: Any) -> None:
    for content in (b"old", b"new"):
        default_storage.replace("live/digits/card.json", ContentFile(content))  # type: ignore[attr-defined]
    assert keys(bucket) == {"site/live/digits/card.json"} and files.read("live/digits/card.json") == b"new"


def test_a_zip_waits_on_the_shelf_where_a_worker_reads_it_in_place(bucket: Any, media_files: Any) -> None:
    name = files.keep("archives", SimpleUploadedFile("own.zip", b"PK"), suffix=".zip")
    assert len(media_files()) == 1 and not keys(bucket)
    files.delete([name])
    assert not media_files()


ADDRESSES = {
    "s3://gibbon-pictures": {"bucket_name": "gibbon-pictures", "location": ""},
    "s3://gibbon.pictures/one/site/?region=eu-central-1": {
        "bucket_name": "gibbon.pictures",
        "location": "one/site",
        "region_name": "eu-central-1",
    },
    "s3://gibbon?endpoint=https://s3.example.org:9000": {
        "bucket_name": "gibbon",
        "location": "",
        "endpoint_url": "https://s3.example.org:9000",
        "addressing_style": "path",
    },
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_names_bucket_folder_and_service(address: str) -> None:
    assert bucket_options(address) == ADDRESSES[address]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("gibbon-pictures", "such as s3://bucket"),
        ("s3://", "such as s3://bucket"),
        ("s3://me:secret@gibbon", "without a password"),
        ("s3://gibbon?host=example.org", "host is not known"),
    ],
)
def test_another_address_is_refused_with_a_sentence(address: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        bucket_options(address)
