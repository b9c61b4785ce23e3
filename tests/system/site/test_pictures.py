"""Checks 1 to 9 and 13, 14: what may be uploaded, and what becomes of it."""

import http.client
import io
import json
import re
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from PIL import Image

from tests.support import hostile_files as files
from tests.support.paths import CASES
from tests.support.people import Guest, form_of
from tests.support.walks import first

pytestmark = pytest.mark.late
MEGABYTE = 1_000_000


def post(person: Guest, data: bytes, name: str = "photo.jpg") -> tuple[int, dict]:
    status, body = person.send("POST", "/api/v1/images", *form_of(data, name))
    return status, json.loads(body)


def told(answer: dict) -> str:
    """The sentence of a refusal."""
    assert set(answer) == {"error"} and answer["error"]["message"].endswith((".", "?")), answer
    return answer["error"]["message"]


def memory(live) -> float:
    """Resident megabytes of everything that touches pictures: web, decoders, worker."""
    pids = live.pids("web") + live.pids("worker")
    return sum(psutil.Process(pid).memory_info().rss for pid in pids) / MEGABYTE


def test_01_truncated_pictures_are_refused(alice: Guest, note) -> None:
    answers = [post(alice, data) for data in files.truncated()]
    assert all(400 <= status < 500 and told(answer) for status, answer in answers), answers
    note(f"{len(answers)} files: {sorted({status for status, _ in answers})}")


@pytest.mark.alone
def test_02_a_hundred_megapixels_in_12_kilobytes_take_no_memory(live, alice: Guest, note) -> None:
    """As pixels it would take 100 to 400 MB; what a process keeps of the first work it did is not meant."""
    data = files.bomb()
    for _ in range(4):
        post(alice, data)
    before, slowest = memory(live), 0.0
    for _ in range(10):
        start = time.perf_counter()
        status, answer = post(alice, data)
        slowest = max(slowest, time.perf_counter() - start)
        assert 400 <= status < 500 and told(answer)
    grown = memory(live) - before
    note(f"{len(data)} bytes, {status}, slowest of ten {slowest * 1e3:.0f} ms, memory {grown:+.1f} MB")
    assert len(data) < 16_000 and slowest < 1 and grown < 50


def test_03_foreign_formats_are_refused_under_any_name(alice: Guest, note) -> None:
    answers = {name: post(alice, data, "holiday.jpg") for name, data in files.foreign().items()}
    assert all(400 <= status < 500 and told(answer) for status, answer in answers.values()), answers
    note(f"{', '.join(answers)}: {sorted({status for status, _ in answers.values()})}")


@pytest.mark.parametrize("count", first([10, 60]))
def test_04_what_decoders_choke_on_is_refused_or_a_picture(alice: Guest, note, count: int) -> None:
    answers = [post(alice, data)[0] for data in files.mutated(count)]
    assert set(answers) <= {201, 400, 413, 422}, answers
    note(f"{count} mutated files: {answers.count(201)} became pictures, {count - answers.count(201)} were refused")


def test_05_a_phones_picture_is_accepted(alice: Guest, note) -> None:
    status, answer = post(alice, files.phone())
    assert status == 201, answer
    note(f"MPO: {status}, {answer['width']} x {answer['height']}")


@pytest.mark.parametrize("name", ["png_ztxt_1.7MB.png", "png_badcrc_pHYs.png", "png_no_IEND.png", "jpg_no_EOI.jpg"])
def test_05_what_browsers_show_is_accepted(alice: Guest, note, name: str) -> None:
    status, answer = post(alice, (CASES / name).read_bytes(), name)
    assert status == 201, answer
    note(f"{name}: {status}")


def test_06_the_eight_orientations_are_one_picture(alice: Guest, note) -> None:
    pictures = [alice.upload(files.turned(orientation)) for orientation in range(1, 9)]
    assert len({picture["sha256"] for picture in pictures}) == 1  # upright, pixel by pixel
    jobs = [alice.predict(picture)[1]["id"] for picture in (pictures[0], pictures[5])]
    tops = [alice.wait(job)["result"]["top"][0]["index"] for job in jobs]
    assert tops[0] == tops[1]
    note(f"one SHA-256 for all eight; class {tops[0]}")


def test_07_unusual_modes_look_right(alice: Guest, note) -> None:
    for name, (data, colour) in files.odd_modes().items():
        seen = served(alice, alice.upload(data)["url"]).getpixel((32, 32))
        assert max(abs(one - other) for one, other in zip(seen, colour, strict=True)) <= 3, (name, seen, colour)
    note(", ".join(files.odd_modes()))


def test_08_no_picture_tells_where_it_was_taken(alice: Guest, note) -> None:
    picture = alice.upload(files.gossip())
    done = alice.wait(alice.attack(picture))["result"]
    urls = [picture["url"], done["sign_url"], done["adversarial"]["image_url"]]
    for url in urls:
        _status, png = alice.send("GET", url, None, {})
        kept = {"IHDR", "IDAT", "IEND"} | ({"PLTE"} if url == done["sign_url"] else set())  # a map of few colours
        assert set(files.chunks(png)) == kept and b"SECRET" not in png
    note(f"{len(urls)} addresses: chunks IHDR, IDAT, IEND only, and a palette in the map of signs")


