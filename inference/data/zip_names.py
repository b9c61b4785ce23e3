"""The names in a ZIP: read from their bytes in the right encoding, with "/" between folders, and leading nowhere else.

A ZIP says of a name that it is UTF-8, or says nothing; then it is in the encoding of the computer that made the ZIP.
"""

import codecs
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from attacks.words import gettext_noop
from inference.catalog.names import cleaned
from inference.data.zip_refusal import BadZip, shown

GUESS = ""
ENCODINGS: Mapping[str, str] = {  # as Python calls them; the likelier first
    GUESS: gettext_noop("find out"),
    "utf-8": "UTF-8",
    "gb18030": gettext_noop("GBK, simplified Chinese"),
    "big5hkscs": gettext_noop("Big5, traditional Chinese"),
    "cp932": gettext_noop("Shift-JIS, Japanese"),
    "cp949": gettext_noop("EUC-KR, Korean"),
    "cp866": gettext_noop("CP866, Cyrillic (DOS)"),
    "cp1251": gettext_noop("CP1251, Cyrillic"),
    "cp1252": gettext_noop("CP1252, western Europe"),
    "cp850": gettext_noop("CP850, western Europe (DOS)"),
    "cp437": gettext_noop("CP437, the oldest ZIPs"),
    "cp852": gettext_noop("CP852, central Europe (DOS)"),
    "cp1253": gettext_noop("CP1253, Greek"),
    "cp737": gettext_noop("CP737, Greek (DOS)"),
    "cp857": gettext_noop("CP857, Turkish (DOS)"),
    "cp1255": gettext_noop("CP1255, Hebrew"),
    "cp862": gettext_noop("CP862, Hebrew (DOS)"),
    "cp1256": gettext_noop("CP1256, Arabic"),
    "cp1250": gettext_noop("CP1250, central Europe"),
    "cp1254": gettext_noop("CP1254, Turkish"),
    "cp874": gettext_noop("CP874, Thai"),
    "euc_jp": gettext_noop("EUC-JP, Japanese (Unix)"),
    "koi8-r": gettext_noop("KOI8-R, Cyrillic (Unix)"),
}
ONLY_CHOSEN = {"cp1250", "cp1254", "cp874", "euc_jp", "koi8-r"}  # looked for, they are found where others are right
GUESSED = tuple(name for name in ENCODINGS if name not in (GUESS, "utf-8", *ONLY_CHOSEN))
FLAG_UTF8 = 0x800
UNICODE_PATH = 0x7075  # the extra field's number (PKWARE's APPNOTE 4.6.9)
UNSAFE = re.compile(r"^/|\x00")
DRIVE = re.compile(r"[A-Za-z]:")
LOOKED_AT = 4096  # bytes; a guess is no better for more of them


@dataclass(frozen=True)
class Names:
    """The names of a ZIP's files in its order, and the encoding that was guessed or chosen for them, if one was."""

    names: tuple[str, ...]
    encoding: str  # a key of ENCODINGS; GUESS where every name says what it is
    guessed: bool


def read_names(infos: Iterable[zipfile.ZipInfo], encoding: str = GUESS) -> Names:
    """Every name, folders apart by "/"; BadZip for one that leads out of the ZIP.

    Believed first: the Unicode Path field, if its checksum fits; then the UTF-8 flag; then `encoding`, or what the
    bytes of all other names together look like.
    """
    read = [_certain(info) for info in infos]
    open_ = [name for name in read if isinstance(name, bytes)]
    chosen = encoding or (guess(open_) if open_ else GUESS)
    names = tuple(_separated(name if isinstance(name, str) else _decoded(name, chosen)) for name in read)
    used = bool(open_) and not (chosen == "utf-8" and not encoding)
    return Names(names, chosen if used else GUESS, guessed=used and not encoding)


