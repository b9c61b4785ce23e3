"""Names that are data, as a page shows them: what comes with Gibbon in the reader's language, all else as it is."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from attacks.catalog import ATTACKS
from inference.catalog.names_words import KNOWN
from inference.catalog.networks import NETWORKS
from inference.catalog.preparations import PREPARATIONS
from inference.catalog.protocols import worded

NETWORK_NAMES = frozenset(record.name for record in NETWORKS.values())
HARDENED = ", hardened"  # how the network of a dataset is called that was taught on attacked pictures


def shown(name: str) -> str:
    """The name of a network, a dataset, a classifier or a sample."""
    if name.endswith(HARDENED) and name not in KNOWN:
        return gettext("%(name)s, hardened") % {"name": shown(name.removesuffix(HARDENED))}
    network, dot, dataset = name.partition(" · ")  # a version that was made here
    if dot and network in NETWORK_NAMES:
        return f"{gettext(network)}{dot}{shown(dataset)}"
    return gettext(name) if name in KNOWN else name


def attack_name(slug: str) -> str:
    """What an attack is called; one that is there no more by its slug."""
    return gettext(ATTACKS[slug].name) if slug in ATTACKS else slug


def network_name(slug: str) -> str:
    """What a network is called; one that is there no more by its slug."""
    return shown(NETWORKS[slug].name) if slug in NETWORKS else slug


def preparation_name(slug: str) -> str:
    """What pictures of that preparation show, in a word or two."""
    return gettext(PREPARATIONS[slug].shows) if slug in PREPARATIONS else slug


def protocol_words(protocol: Mapping[str, Any]) -> str:
    """A card's protocol as it stands beside a figure."""
    return worded(protocol, gettext, ngettext)
