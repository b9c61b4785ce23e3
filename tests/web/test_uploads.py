"""Bringing a picture: what is taken, and the sentence for everything that is not."""

import io
from typing import Any

import pytest

from tests.web.cast import Person, sentence_of
from tests.web.finished import png
from webapp.lab.models import Picture

IMAGES = "/api/v1/images"


def file(content: bytes, name: str = "photo.png") -> io.BytesIO:
    opened = io.BytesIO(content)
    opened.name = name
    return opened


def part(filename: bytes, content: bytes) -> bytes:
    return b'Content-Disposition: form-data; name="image"; filename="' + filename + b'"\r\n\r\n' + content


def test_a_picture_is_kept_as_a_clean_png(alice: Person) -> None:
    response = alice.upload(file(png(40, 30)))

    assert response.status_code == 201
    found = response.json()
    assert (found["width"], found["height"], found["preparation"]) == (40, 30, "photo")
    shown = alice.get(found["url"])
    assert shown["Content-Type"] == "image/png"
    assert shown.content.startswith(b"\x89PNG")


def test_the_form_without_scripts_starts_an_attack_and_shows_its_page(alice: Person) -> None:
    response = alice.send_form("/upload/", {"image": file(png()), "csrfmiddlewaretoken": ""})

    assert response.status_code == 302
    assert alice.get(response["Location"]).status_code == 200


BAD_FORMS: dict[str, Any] = {
    "no file": lambda: {"prepare": "photo"},
    "two files": lambda: {"image": [file(png()), file(png())]},
    "two files in two fields": lambda: {"image": file(png()), "other": file(png())},
    "text in the file field": lambda: {"image": "a picture, honestly"},
    "no bytes": lambda: {"image": file(b"")},
    "no picture": lambda: {"image": file(b"<html>not a picture</html>")},
    "a truncated picture": lambda: {"image": file(png()[:400])},
}


@pytest.mark.parametrize("form", BAD_FORMS)
@pytest.mark.parametrize("door", [IMAGES, "/upload/"])
def test_a_form_that_holds_no_one_picture_is_refused_with_a_sentence(alice: Person, door: str, form: str) -> None:
    response = alice.send_form(door, BAD_FORMS[form]())

    assert 400 <= response.status_code < 500
    assert not Picture.objects.exists()
    if door == IMAGES:
        sentence_of(response)
    else:
        assert b"<h1>" in response.content


@pytest.mark.parametrize("name", [b"a" * 300 + b".png", b"a\0.png", b"\0"], ids=["300 characters", "NUL inside", "NUL"])
@pytest.mark.parametrize("door", [IMAGES, "/upload/"])
def test_a_name_no_real_file_has_is_refused(alice: Person, door: str, name: bytes) -> None:
    assert alice.send_raw_form(door, part(b"photo.png", png())).status_code in (201, 302)

    response = alice.send_raw_form(door, part(name, png()))

    assert 400 <= response.status_code < 500
    assert Picture.objects.count() == 1


@pytest.mark.parametrize("name", [b"../../a.html", b"C:\\x\\a.png", "熊猫.png".encode(), b"a" * 250, b"<script>.png"])
def test_a_name_that_is_only_odd_is_not_used_at_all(alice: Person, name: bytes, media_files: Any) -> None:
    assert alice.send_raw_form(IMAGES, part(name, png())).status_code == 201
    assert media_files() == {Picture.objects.get().file.rsplit("/", 1)[1]}
    assert len(Picture.objects.get().file.rsplit("/", 1)[1]) == len("0" * 32 + ".png")


@pytest.mark.parametrize("preparation", ["", "video", "photo ", "a" * 10_000, "photo\0"])
def test_an_unknown_preparation_is_told_with_the_known_ones(alice: Person, preparation: str) -> None:
    response = alice.upload(file(png()), prepare=preparation)

    assert response.status_code == 422
    assert response.json()["error"]["field"] == "prepare"
    assert "photo, digit" in sentence_of(response)
    assert not Picture.objects.exists()


def test_a_form_that_is_cut_off_or_no_form_is_refused(alice: Person) -> None:
    for content_type in ("multipart/form-data; boundary=mark", "multipart/form-data", "image/png", ""):
        response = alice.request("POST", IMAGES, data=b"--mark\r\nContent-Dis", content_type=content_type)

        assert 400 <= response.status_code < 500, content_type
        sentence_of(response)


def test_a_list_names_ones_own_newest_first(alice: Person, bob: Person) -> None:
    ids = [alice.upload(file(png())).json()["id"] for _ in range(3)]

    assert [picture["id"] for picture in alice.get(IMAGES).json()] == ids[::-1]
