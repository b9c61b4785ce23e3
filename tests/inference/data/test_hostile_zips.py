"""What strangers send in place of a ZIP of pictures: refused in a sentence, soon, in little memory, and gone."""

import random
import stat
import time
import tracemalloc
import zipfile

import pytest

from inference.data.own import unpack
from inference.data.zip_refusal import BadZip
from inference.images import canonicalise
from tests.support.zip_files import by_hand, crowded, endless, flagged, good, patch, special, zipped

SECONDS = 2
MEGABYTES = 64  # a picture's file twice, its pixels, and the list of contents


@pytest.fixture
def refusal(tmp_path):
    """The BadZip that a file meets, within the time and memory there is, the disk being as it was."""

    def refused(content: bytes) -> BadZip:
        path = tmp_path / "upload.zip"
        path.write_bytes(content)
        tracemalloc.start()
        started = time.perf_counter()
        try:
            with pytest.raises(BadZip) as caught:
                unpack(path, decode=lambda data: canonicalise(data, "photo").png)
            assert time.perf_counter() - started < SECONDS
            assert tracemalloc.get_traced_memory()[1] < MEGABYTES * 1_000_000
        finally:
            tracemalloc.stop()
        assert [*tmp_path.iterdir()] == [path]
        assert "%" not in str(caught.value)
        return caught.value

    return refused


@pytest.mark.parametrize(
    "name",
    [
        *("../brick/0.jpg", "brick/../../0.jpg", "/etc/0.jpg", "C:/brick/0.jpg", "..", "brick/\0.jpg"),
        *("..\\brick\\0.jpg", "brick\\..\\..\\0.jpg", "\\etc\\0.jpg", "C:\\brick\\0.jpg", "\\\\server\\share\\0.jpg"),
        *("c:0.jpg", "./C:/0.jpg", " ../0.jpg", ".\u200b./0.jpg", " /etc/0.jpg"),
    ],
)
def test_a_name_that_leads_elsewhere(refusal, name):
    place = len(name.encode())
    content = zipped(good(5) | {"n" * place: b"x"}).replace(b"n" * place, name.encode())
    error = refusal(content)
    assert error.code == "unsafe_name"
    assert "outside" in str(error)


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_special_files(refusal, mode):
    content = zipped([*good(5).items(), (special("brick/passwd.jpg", mode | 0o777), b"/etc/passwd")])
    error = refusal(content)
    assert (error.code, error.params["name"]) == ("special", "brick/passwd.jpg")


@pytest.mark.parametrize("flag", [0x1, 0x41])
def test_a_password(refusal, flag):
    assert refusal(flagged(zipped(good(5)), flag)).code == "encrypted"


def test_ten_gigabytes_in_one_file(refusal):
    content = by_hand([("brick/0.jpg", endless(10_000), 10_000_000_008)])
    assert len(content) < 12_000_000
    error = refusal(content)
    assert error.code == "too_large"
    assert "1000 MB" in str(error)


def test_ten_gigabytes_in_files_that_are_small_enough_each(refusal):
    stream = endless(19)
    content = by_hand([(f"{'ab'[n % 2]}/{n}.jpg", stream, 19_000_008) for n in range(530)])
    assert len(content) < 12_000_000
    assert refusal(content).code == "too_large"


def test_ten_gigabytes_that_claim_to_be_a_hundred_bytes(refusal):
    """Not more than is claimed is unpacked; that is no whole picture."""
    content = by_hand([("brick/0.jpg", endless(10_000), 100), ("grass/0.jpg", endless(1), 100)])
    error = refusal(content)
    assert error.code == "too_few"
    assert error.report.counts == {"damaged": 2}


def test_gigabytes_that_unpack_to_nothing_are_read_in_pieces(refusal):
    empty_blocks = b"\0\0\0\xff\xff" * 4_000_000
    error = refusal(by_hand([("a/0.jpg", empty_blocks, 100), ("b/0.jpg", empty_blocks, 100)]))
    assert error.code == "too_few"


@pytest.mark.parametrize("zip64", [False, True])
@pytest.mark.parametrize("count", [20_001, 200_000])
def test_very_many_files(refusal, count, zip64):
    error = refusal(crowded(count, zip64=zip64))
    assert error.code == "too_many_files"
    assert "20000" in str(error)


def test_html_in_place_of_pictures(refusal):
    error = refusal(zipped(dict.fromkeys(good(5), b"<html><script>alert(1)</script>")))
    assert (error.code, error.params["label"]) == ("too_few", "brick")
    assert error.report.counts == {"unknown": 15}