def guess(names: Iterable[bytes]) -> str:
    """The encoding that these names look to be in, as a key of ENCODINGS: by all of them together."""
    import chardet  # here: workers need it for such ZIPs only

    words = sorted({word for name in names for word in re.split(rb"[/.\d -]", name) if not word.isascii()})
    text = _first(words)
    if _fits(text, "utf-8"):
        return "utf-8"
    fitting = [name for name in GUESSED if _fits(text, name)] or list(GUESSED)
    likely = [name for name in fitting if _is_plausible(text.decode(name, "replace"))] or fitting
    found = chardet.detect(text, include_encodings=likely, compat_names=False, no_match_encoding=likely[0])
    name = ALIASES.get(str(found["encoding"]).lower(), str(found["encoding"]).lower())
    return name if name in likely else likely[0]


def find_encoding(text: str) -> str:
    """The key of ENCODINGS that is meant by an encoding's name, as people write it; LookupError if none is."""
    name = codecs.lookup(text).name
    keys = {codecs.lookup(key).name: key for key in ENCODINGS if key}
    return keys[ALIASES[name]] if name in ALIASES else keys[name]


ALIASES = {  # of what chardet and people say, as Python calls it
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "iso8859-1": "cp1252",
}


def parts_of(name: str) -> tuple[str, ...]:
    """The parts of a name that count."""
    return tuple(part for part in name.split("/") if part not in ("", "."))


# --- One name -----------------------------------------------------------------------------------------------------


def _certain(info: zipfile.ZipInfo) -> str | bytes:
    """What the ZIP says the name is; its bytes, if it does not say. `orig_filename` keeps NULs that `zipfile` cuts."""
    flagged = bool(info.flag_bits & FLAG_UTF8)
    raw = info.orig_filename.encode("utf-8" if flagged else "cp437")
    stated = _unicode_path(info.extra, raw)
    if stated is not None:
        return stated
    return info.orig_filename if flagged or raw.isascii() else raw


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The name in the field of that number: version 1, the CRC-32 of the plain name, and UTF-8."""
    place = 0
    while place + 4 <= len(extra):
        number, length = struct.unpack_from("<2H", extra, place)
        field = extra[place + 4 : place + 4 + length]
        if number == UNICODE_PATH and length > 5 and field[0] == 1:
            fits = struct.unpack_from("<L", field, 1)[0] == zlib.crc32(raw)
            return field[5:].decode() if fits and _fits(field[5:], "utf-8") else None
        place += 4 + length
    return None


def _decoded(raw: bytes, encoding: str) -> str:
    """Bytes that the encoding does not have are shown as such."""
    return raw.decode(encoding, "backslashreplace").replace("\\x", "%")


def _separated(name: str) -> str:
    """With "/" for the "\\" that some systems write; BadZip if it is the name of a place outside of the ZIP.

    Decoded first: in Shift-JIS, GBK and Big5 a byte of a character may be that of "\\".
    """
    name = name.replace("\\", "/")
    parts = parts_of(name)
    seen = [cleaned(part) for part in parts]
    if UNSAFE.search(name.strip()) or ".." in seen or (seen and DRIVE.match(seen[0])):
        raise BadZip("unsafe_name", name=shown(parts) or "/")
    return name


# --- Guessing -----------------------------------------------------------------------------------------------------


def _first(words: list[bytes]) -> bytes:
    """Whole words, as many as are looked at."""
    kept: list[bytes] = []
    size = 0
    for word in words:
        size += len(word) + 1
        if kept and size > LOOKED_AT:
            break
        kept.append(word)
    return b"\n".join(kept)


def _fits(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_plausible(text: str) -> bool:
    """Whether these could be words: letters only, not of Latin and another script at once, no capital inside."""
    return all(_is_word(word) for word in text.split("\n"))


def _is_word(word: str) -> bool:
    letters = [char for char in word if not char.isascii()]
    if any(unicodedata.category(char)[0] not in "LMN" for char in letters):
        return False
    small_before_capital = any(
        one.islower() and two.isupper() and not (one + two).isascii() for one, two in pairwise(word)
    )
    return not small_before_capital and not _is_mixed(word)


def _is_mixed(word: str) -> bool:
    """Whether letters of Latin stand beside letters or marks of another script."""
    names = [unicodedata.name(char, "") for char in word if unicodedata.category(char)[0] in "LM"]
    return len({name.startswith("LATIN") for name in names if not name.startswith("COMBINING")}) > 1
