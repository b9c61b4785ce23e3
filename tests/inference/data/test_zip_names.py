"""The names in a ZIP are read as they were written, whatever the computer that wrote them."""

import struct
import zipfile
import zlib

import pytest

from inference.data.zip_names import ENCODINGS, find_encoding, guess, read_names
from inference.data.zip_refusal import BadZip

WORDS = {  # each ZIP's classes, as bytes of what the system of that country writes
    "gb18030": [("猫", "狗"), ("苹果", "香蕉"), ("好", "坏"), ("联通", "移动")],
    "big5hkscs": [("貓", "狗"), ("蘋果", "香蕉"), ("正常", "異常"), ("功能", "許可")],
    "cp932": [("猫", "犬"), ("表", "裏"), ("ネコ", "イヌ"), ("りんご", "バナナ"), ("Tシャツ", "靴")],
    "cp949": [("고양이", "개"), ("사과", "바나나"), ("정상", "비정상")],
    "cp866": [("кошки", "собаки"), ("КОТ", "ПЁС"), ("норма", "дефект")],
    "cp1251": [("кошки", "собаки"), ("КОТ", "ПЁС"), ("норма", "дефект")],
    "cp852": [("kočka", "pes"), ("kot", "żółw")],
    "cp1253": [("γάτα", "σκύλος")],
    "cp737": [("γάτα", "σκύλος")],
    "cp857": [("ağaç", "çiçek")],
    "cp1255": [("חתול", "כלב")],
    "cp862": [("חתול", "כלב")],
    "cp1256": [("قطة", "كلب")],
    "cp1252": [("mèo", "chó"), ("Äpfel", "Birnen"), ("chien", "éléphant"), ("niño", "niña")],
    "cp850": [("Vögel", "Hunde"), ("chien", "éléphant"), ("niño", "niña")],
    "utf-8": [("猫", "狗"), ("Käse", "Brot")],
}


def entry(raw: bytes, extra: bytes = b"") -> zipfile.ZipInfo:
    """As `zipfile` reads it: bytes without the flag as CP437."""
    info = zipfile.ZipInfo("x")
    info.orig_filename, info.extra = raw.decode("cp437"), extra
    return info


def unicode_path(raw: bytes, name: str, version: int = 1) -> bytes:
    told = name.encode()
    return struct.pack("<2HBL", 0x7075, 5 + len(told), version, zlib.crc32(raw)) + told


@pytest.mark.parametrize(("encoding", "words"), [(key, words) for key, sets in WORDS.items() for words in sets])
def test_the_encoding_is_found_by_all_names_together(encoding, words):
    names = [f"{word}/{number}.jpg" for word in words for number in range(5)]
    read = read_names([entry(name.encode(encoding)) for name in names])
    assert list(read.names) == names
    assert read.guessed == (encoding != "utf-8")


def is_in(word, encoding):
    try:
        return bool(word.encode(encoding))
    except UnicodeEncodeError:
        return False


def test_an_encoding_is_known_by_many_names():
    said = {"gbk": "gb18030", "Shift_JIS": "cp932", "windows-1251": "cp1251", "cp950": "big5hkscs", "latin-1": "cp1252"}
    assert {name: find_encoding(name) for name in said} == said
    with pytest.raises(LookupError):
        find_encoding("iso8859-5")


@pytest.mark.parametrize("encoding", [key for key in ENCODINGS if key])
def test_an_encoding_that_was_chosen_is_used_whatever_the_names_look_like(encoding):
    word = next(word for word in ("表", "개", "кот", "é", "γ", "ח", "ق", "ğ", "ด") if is_in(word, encoding))
    read = read_names([entry(f"{word}/0.jpg".encode(encoding))], encoding)
    assert read.names == (f"{word}/0.jpg",) and not read.guessed


def test_plain_names_need_no_guess():
    read = read_names([entry(b"cat/0.jpg"), entry(b"dog/0.jpg")])
    assert (read.encoding, read.guessed) == ("", False)


def test_the_unicode_path_is_believed_where_its_checksum_fits():
    raw = "猫/0.jpg".encode("gbk")
    other = struct.pack("<2H", 0x5455, 5) + b"\1\0\0\0\0"
    assert read_names([entry(raw, other + unicode_path(raw, "猫/0.jpg"))]).names == ("猫/0.jpg",)
    for stale in (unicode_path(b"renamed", "狗/0.jpg"), unicode_path(raw, "狗/0.jpg", version=2), other[:6]):
        assert read_names([entry(raw, stale)], "gb18030").names == ("猫/0.jpg",)
    with pytest.raises(BadZip, match="outside"):
        read_names([entry(b"cat/0.jpg", unicode_path(b"cat/0.jpg", "../0.jpg"))])


def test_a_byte_inside_a_character_is_no_separator():
    assert "表/0.jpg".encode("cp932")[1:2] == b"\\"
    assert read_names([entry("表\\0.jpg".encode("cp932"))], "cp932").names == ("表/0.jpg",)


def test_a_wrong_choice_garbles_and_never_fails():
    read = read_names([entry("猫/0.jpg".encode("gbk"))], "utf-8")
    assert read.names[0].endswith("/0.jpg")


def test_a_guess_is_quick_however_many_names_there_are():
    assert guess([f"{number} кошка {number}/x.jpg".encode("cp866") for number in range(20_000)]) == "cp866"
