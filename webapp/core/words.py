"""Small words in the reader's language: percents, what stands between sentences and between the items of a list."""

from collections.abc import Iterable

from django.utils.translation import get_language, gettext

from attacks.words import BESIDE, SAID_OF
from inference.catalog import messages


def counted(number: int) -> str:
    """With a comma after the thousands; Django writes Chinese without, in groups of four digits."""
    return f"{number:,}"


def percents(number: str) -> str:
    """A number that is a percentage, with its sign; the number as it is to be shown."""
    return (gettext("%(number)s %%") % {"number": number}).replace(" ", "\u202f")  # narrow, and never at a line's end


def beside(name: str, more: object) -> str:
    """A name with what tells it from others of that name."""
    return gettext(BESIDE) % {"name": name, "more": more}


def said_of(name: str, said: str) -> str:
    """What holds for one of several."""
    return gettext(SAID_OF) % {"name": name, "said": said}


def run_on(sentences: Iterable[str]) -> str:
    """Sentences one after the other."""
    return messages.run_on(sentences, get_language())


def listed(items: Iterable[str]) -> str:
    """The items of a list."""
    return messages.listed(items, get_language())


def clauses(items: Iterable[str]) -> str:
    """Items that are long, or hold commas of their own."""
    return messages.clauses(items, get_language())
