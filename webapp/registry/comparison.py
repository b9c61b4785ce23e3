"""A version beside the live one: compared picture by picture, and only where both were tested alike."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

from inference.catalog.comparison import Paired, compare
from inference.catalog.protocols import TESTED
from webapp.core.shown import protocol_words, shown
from webapp.core.words import beside, clauses
from webapp.registry.models import ModelVersion

Figure = Mapping[str, Any]

TINY = 0.0001
NAMED = 8  # hex digits of a test set's hash
COMPARED = {
    "": gettext_noop("Test pictures as they are"),
} | {name: protocol.compared for name, protocol in TESTED.items() if protocol.compared}


def how_it_is_worse(version: ModelVersion) -> str:
    """In which figures the candidate is behind the live version beyond noise, in a sentence; nothing if in none."""
    behind = [words for words, found in _each_figure(version) if found and found.shown and found.difference < 0]
    if not behind:
        return ""
    return gettext("This version is worse than the live one: %(figures)s.") % {"figures": clauses(behind)}


def cannot_compare(version: ModelVersion) -> str:
    """Which figures say nothing beside the live version's, and why, in a sentence; nothing where all of them do."""
    blind = [words for words, found in _each_figure(version) if found is None]
    return _ended(clauses(blind)) if blind else ""


def compared_with_live(version: ModelVersion) -> list[str]:
    """How the version compares with the live one, or why it does not, a sentence each; none where it is live."""
    return [_ended(words) for words, _found in _each_figure(version)]


def _ended(words: str) -> str:
    return gettext("%(sentence)s.") % {"sentence": words}


def _each_figure(version: ModelVersion) -> list[tuple[str, Paired | None]]:
    """(words, what was found): None where figures cannot be compared, and the words say why."""
    live = version.classifier.versions.filter(live=True).exclude(pk=version.pk).first()
    if live is None:
        return []
    if why := _other_pictures(version, live):
        words = gettext("This version cannot be compared with the live one: %(why)s") % {"why": why}
        return [(words, None)]
    return [_compared(gettext(name), _figure(version, key), _figure(live, key)) for key, name in COMPARED.items()]


def _compared(name: str, ours: Figure, theirs: Figure) -> tuple[str, Paired | None]:
    if found := compare(ours, theirs):
        return _words(name, found), found
    words = gettext("%(name)s cannot be compared with the live one: %(why)s")
    return words % {"name": name, "why": _other_protocol(ours, theirs)}, None


def _other_pictures(version: ModelVersion, live: ModelVersion) -> str:
    """Why no figure of the two is of the same test set; nothing where all may be."""
    ours, theirs = _test_set(version), _test_set(live)
    if not ours or not version.card.get("test"):
        return gettext("it is not known which test pictures this version was judged on")
    if not theirs or not live.card.get("test"):
        return gettext("it is not known which test pictures the live one was judged on")
    if ours == theirs:
        return ""
    template = gettext("they were judged on other test pictures: this one on those of %(ours)s, that one of %(theirs)s")
    return template % {"ours": ours, "theirs": theirs}


def _other_protocol(ours: Figure, theirs: Figure) -> str:
    """Why two figures of one test set cannot be compared picture by picture."""
    if not ours.get("of"):
        return gettext("this version was not judged so")
    if not theirs.get("of"):
        return gettext("the live one was not judged so")
    if ours["of"] != theirs["of"]:
        template = gettext("this version was judged on %(ours)s pictures and the live one on %(theirs)s")
        return template % {"ours": f"{ours['of']:,}", "theirs": f"{theirs['of']:,}"}
    protocols = [figure.get("protocol") for figure in (ours, theirs)]
    if protocols[0] != protocols[1]:
        template = gettext("this version was judged under %(ours)s and the live one under %(theirs)s")
        names = [protocol_words(protocol) if protocol else gettext("no attack") for protocol in protocols]
        return template % dict(zip(("ours", "theirs"), names, strict=True))
    return gettext("it is not known of both which of the pictures were right")


def _test_set(version: ModelVersion) -> str:
    """The pictures that a version was tested on: the dataset's name and the beginning of its hash."""
    dataset = version.card.get("dataset", {})
    return beside(shown(dataset["name"]), dataset["sha256"][:NAMED]) if dataset.get("sha256") else ""


def _figure(version: ModelVersion, key: str) -> Figure:
    test = version.card.get("test") or {}
    return test.get(key, {}) if key else test


def _signed(share: float) -> str:
    """In points, with a minus that is as long as the plus."""
    return f"{100 * share:+.2f}".replace("-", "\u2212")


def _words(name: str, found: Paired) -> str:
    low, high = found.interval()
    words = {
        "name": name,
        "lost": f"{found.lost:,}",
        "gained": f"{found.gained:,}",
        "of": f"{found.of:,}",
        "points": _signed(found.difference),
        "low": _signed(low),
        "high": _signed(high),
        "p": f"p = {found.p:.2g}" if found.p >= TINY else f"p < {TINY}",
    }
    if not found.shown:
        template = gettext(
            "%(name)s: no difference shown, %(p)s: %(lost)s of %(of)s right with the live one alone against "
            "%(gained)s with this one alone"
        )
    else:
        template = gettext(
            "%(name)s: %(points)s points, %(p)s: %(lost)s of %(of)s right with the live one alone against "
            "%(gained)s with this one alone (95 %% interval of the difference %(low)s to %(high)s points)"
        )
    return template % words
