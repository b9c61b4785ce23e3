"""Names that are data, as a page shows them: what comes with Gibbon in the reader's language, all else as it is."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from inference.catalog.names_words import KNOWN
from inference.catalog.protocols import worded

HARDENED = ", hardened"  # how the network of a dataset is called that was taught on attacked pictures


def shown(name: str) -> str:
    """The name of a network, a dataset, a classifier or a sample."""
    if name.endswith(HARDENED) and name not in KNOWN:
        return gettext("%(name)s, hardened") % {"name": shown(name.removesuffix(HARDENED))}
    return gettext(name) if name in KNOWN else name


def protocol_words(protocol: Mapping[str, Any]) -> str:
    """A card's protocol as it stands beside a figure."""
    return worded(protocol, gettext, ngettext)
