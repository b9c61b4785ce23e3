"""The same attack on two networks: on which others an attack can be repeated, and where it has been already."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from inference.catalog.comparison import compare
from inference.catalog.configuration import DEFAULTS, SETTINGS
from inference.catalog.protocols import iterated
from webapp.core.shown import protocol_words
from webapp.core.words import counted, listed, percents
from webapp.jobs.models import IN_VAIN
from webapp.jobs.serializers import job_json
from webapp.lab.comparison_words import Side, comparison
from webapp.lab.models import Attack
from webapp.lab.sentence import exact_percent
from webapp.lab.wording import Shown
from webapp.registry.describe import name_of
from webapp.registry.models import ModelVersion
from webapp.visitors.models import Visitor

# What makes a training adversarial, and by what its best epoch is chosen; all else can be alike in a plain twin.
HARDENING = ("adversarial", "attack_steps", "warmup", "epsilon", "metric", "robust_pictures")


def siblings(version: ModelVersion) -> list[ModelVersion]:
    """The other live versions that see the same pictures and know the same classes."""
    live = ModelVersion.objects.filter(live=True, classifier__preparation=version.classifier.preparation)
    others = live.exclude(pk=version.pk).select_related("classifier").order_by("classifier_id")
    return [other for other in others if other.labels == version.labels]


def is_hardened(version: ModelVersion) -> bool:
    """Whether the network was trained on attacked pictures, as its card says."""
    return version.card.get("config", {}).get("adversarial", "off") != "off"


def compared(versions: Sequence[ModelVersion]) -> dict[str, Any]:
    """What each card says of its test set, plain and under the strongest PGD that all of them were tried with."""
    protocol = _strongest([_under_pgd(version) for version in versions])
    rows = [
        {
            "name": name_of(version),
            "hardened": is_hardened(version),
            "clean": _share(version.card.get("test")),
            "attacked": _share(_under_pgd(version).get(protocol)),
        }
        for version in versions
    ]
    told = protocol_words(_under_pgd(versions[0])[protocol]["protocol"]) if protocol else ""
    return {"rows": rows, "protocol": told, "cost": _cost(versions)}


def _under_pgd(version: ModelVersion) -> dict[str, Mapping[str, Any]]:
    """Protocol, as it is written beside a figure -> what was measured."""
    return iterated(version.card.get("test", {}))


def _strongest(tried: Sequence[Mapping[str, Mapping[str, Any]]]) -> str:
    """The protocol with the most steps of those that every network was tried with; "" if there is none."""

    def strength(text: str) -> int:
        protocol = tried[0][text]["protocol"]
        return protocol["steps"] * protocol["restarts"]

    return max((text for text in tried[0] if all(text in other for other in tried)), key=strength, default="")


def _cost(versions: Sequence[ModelVersion]) -> str:
    """How much less a hardened network is right on plain pictures, in a sentence; else "".

    Only where the same pictures show it, one by one, beyond noise. It is told as the hardening's price only beside a
    twin that was trained alike in everything else, and as what one pair of trainings tells.
    """
    tested = [version for version in versions if version.card.get("test")]
    hardened = next(filter(is_hardened, tested), None)
    others = [version for version in tested if not is_hardened(version)]
    if hardened is None or not others:
        return ""
    twin = next((other for other in others if not _differing(hardened, other)), None)
    standard = twin or others[0]
    if not _surely_less(hardened, standard):
        return ""
    right, without = (version.card["test"]["accuracy"] for version in (hardened, standard))
    words = {
        "hardened": exact_percent(right),
        "standard": exact_percent(without),
        "twin": name_of(standard),
        "settings": listed(gettext(SETTINGS[name].label) for name in _differing(hardened, standard)),
    }
    return _cost_worded(twin is not None) % words


def _surely_less(ours: ModelVersion, theirs: ModelVersion) -> bool:
    """Whether ours is right on fewer of the same test pictures, beyond noise."""
    sets = {version.card.get("dataset", {}).get("sha256") for version in (ours, theirs)}
    found = compare(ours.card["test"], theirs.card["test"]) if len(sets) == 1 else None
    return found is not None and found.shown and found.difference < 0


def _cost_worded(alike: bool) -> str:
    if alike:
        return gettext(
            "Being hardened has its price, as far as one pair of trainings tells: %(hardened)s of the plain test "
            "pictures right, not %(standard)s as %(twin)s that was trained alike but for the attacks."
        )
    return gettext(
        "The hardened network is right on %(hardened)s of the plain test pictures, not %(standard)s. What part of it "
        "is the price of hardening these two do not tell: they differ in more (%(settings)s)."
    )


def _differing(hardened: ModelVersion, other: ModelVersion) -> list[str]:
    """The settings, beside those of the hardening itself, in which two trainings differ."""
    ours, theirs = (DEFAULTS | version.card.get("config", {}) for version in (hardened, other))
    return [name for name in SETTINGS if name not in HARDENING and ours[name] != theirs[name]]


def _share(measured: Mapping[str, Any] | None) -> str:
    """So many of so many, and the share; a dash where nothing was measured."""
    if not measured:
        return "–"
    share = measured["right"] / measured["of"]
    rate = percents(f"{share * 100:.0f}") if share in (0, 1) else exact_percent(share)  # a true 0 is told as 0
    words = {name: counted(measured[name]) for name in ("right", "of")}
    return gettext("%(right)s of %(of)s (%(rate)s)") % {**words, "rate": rate}


def repetitions(attack: Attack, visitor: Visitor | None) -> dict[str, dict[str, Any]]:
    """By the other version's identity: the same attack on it, its sweep, and what is said of both when both are judged.

    Of those the visitor may see.
    """
    others = siblings(attack.job.answered_by)
    same = Attack.objects.filter(picture=attack.picture, attack=attack.attack, job__version__in=others)
    rows = same.exclude(job__status__in=IN_VAIN).select_related("job__version__classifier")
    seen = rows.filter(job__visitor=None) | (rows.filter(job__visitor=visitor) if visitor else rows.none())
    found = [row for row in seen.order_by("job__created") if row.params == attack.params]
    return {row.job.answered_by.identity: _repeated(attack, row) for row in found}


def _repeated(attack: Attack, other: Attack) -> dict[str, Any]:
    mine, theirs = attack.current_sweep(), other.current_sweep()
    both = mine and theirs and mine.result and theirs.result
    return {
        "attack": job_json(other.job),
        "sweep": job_json(theirs.job) if theirs else None,
        "words": comparison(*_sides(attack, other)) if both else None,
    }


def _sides(attack: Attack, other: Attack) -> list[Side]:
    """Both networks, the page's own first; the colours of the chart are by hardening, where that tells them apart."""
    versions = [attack.job.answered_by, other.job.answered_by]
    roles = ["standard", "hardened"]
    if is_hardened(versions[0]) and not is_hardened(versions[1]):
        roles.reverse()
    shown = [
        Shown.of(row, version, sweep.result)
        for row, version in zip((attack, other), versions, strict=True)
        if (sweep := row.current_sweep())
    ]
    return [Side(one, role) for one, role in zip(shown, roles, strict=True)]
