"""What everybody who reads the card of a version takes for granted of it, tested once, where it comes in.

Values count as much as names: a mean that is no number gives probabilities that are none, a size of ten million fills
the memory. Figures, dates and curves are not looked at: no network needs them. Imports no torch.
"""

from collections.abc import Callable, Mapping
from typing import Any

from attacks.options import LEVELS, OptionError, check
from inference.catalog.networks import NETWORKS
from inference.catalog.preparations import PREPARATIONS, preparation_of

SAFE = ".safetensors"  # no other kind of weights lies beside a card
LARGE = 1e6  # of what pixels from 0 to 255 are shifted and scaled by


def is_text(found: Any) -> bool:
    """Whether it can be written, and be the name of a file; half a surrogate pair or a NUL cannot."""
    try:
        return isinstance(found, str) and b"\0" not in found.encode() and found != ""
    except UnicodeEncodeError:
        return False


def is_string(found: Any) -> bool:
    return isinstance(found, str)


def is_levels(found: Any) -> bool:
    return type(found) is int and 1 <= found <= LEVELS  # a truth value is an int, too


def is_mean(found: Any) -> bool:
    return type(found) in (int, float) and abs(found) <= LARGE  # NaN is not


def is_deviation(found: Any) -> bool:
    return is_mean(found) and found >= 1 / LARGE


def each(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """The test of a list with something in it, all of which passes."""
    return lambda found: isinstance(found, list) and found != [] and all(map(test, found))


NEEDED: Mapping[str, Any] = {  # of a card, without which no network can be built and used
    "name": is_text,
    "labels": each(is_text),
    "levels": is_levels,
    "network": is_text,
    "preparation": is_text,
    "input_size": lambda found: type(found) is int,
    "normalisation": {"mean": each(is_mean), "std": each(is_deviation)},
    "weights": {"file": is_text, "sha256": is_string},
}
OFTEN: Mapping[str, Any] = {  # what not every card has
    "epsilon": is_levels,
    "options": {},
    "dataset": {},
}
NAMED: Mapping[str, Any] = {  # the same within what NEEDED and OFTEN name
    "dataset": {"slug": is_string, "sha256": is_text},
    "weights": {"package": lambda found: is_text(found) and found.isidentifier()},
}


def is_card(facts: Any) -> bool:
    """Whether a network can be built and used by what this JSON says."""
    if not _has(facts, NEEDED) or not _has_where_told(facts, OFTEN):
        return False
    if not all(_has_where_told(facts.get(name, {}), wanted) for name, wanted in NAMED.items()):
        return False
    if "package" not in facts["weights"] and not facts["weights"]["file"].endswith(SAFE):
        return False
    return preparation_of(facts) in PREPARATIONS and facts["network"] in NETWORKS and _fits(facts)


def _fits(facts: Mapping[str, Any]) -> bool:
    """Whether the network takes such pictures and such options."""
    network, channels = NETWORKS[facts["network"]], PREPARATIONS[preparation_of(facts)].channels
    low, high = network.sizes
    if channels not in network.colours or not low <= facts["input_size"] <= high:
        return False
    mean, deviation = (len(facts["normalisation"][name]) for name in ("mean", "std"))
    if len(facts["normalisation"]) > 2 or mean != deviation or mean not in (1, channels):
        return False
    return _can_be_built(network.options, facts.get("options", {}))


def _can_be_built(known: tuple[str, ...], options: Mapping[str, Any]) -> bool:
    from inference.catalog.configuration import SETTINGS  # whose sentences name classes, which stand in cards

    try:
        for name in known:
            if name in options:
                check(SETTINGS[name], options[name])
    except OptionError:
        return False
    return True


def _has(found: Any, wanted: Any) -> bool:
    """Whether it passes the test, or is an object with all that is wanted in it."""
    if callable(wanted):
        return bool(wanted(found))
    return isinstance(found, dict) and all(name in found and _has(found[name], one) for name, one in wanted.items())


def _has_where_told(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return _has(found, {name: one for name, one in wanted.items() if name in found})