OUR_NAMES = "|".join(
    (
        r"(pictures|results|datasets)/[0-9a-f]{2}/[0-9a-f]{32}\.png",
        r"results/[0-9a-f]{2}/[0-9a-f]{32}\.jpg",  # an attack on its way, in small
        r"archives/[0-9a-f]{32}\.zip",
        r"datasets/[0-9a-f]{64}\.safetensors",
        r"versions/[0-9a-f]{64}/(card\.json|weights\.safetensors)",
        r"trainings/[0-9a-f-]{36}/.+",  # checkpoints, named by the core
    )
)


def test_09_polyglots_and_names_like_paths_come_out_as_pictures(live, alice: Guest, note) -> None:
    for name, data in files.polyglots().items():
        status, picture = post(alice, data, "../../a.html")
        assert status in (201, 422), (name, picture)
        if status == 201:
            headers, body = raw_get(live, alice, picture["url"])
            assert headers["content-type"] == "image/png" and headers["x-content-type-options"] == "nosniff"
            assert body.startswith(b"\x89PNG") and b"<script" not in body and b"PK\x03\x04" not in body
    media = live.data / "media"
    drafts = re.compile(r"\.draft-\w+")  # what the worker is just writing: it gets its name when it is whole
    files_there = (path for path in media.rglob("*") if path.is_file() and not drafts.fullmatch(path.name))
    stored = [path.relative_to(media) for path in files_there]
    assert [str(path) for path in stored if not re.fullmatch(OUR_NAMES, str(path))] == []
    assert not list(live.data.rglob("a.html"))
    for folder in ("/images/", "/results/", "/media/", "/media/pictures/", "/static/", "/static/js/"):
        assert live.status(folder) == 404
    note(f"re-encoded as image/png with nosniff; {len(stored)} files, all named by the server; no listings")


@pytest.mark.alone
@pytest.mark.parametrize("declared", [True, False])
def test_13_400_megabytes_are_refused_at_once(live, alice: Guest, note, declared: bool) -> None:
    before, disk = psutil.Process(live.pid("web")).memory_info().rss, used(live.data)
    start = time.perf_counter()
    status, sent, most = flood(live, alice, 400 * MEGABYTE, declared)
    took = time.perf_counter() - start
    grown, filled = (most - before) / MEGABYTE, (used(live.data) - disk) / MEGABYTE
    how = "length declared" if declared else "chunked"
    note(
        f"{how}: {status} after {took * 1e3:.0f} ms, memory {grown:+.1f} MB, disk {filled:+.1f} MB; {sent} bytes taken"
    )
    assert status == 413 and took < 1 and grown < 50 and filled < 20


def test_14_forms_that_hold_no_one_picture_are_refused(alice: Guest, note) -> None:
    good = files.saved(files.scene(), "PNG")
    one, headers = form_of(good)
    mark = headers["Content-Type"].partition("=")[2]
    part = one.rpartition(f"--{mark}--".encode())[0]
    forms = {
        "no file": f"--{mark}--\r\n".encode(),
        "two files": part + part + f"--{mark}--\r\n".encode(),
        "text in the file's field": one.replace(b'; filename="a.png"', b"").replace(good, b"hello"),
        "0 bytes": one.replace(good, b""),
        "300 characters": one.replace(b"a.png", b"a" * 300 + b".png"),
        "NUL": one.replace(b"a.png", b"a\0.png"),
    }
    for name, body in forms.items():
        status, answer = alice.send("POST", "/api/v1/images", body, headers)
        assert 400 <= status < 500, (name, status, answer)
    for unknown in ("00000000-0000-4000-8000-000000000000", "x", "%00", "1" * 300):
        for place in ("images", "jobs"):
            assert alice.send("GET", f"/api/v1/{place}/{unknown}", None, {})[0] in (400, 404)
    assert alice.call("GET", "/api/v1/images")[1] == []
    note(f"{', '.join(forms)}, unknown ids: 4xx and no row")


def served(person: Guest, url: str) -> Image.Image:
    return Image.open(io.BytesIO(person.send("GET", url, None, {})[1])).convert("RGB")


def raw_get(live, person: Guest, path: str) -> tuple[dict[str, str], bytes]:
    """(headers, body), nothing followed or decoded."""
    with closing(http.client.HTTPConnection(urlsplit(live.url).netloc, timeout=10)) as connection:
        connection.request("GET", path, headers={"Cookie": person.headers["Cookie"]})
        response = connection.getresponse()
        return {name.lower(): value for name, value in response.getheaders()}, response.read()


def flood(live, person: Guest, size: int, declared: bool) -> tuple[int, int, int]:
    """(status, bytes sent, most memory) of a POST that would send `size` bytes if it were let."""
    web, most, sent = psutil.Process(live.pid("web")), 0, 0
    connection = http.client.HTTPConnection(urlsplit(live.url).netloc, timeout=30)
    connection.putrequest("POST", "/api/v1/images")
    for name, value in person.headers.items():
        connection.putheader(name, value)
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader(*(("Content-Length", str(size)) if declared else ("Transfer-Encoding", "chunked")))
    connection.endheaders()
    block = bytes(64_000)
    piece = block if declared else b"%x\r\n%s\r\n" % (len(block), block)
    try:
        while sent < size:
            connection.send(piece)
            sent += len(block)
            most = max(most, web.memory_info().rss)
    except OSError:
        pass  # refused in the middle, as it should be
    with closing(connection):
        return connection.getresponse().status, sent, max(most, web.memory_info().rss)


def used(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
