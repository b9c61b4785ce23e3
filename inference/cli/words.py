"""The command line's words, in the language of LANGUAGE, LC_ALL, LC_MESSAGES or LANG: the site's catalogue, read by the
standard library."""

import gettext as library
import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from attacks.words import BESIDE, SAID_OF
from attacks.words import gettext_noop as _
from inference.assets import ROOT
from inference.catalog import messages
from inference.catalog.class_names import class_name
from inference.catalog.results import Class

LOCALE, DOMAIN = ROOT / "locale", "django"
CHINESE = "zh_Hans"
ARGPARSE = (  # what argparse says of itself
    _("usage: "),
    _("positional arguments"),
    _("options"),
    _("show this help message and exit"),
    _("argument %(argument_name)s: %(message)s"),
    _("the following arguments are required: %s"),
    _("unrecognized arguments: %s"),
    _("expected one argument"),
    _("ignored explicit argument %r"),
    _("not allowed with argument %s"),
    _("invalid choice: %(value)r (choose from %(choices)s)"),
    _("ambiguous option: %(option)s could match %(matches)s"),
)


def speak() -> None:
    """Lets argparse, which asks the standard library for its words, find them too."""
    if wanted():
        os.environ["LANGUAGE"] = ":".join(wanted())
        library.bindtextdomain(DOMAIN, LOCALE)
        library.textdomain(DOMAIN)


def wanted() -> list[str]:
    """The catalogues that the environment asks for, best first, up to English; none is English."""
    named = (os.environ.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    found: list[str] = []
    for one in next(filter(None, named), "").split(":"):
        if not one.startswith("zh"):
            break
        found.append(CHINESE)
    return found


def language() -> str:
    """As the site's settings write it."""
    return "zh-hans" if wanted() else "en"


def called(entry: Class, dataset: str) -> str:
    """A class of that dataset; its label where the dataset is not known."""
    return class_name(dataset, entry.index, entry.label, language())


def gettext(message: str) -> str:
    """The message in the reader's language."""
    return _catalogue(tuple(wanted())).gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The same of a message that counts something."""
    return _catalogue(tuple(wanted())).ngettext(one, many, count)


def told(error: BaseException) -> str:
    """An error's sentence: translated where it carries its template with the values."""
    template = getattr(error, "template", None) or getattr(error, "message", "")
    values: Any = getattr(error, "values", None) or getattr(error, "params", None)
    return worded(template, values) if template else str(error)


def worded(template: str, values: Mapping[str, Any] | None = None) -> str:
    """A message with its values, in the reader's language."""
    return messages.worded(template, values, gettext, language())


def beside(name: str, more: object) -> str:
    """A name with what tells it from others of that name."""
    return gettext(BESIDE) % {"name": name, "more": more}


def said_of(name: str, said: str) -> str:
    """What holds for one of several."""
    return gettext(SAID_OF) % {"name": name, "said": said}


def clauses(items: Iterable[str]) -> str:
    """Items that are long, or hold commas of their own."""
    return messages.clauses(items, language())


def listed(items: Iterable[str]) -> str:
    """The items of a list."""
    return messages.listed(items, language())


@cache
def _catalogue(languages: tuple[str, ...]) -> library.NullTranslations:
    return library.translation(DOMAIN, LOCALE, languages=list(languages), fallback=True)
