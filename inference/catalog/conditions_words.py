"""What is different when a training goes on elsewhere, in words: templates to be translated when read. No torch."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypedDict

from attacks.words import gettext_noop as _


class Change(TypedDict):
    """One condition that is not what it was; before is None where nobody wrote it down."""

    name: str  # a key of NAMES, or a package's name, which is nobody's to translate
    now: str
    before: str | None


NAMES: Mapping[str, str] = MappingProxyType(
    {"device": _("device"), "processor": _("processor"), "threads": _("threads")}
)
CHANGED, NEW = _("%(name)s %(now)s, before %(before)s"), _("%(name)s %(now)s, before unknown")


def worded(change: Change, translate: Callable[[str], str] = str) -> str:
    """The change in words: "threads 2, before 1"."""
    template = translate(NEW if change["before"] is None else CHANGED)
    return template % {**change, "name": translate(NAMES.get(change["name"], change["name"]))}
