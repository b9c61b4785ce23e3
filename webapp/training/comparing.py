"""A version beside the live one: compared picture by picture, and only where both were tested alike."""

from django.utils.translation import gettext, gettext_noop

from inference.comparison import Paired, compare
from webapp.registry.models import ModelVersion

TINY = 0.0001
COMPARED = {
    "": gettext_noop("Test pictures as they are"),
    "worst": gettext_noop("Test pictures under the worst of five starts of PGD-50"),
}


def how_it_is_worse(version: ModelVersion) -> str:
    """In which figures the candidate is behind the live version beyond noise, in a sentence; nothing if in none."""
    behind = [told for told, found in _beside_live(version) if found.shown and found.difference < 0]
    if not behind:
        return ""
    return gettext("This version is worse than the live one: %(figures)s.") % {"figures": "; ".join(behind)}


def beside_live(version: ModelVersion) -> list[str]:
    """How the version compares with the live one, a sentence a figure; none where it is live or nothing compares."""
    return [f"{told}." for told, _found in _beside_live(version)]


def _beside_live(version: ModelVersion) -> list[tuple[str, Paired]]:
    live = version.classifier.versions.filter(live=True).exclude(pk=version.pk).first()
    if live is None or not _test_set(live) or _test_set(live) != _test_set(version):
        return []
    found = [(name, compare(_figure(version, key), _figure(live, key))) for key, name in COMPARED.items()]
    return [(_words(gettext(name), paired), paired) for name, paired in found if paired]


def _test_set(version: ModelVersion) -> str | None:
    """What names the pictures that a version was tested on."""
    return version.card.get("dataset", {}).get("sha256")


def _figure(version: ModelVersion, key: str) -> dict[str, object]:
    test = version.card.get("test") or {}
    return test.get(key, {}) if key else test


def _signed(share: float) -> str:
    """In points, with a minus that is as long as the plus."""
    return f"{100 * share:+.2f}".replace("-", "\u2212")


def _words(name: str, found: Paired) -> str:
    low, high = found.interval()
    words = {
        "name": name,
        "lost": found.lost,
        "gained": found.gained,
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
