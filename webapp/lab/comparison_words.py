"""Two networks under the same attack: when each leaves its first answer, in one sentence, and what makes it unfair."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from webapp.lab.class_words import called
from webapp.lab.sentence import split
from webapp.lab.wording import Shown, parts

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Side:
    """One of the two: its attack, swept, and the part it plays in the chart (standard or hardened)."""

    shown: Shown
    role: str

    @property
    def breaks_at(self) -> float | None:
        """The first budget at which its first answer is left."""
        return self.shown.sweep["breaks_at"] if self.shown.sweep else None

    @property
    def first(self) -> Json:
        """What it said before anything was changed."""
        found: Json = self.shown.result["label_from"]
        return found


def comparison(mine: Side, theirs: Side) -> dict[str, Any]:
    """The sentence in its parts, and the caveat; "" if there is none."""
    return {"sentence": parts(_sentence(mine, theirs)), "caveat": _caveat(mine, theirs)}


def _sentence(mine: Side, theirs: Side) -> list[tuple[str, str]]:
    """Whose answer changes first is named first."""
    weak, strong = sorted((mine, theirs), key=lambda side: float("inf") if side.breaks_at is None else side.breaks_at)
    last = strong.shown.sweep and strong.shown.sweep["points"][-1]["value"]
    words = {
        "weak": (weak.shown.network, weak.role),
        "strong": (strong.shown.network, strong.role),
        "at": (weak.shown.budget(weak.breaks_at), ""),
        "later": (strong.shown.budget(strong.breaks_at), ""),
        "last": (strong.shown.budget(last), ""),
    }
    return split(_template(weak.breaks_at, strong.breaks_at), words)


def _template(first: float | None, second: float | None) -> str:
    if first is None:
        return gettext("One step changes the answer of neither %(weak)s nor %(strong)s at any level up to %(last)s.")
    if second is None:
        return gettext(
            "One step changes the answer of %(weak)s at %(at)s, that of %(strong)s at no level up to %(last)s."
        )
    if first == second:
        return gettext("One step changes the answers of %(weak)s and %(strong)s at %(at)s.")
    return gettext("One step changes the answer of %(weak)s at %(at)s, that of %(strong)s not before %(later)s.")


def _caveat(mine: Side, theirs: Side) -> str:
    """They were wrong before anything was changed, or did not agree."""
    truth = mine.shown.result["truth"]
    wrong = [side for side in (mine, theirs) if truth and side.first["index"] != truth["index"]]
    if len(wrong) == 2:
        return gettext(
            "This picture shows: %(truth)s. Both networks are wrong before anything is changed, so neither is broken "
            "here."
        ) % {"truth": called(truth)}
    if wrong:
        words = {"truth": called(truth), "name": wrong[0].shown.network, "label": called(wrong[0].first)}
        return (
            gettext(
                "This picture shows: %(truth)s. %(name)s says %(label)s before anything is changed, so it is not the "
                "attack that breaks it."
            )
            % words
        )
    if mine.first["index"] != theirs.first["index"]:
        words = {
            "mine": mine.shown.network,
            "theirs": theirs.shown.network,
            "said": called(mine.first),
            "other": called(theirs.first),
        }
        return (
            gettext(
                "They do not agree to begin with: %(mine)s says %(said)s, %(theirs)s says %(other)s. Each curve "
                "follows what its own network said."
            )
            % words
        )
    return ""
