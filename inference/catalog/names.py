"""Names that people give: cleaned before they are kept, shortened only where they are shown. Imports nothing heavy."""

import unicodedata

JOINERS = "\u200c\u200d"  # letters' business in many scripts, and what joins emoji
BLANK = frozenset(  # of other categories than control and format, and yet nothing is seen of them
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0",
)
SHOWN = 60  # characters


def cleaned(text: str) -> str:
    """The name as it is kept: composed (NFC), blanks single, nothing that is invisible or turns the others around.

    Empty if nothing of it would be seen.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(char for place, char in enumerate(composed) if _stays(composed, place, char))
    name = " ".join(kept.split())
    return name if any(unicodedata.category(char)[0] in "LNPS" for char in name) else ""


def shortened(name: str, length: int = SHOWN) -> str:
    """For showing, never to tell names apart: the beginning and the end of a name that is too long."""
    if len(name) <= length:
        return name
    end = length // 3
    return f"{name[: length - end - 1].rstrip()}…{name[-end:].lstrip()}"


def _stays(text: str, place: int, char: str) -> bool:
    if char in JOINERS:
        return 0 < place < len(text) - 1 and _is_joined(text[place - 1]) and _is_joined(text[place + 1])
    if char.isspace():
        return True
    return unicodedata.category(char)[0] != "C" and char not in BLANK


def _is_joined(char: str) -> bool:
    """Whether a joiner beside it can mean something: letters and marks beyond Latin's, emoji."""
    return not char.isascii() and unicodedata.category(char)[0] in "LMS"