def test_other_ways_of_packing_are_left_out(refusal):
    """LZMA and bzip2 would unpack a few bytes to any size at once."""
    error = refusal(zipped(good(5), zipfile.ZIP_BZIP2))
    assert error.report.counts == {"packed": 15}


def test_no_classes_one_class_too_many_classes(refusal):
    assert refusal(zipped({})).code == "no_classes"
    assert refusal(zipped({f"{n}.jpg": patch("brick", n) for n in range(9)})).code == "no_classes"
    one = refusal(zipped(good(9, textures=("brick",))))
    assert (one.code, one.params) == ("one_class", {"label": "brick"})
    assert refusal(zipped(good(9, textures=("brick",), top="mine/"))).code == "one_class"
    many = refusal(zipped({f"class {n}/0.jpg": patch("brick", n) for n in range(101)}))
    assert (many.code, many.params) == ("too_many_classes", {"count": 101, "limit": 100})


def test_too_few_pictures_and_a_zip_in_the_zip(refusal):
    error = refusal(zipped(good(5) | {f"rare/{n}.jpg": patch("brick", 50 + n) for n in range(4)}))
    assert error.params == {"label": "rare", "count": 4, "files": 4, "limit": 5, "why": ""}
    nested = refusal(zipped({"a/more.zip": zipped(good(5)), "b/more.zip": zipped(good(6))}))
    assert (nested.code, nested.report.counts) == ("too_few", {"foreign": 2})


def test_the_same_name_or_picture_many_times_counts_once(refusal):
    same = [(f"{label}/0.jpg", patch("brick", 0)) for label in "ab" for _ in range(5)]
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zipped(same)
    error = refusal(content)
    assert (error.code, error.report.counts) == ("too_few", {"twice": 4, "two_classes": 5})


def test_what_is_no_zip(refusal):
    whole = zipped(good(5))
    for length in (len(whole) - 1, len(whole) // 2, 100, 4):
        assert refusal(whole[:length]).code == "damaged"
    for content in (b"", b"PK", b"<html>", patch("brick", 0), bytes(100_000), b"PK\5\6" + bytes(10)):
        assert refusal(content).code == "not_a_zip"


def test_a_list_of_contents_elsewhere_than_it_says(refusal):
    whole = zipped(good(5))
    end = whole.rfind(b"PK\5\6")
    for size in (1, 45, len(whole), 0xFFFFFFF0):
        assert refusal(whole[: end + 12] + size.to_bytes(4, "little") + whole[end + 16 :]).code in (
            "damaged",
            "too_many_files",
        )


def test_names_in_odd_encodings(tmp_path):
    """UTF-8 that does not say so is read as such, and nothing of it is obeyed."""
    path = tmp_path / "upload.zip"
    files = {}
    for label in ("AAAAA", "CCCCC", "DDDDD"):
        files |= {f"{label}/{n}.jpg": patch("grass", 100 * ord(label[0]) + n) for n in range(5)}
    content = zipped(files)
    for placeholder, raw in ((b"AAAAA", "Käse".encode()), (b"CCCCC", b"a\x1b\x07\tb")):
        content = content.replace(placeholder, raw)
    path.write_bytes(content.replace(b"DDDDD", "x\u202ey".encode()))
    made = unpack(path, decode=lambda data: canonicalise(data, "photo").png)
    assert made.names == ("a b", "Käse", "xy")
    assert made.labels.bincount().tolist() == [5, 5, 5]


def test_bytes_that_are_no_utf8_though_they_say_so(refusal):
    content = zipped({"ä/0.jpg": patch("brick", 0)}).replace("ä".encode(), b"\xff\xfe")
    assert refusal(content).code == "damaged"


def test_mutations_are_taken_or_refused(tmp_path):
    """Never anything but a BadZip. Few pictures are whole then, so most are refused."""
    chance, path = random.Random(7), tmp_path / "upload.zip"
    whole = zipped({f"{label}/{n}.txt": bytes([n]) * 9 for label in "ab" for n in range(6)})
    codes = set()
    for _ in range(400):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            changed[chance.randrange(len(changed))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        path.write_bytes(changed)
        with pytest.raises(BadZip) as caught:
            unpack(path, decode=lambda data: canonicalise(data, "photo").png)
        codes.add(caught.value.code)
    assert {"damaged", "too_few", "encrypted"} <= codes
