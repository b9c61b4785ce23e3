"""Small words in the reader's language: percents, what stands between sentences and between the items of a list."""

from collections.abc import Iterable

from django.utils.translation import get_language, gettext

FULL_WIDTH = ("zh",)  # languages whose punctuation brings its own space


def counted(number: int) -> str:
    """With a comma after the thousands; Django writes Chinese without, in groups of four digits."""
    return f"{number:,}"


def percents(number: str) -> str:
    """A number that is a percentage, with its sign; the number as it is to be shown."""
    return (gettext("%(number)s %%") % {"number": number}).replace(" ", "\u202f")  # narrow, and never at a line's end


def run_on(sentences: Iterable[str]) -> str:
    """Sentences one after the other."""
    return ("" if _full_width() else " ").join(sentences)


def listed(items: Iterable[str]) -> str:
    """The items of a list."""
    return ("、" if _full_width() else ", ").join(items)


def clauses(items: Iterable[str]) -> str:
    """Items that are long, or hold commas of their own."""
    return ("；" if _full_width() else "; ").join(items)


def _full_width() -> bool:
    return (get_language() or "").startswith(FULL_WIDTH)
