"""Bringing a picture: what is taken, and the sentence for everything that is not."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.digit_settings import pen_beside
from inference.networks.classifier import load
from tests.support.cast import Person, sentence_of
from tests.support.finished import png
from tests.support.paths import CASES
from tests.support.picture_files import chunk, encoded, exif, gamma, jpeg_with, png_of, scene, segment, with_chunk
from webapp.pictures.models import Picture

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


def test_a_field_that_nobody_reads_is_refused_with_those_there_are(alice: Person) -> None:
    response = alice.upload(file(png()), preparation="digit")

    assert response.status_code == 422 and response.json()["error"]["field"] == "preparation"
    assert "The fields are: image, prepare." in sentence_of(response)
    assert not Picture.objects.exists()


def test_a_form_that_is_cut_off_or_no_form_is_refused(alice: Person) -> None:
    for content_type in ("multipart/form-data; boundary=mark", "multipart/form-data", "image/png", ""):
        response = alice.request("POST", IMAGES, data=b"--mark\r\nContent-Dis", content_type=content_type)

        assert 400 <= response.status_code < 500, content_type
        sentence_of(response)


def test_a_list_names_ones_own_newest_first(alice: Person, bob: Person) -> None:
    ids = [alice.upload(file(png())).json()["id"] for _ in range(3)]

    assert [picture["id"] for picture in alice.get(IMAGES).json()] == ids[::-1]


# --- Cases from the field -----------------------------------------------------------------------------------------

PNG, JPEG = encoded(scene()), encoded(scene(), "JPEG", quality=95)
XMP = b"http://ns.adobe.com/xap/1.0/\0" + (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)
SHOWN = {  # what is sent, and what browsers show of it: width, height, mean level
    "png_ztxt_1.7MB": ("png_ztxt_1.7MB.png", (320, 240), None),
    "png_badcrc_pHYs": ("png_badcrc_pHYs.png", (320, 240), None),
    "png_no_IEND": ("png_no_IEND.png", (320, 240), None),
    "jpg_no_EOI": ("jpg_no_EOI.jpg", (320, 240), None),
    "jpg_xmp_orientation6_only": ("jpg_xmp_orientation6_only.jpg", (320, 240), None),
    "gAMA 1.0 and linear pixels": (png_of(9, 8, 8, 2, [b"\x38" * 27] * 8, gamma(1.0)), (9, 8), 129),
    "text behind the pixels, no IEND": (PNG[:-12] + chunk(b"tEXt", b"a\0b"), (96, 64), 128.8),
    "a wrong checksum in gAMA": (with_chunk(PNG, gamma(1.0)[:-4] + bytes(4)), (96, 64), 128.8),
    "a text bomb behind the pixels": (
        PNG[:-12] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000))),
        (96, 64),
        128.8,
    ),
    "JPEG of which zeros follow the pixels": (JPEG[:-2] + bytes(100), (96, 64), 128.8),
    "XMP before EXIF that says upright": (
        jpeg_with(JPEG, segment(0xE1, XMP) + segment(0xE1, exif(1))),
        (96, 64),
        128.8,
    ),
    "extended XMP": (
        jpeg_with(
            JPEG, segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + struct.pack(">32s2L", b"", 9, 0) + XMP)
        ),
        (96, 64),
        128.8,
    ),
}


@pytest.mark.parametrize("case", SHOWN)
def test_what_browsers_show_is_taken_and_looks_so(alice: Person, case: str) -> None:
    data, size, mean = SHOWN[case]
    if isinstance(data, str):
        data = (CASES / data).read_bytes()

    response = alice.upload(file(data, case))

    assert response.status_code == 201, response.content
    with Image.open(io.BytesIO(alice.get(response.json()["url"]).content)) as shown:
        assert shown.size == size
        assert np.asarray(shown).std() > 10 or mean == 129
        assert mean is None or abs(np.asarray(shown).mean() - mean) < 1


@pytest.mark.parametrize("name", ["png_no_IEND.png", "jpg_no_EOI.jpg"])
def test_the_same_cases_without_their_last_pixels_are_refused(alice: Person, name: str) -> None:
    response = alice.upload(file((CASES / name).read_bytes()[:-40], name))

    assert response.status_code == 422
    assert "damaged or incomplete" in sentence_of(response)


def mnist(number: int) -> Image.Image:
    """One of ten digits of MNIST, white on black."""
    with Image.open(CASES.parent / "pictures" / "mnist_digits.png") as strip:
        return Image.fromarray(np.hsplit(np.asarray(strip), 10)[number])


def inked(number: int, ink: tuple[int, int, int], paper: tuple[int, int, int]) -> bytes:
    """The digit, large, in one colour on another."""
    mask = mnist(number).resize((240, 240), Image.Resampling.BICUBIC)
    sheet = Image.new("RGB", (420, 380), paper)
    sheet.paste(ink, (90, 60), mask)
    return encoded(sheet)


DIGITS = {
    **{f"digit_{name}": (f"digit_{name}.png", int(name[-1])) for name in ("desk_3", "ruled_7", "border_3")},
    "digit_white_transp_3": ("digit_white_transp_3.png", 3),
    "28 by 28, black on white": (encoded(Image.fromarray(255 - np.asarray(mnist(5)))), 5),
    "28 by 28, black on white, RGBA": (encoded(Image.fromarray(255 - np.asarray(mnist(4))).convert("RGBA")), 4),
    "red on green of one luminance": (inked(2, (244, 56, 60), (60, 150, 60)), 2),
    "a pen beside the sheet": (pen_beside(np.asarray(mnist(3)), np.random.default_rng(0)), 3),
    "grey on blue": (inked(9, (110, 110, 115), (140, 180, 230)), 9),
    "faint": (inked(6, (225, 225, 225), (245, 245, 245)), 6),
}


@pytest.mark.parametrize("case", DIGITS)
def test_a_digit_brought_in_any_dress_is_read(alice: Person, case: str) -> None:
    data, number = DIGITS[case]

    sent = (CASES / data).read_bytes() if isinstance(data, str) else data
    response = alice.upload(file(sent), prepare="digit")

    assert response.status_code == 201, response.content
    with Image.open(io.BytesIO(alice.get(response.json()["url"]).content)) as made:
        seen = np.asarray(made.convert("L"))[None, ..., None]
    assert int(load("digits", "cpu").probabilities(seen).argmax()) == number


def test_of_two_digits_the_sentence_says_so(alice: Person) -> None:
    response = alice.upload(file((CASES / "digit_two_3.png").read_bytes()), prepare="digit")

    assert response.status_code == 422
    assert "two digits" in sentence_of(response)
