"""The verdict in one sentence, true for every attack, at every budget and for every outcome.

Told here only: pages, API and sockets hand the browser whole sentences, for each point of a sweep.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import get_language, gettext, ngettext

from inference.catalog.datasets import DATASETS
from webapp.core.words import percents, run_on
from webapp.lab.class_words import called

# Class names that take no article in English: masses, pairs and plurals.
BARE = {
    "binoculars", "brass", "broccoli", "carbonara", "chain mail", "chocolate sauce", "consomme", "corn", "dough",
    "eggnog", "face powder", "guacamole", "hair spray", "hay", "mashed potato", "parallel bars", "rapeseed",
    "red wine", "sunglasses", "sunscreen", "swimming trunks", "thatch", "toilet tissue", "velvet", "wool",
}  # fmt: skip
BARE |= {label.lower() for slug in ("signs", "gtsrb") for label in DATASETS[slug].labels}  # what a sign says is a name
# Beginnings whose first sound is not what their first letter says, and whole names.
WITH_A, WITH_AN = ("european", "unicycle"), ("hourglass", "8")
NUMBERS_WITH_AN = ("11", "18")
UNSURE = 0.5
LESS_SURE = 0.05

Part = tuple[str, str]


@dataclass(frozen=True)
class Facts:
    """What is known at one budget: the class before, the class now, the control and the target.

    `value` is the budget and `budget` its words, "2/255"; "" for an attack without one. `size` is how far a change
    went that is not told in levels. `attack` is its name; a `ray` is one step, along which every budget lies. `tries`
    is how many the control is the best of, where it is not one draw.
    """

    value: float | None
    original: Mapping[str, Any]
    top: Mapping[str, Any]
    control: Mapping[str, Any] | None = None
    target: Mapping[str, Any] | None = None
    p_target: float | None = None
    closest: Mapping[str, Any] | None = None
    reached_at: str = ""  # the first budget, in words, at which the target is named
    complete: bool = False
    zero_gradient: bool = False
    truth: Mapping[str, Any] | None = None  # what a sample shows: its label, and its index if it is among the classes
    attack: str = "FGSM"
    budget: str = ""
    size: str = ""
    ray: bool = True
    tries: int | None = None

    @property
    def wrong(self) -> bool:
        """Whether the answer was wrong before anything was changed, as far as anybody knows."""
        return self.truth is not None and self.truth["index"] != self.original["index"]

    @property
    def righted(self) -> bool:
        return self.wrong and self.truth is not None and self.truth["index"] == self.top["index"]

    @property
    def broken(self) -> bool:
        return bool(self.top["index"] != self.original["index"])

    @property
    def unsure(self) -> bool:
        return bool(self.original["probability"] < UNSURE)

    @property
    def in_words(self) -> bool:
        """Whether the budget is so few grey levels that they are counted in words."""
        return not self.size and self.value in NUMBERS

    @property
    def noise_breaks(self) -> bool:
        return self.control is not None and self.control["index"] != self.original["index"]


def case(facts: Facts) -> str:
    """The name of the case; the first that holds, from the most particular to the plain."""
    if facts.value == 0:
        return "start_unsure" if facts.unsure else "start"
    if facts.zero_gradient:
        return "zero_gradient"
    if facts.target is not None:
        return _targeted_case(facts)
    if facts.broken and facts.wrong:
        return ("righted" if facts.righted else "broken_wrong") + ("_by" if facts.size else "")
    if facts.broken:
        return _size_worded(facts, "broken")
    if facts.size or not facts.budget:
        return "held_by"
    lost = facts.original["probability"] - facts.top["probability"]
    return _first(
        {
            "held_unsure": facts.unsure,
            "shaken": facts.top["probability"] < UNSURE,
            "weaker": lost >= LESS_SURE,
            "held": True,
        }
    )


def remarks(facts: Facts) -> list[str]:
    """What must be said beside the case: the truth that was missed, that noise does it too, how little was to break."""
    found = case(facts)
    missed = ["missed"] if facts.wrong and found not in RIGHTED else []
    if found in SAY_ALL:
        return missed
    broken, control = found in BROKEN, "noise" if facts.tries is None else "tries"
    return missed + [
        name
        for name, holds in {
            f"{control}_too": broken and facts.noise_breaks,
            f"{control}_alone": not broken and facts.target is None and facts.noise_breaks,
            "unsure": facts.unsure and (broken or found == "held_unsure"),
        }.items()
        if holds
    ]


def sentence(facts: Facts) -> list[Part]:
    """The sentence as (text, role) parts; role is "", "before", "after" or "control" and decides the colour."""
    templates = [TEMPLATES[name](int(facts.value or 0)) for name in (case(facts), *remarks(facts))]
    return split(run_on(templates), _words(facts))


def split(template: str, words: Mapping[str, Part]) -> list[Part]:
    """`template` with its %(name)s filled in from `words`, cut where a role begins or ends."""
    pieces = _pieces(template)
    parts = [words[piece] if i % 2 else (piece, "") for i, piece in enumerate(pieces)]
    return [part for part in parts if part[0]]


@cache
def _pieces(template: str) -> tuple[str, ...]:
    """Text and names of words by turns; a sweep tells hundreds of sentences from few templates."""
    return tuple(re.split(r"%\((\w+)\)s", template))


def with_article(label: str) -> str:
    """The class name as an English sentence wants it, held together; other languages get the name alone."""
    if not (get_language() or "en").startswith("en"):
        return label
    low = label.lower()
    if low in BARE:
        return label
    if any(low.startswith(word) for word in WITH_A):
        return f"a\u00a0{label}"
    if low[0] in "aeiou" or low in NUMBERS_WITH_AN or any(low.startswith(word) for word in WITH_AN):
        return f"an\u00a0{label}"
    return f"a\u00a0{label}"


def percent(probability: float) -> str:
    """Whole percents where they tell the truth, a decimal near the ends, never a false 0 or 100."""
    if probability < 0.001:
        return percents("<\u202f0.1")
    if probability > 0.999:
        return percents(">\u202f99.9")
    digits = 0 if 0.0995 <= probability < 0.9945 else 1
    return percents(f"{probability * 100:.{digits}f}")


def exact_percent(probability: float) -> str:
    """One decimal always: for columns that the eye compares."""
    if 0.001 <= probability <= 0.999:
        return percents(f"{probability * 100:.1f}")
    return percent(probability)


def count(k: int) -> str:
    """How many, in words up to twelve, as a sentence begins."""
    return NUMBERS[k]() if k in NUMBERS else str(k)


def _targeted_case(facts: Facts) -> str:
    assert facts.target is not None  # noqa: S101 - the caller asked; this narrows the type
    if facts.top["index"] == facts.target["index"]:
        return _size_worded(facts, "reached")
    if not facts.ray:
        return "unreached_by"
    if facts.complete:
        return "reached_elsewhere" if facts.reached_at else "unreached"
    return "underway" if facts.p_target is not None else "underway_unknown"


def _size_worded(facts: Facts, name: str) -> str:
    """How the size of the change is told: in words, as a fraction of 255, or in the attack's own measure."""
    if facts.size:
        return f"{name}_by"
    return name if facts.in_words else f"{name}_far"


def _first(cases: Mapping[str, bool]) -> str:
    return next(name for name, holds in cases.items() if holds)


def _words(facts: Facts) -> dict[str, Part]:
    words = {
        "count": (count(int(facts.value or 0)), ""),
        "eps": (facts.budget, ""),
        "attack": (facts.attack, ""),
        "size": (facts.size, ""),
        "from": (with_article(called(facts.original)), "before"),
        "bare_from": (called(facts.original), "before"),
        "before": (percent(facts.original["probability"]), ""),
        "after": (percent(facts.top["probability"]), ""),
        "to": (with_article(called(facts.top)), "after" if facts.broken else "before"),
        "bare_to": (called(facts.top), "after" if facts.broken else "before"),
    }
    if facts.truth is not None:
        words["truth"] = (with_article(called(facts.truth)), "")
    if facts.control is not None:
        words["noise"] = (with_article(called(facts.control)), "control")
        words["tries"] = (str(facts.tries), "")
    if facts.target is not None:
        words["target"] = (with_article(called(facts.target)), "after")
        words["bare_target"] = (called(facts.target), "after")
        words["p_target"] = (percent(facts.p_target or 0.0), "")
    if facts.closest is not None:
        words["closest"] = (percent(facts.closest["probability"]), "")
        words["closest_eps"] = (facts.closest["budget"], "")
    if facts.reached_at:
        words["reached_eps"] = (facts.reached_at, "")
    return words


NUMBERS = {
    1: lambda: gettext("One"),
    2: lambda: gettext("Two"),
    3: lambda: gettext("Three"),
    4: lambda: gettext("Four"),
    5: lambda: gettext("Five"),
    6: lambda: gettext("Six"),
    7: lambda: gettext("Seven"),
    8: lambda: gettext("Eight"),
    9: lambda: gettext("Nine"),
    10: lambda: gettext("Ten"),
    11: lambda: gettext("Eleven"),
    12: lambda: gettext("Twelve"),
}

TEMPLATES = {
    "start": lambda k: gettext("With nothing added, the network sees %(from)s: %(before)s."),
    "start_unsure": lambda k: gettext(
        "With nothing added, the network’s best guess is %(from)s, at %(before)s: it was not sure to begin with."
    ),
    "zero_gradient": lambda k: gettext(
        "The gradient is zero everywhere in this picture, so one step changes nothing. "
        "The attack is blind here; that does not make the network strong."
    ),
    "broken": lambda k: ngettext(
        "One grey level turns %(from)s into %(to)s.", "%(count)s grey levels turn %(from)s into %(to)s.", k
    ),
    "broken_far": lambda k: gettext(
        "A change of at most %(eps)s in every value makes the network say %(bare_to)s instead of %(bare_from)s."
    ),
    "broken_by": lambda k: gettext("%(attack)s makes the network say %(bare_to)s instead of %(bare_from)s: %(size)s."),
    "held_by": lambda k: gettext("%(attack)s leaves it %(from)s: %(before)s before, %(after)s now."),
    "held": lambda k: gettext("At %(eps)s it is still %(from)s: %(before)s before, %(after)s now."),
    "weaker": lambda k: gettext("At %(eps)s it is still %(from)s, but less sure: %(before)s became %(after)s."),
    "shaken": lambda k: gettext("At %(eps)s it is still %(from)s, but sure no more: %(before)s became %(after)s."),
    "held_unsure": lambda k: gettext("At %(eps)s it is still %(from)s, at %(after)s."),
    "reached": lambda k: ngettext(
        "One grey level turns %(from)s into %(target)s, the chosen class.",
        "%(count)s grey levels turn %(from)s into %(target)s, the chosen class.",
        k,
    ),
    "reached_far": lambda k: gettext(
        "A change of at most %(eps)s in every value makes the network say %(bare_target)s, the chosen class."
    ),
    "reached_by": lambda k: gettext("%(attack)s makes the network say %(bare_target)s, the chosen class: %(size)s."),
    "unreached_by": lambda k: gettext(
        "%(attack)s does not reach %(bare_target)s: it gets %(p_target)s, and the network sees %(to)s."
    ),
    "reached_elsewhere": lambda k: gettext(
        "At %(eps)s the network sees %(to)s; it first sees %(target)s at %(reached_eps)s."
    ),
    "unreached": lambda k: gettext("One step does not reach %(bare_target)s; closest: %(closest)s at %(closest_eps)s."),
    "underway": lambda k: gettext("At %(eps)s the network sees %(to)s; %(bare_target)s gets %(p_target)s."),
    "underway_unknown": lambda k: gettext(
        "At %(eps)s the network sees %(to)s; %(bare_target)s is not among its ten likeliest."
    ),
    "broken_wrong": lambda k: gettext("At %(eps)s the network changes its answer from %(from)s to %(to)s."),
    "righted": lambda k: gettext("At %(eps)s the network says %(to)s, which is right; before, it said %(from)s."),
    "broken_wrong_by": lambda k: gettext(
        "%(attack)s makes the network change its answer from %(from)s to %(to)s: %(size)s."
    ),
    "righted_by": lambda k: gettext(
        "%(attack)s makes the network say %(to)s, which is right; before, it said %(from)s: %(size)s."
    ),
    "missed": lambda k: gettext("The picture shows %(truth)s: the answer was wrong before anything was changed."),
    "noise_too": lambda k: gettext("One draw of random noise as strong changes the answer too."),
    "noise_alone": lambda k: gettext("One draw of random noise as strong makes it %(noise)s."),
    "tries_too": lambda k: gettext("A search at random changes the answer too (tries: %(tries)s)."),
    "tries_alone": lambda k: gettext("A search at random makes it %(noise)s (tries: %(tries)s)."),
    "unsure": lambda k: gettext("At %(before)s the network was not sure to begin with."),
}
RIGHTED = {"righted", "righted_by"}
BROKEN = RIGHTED | {
    "broken", "broken_far", "broken_by", "broken_wrong", "broken_wrong_by", "reached", "reached_far", "reached_by",
}  # fmt: skip
SAY_ALL = {"start", "start_unsure", "zero_gradient"}  # nothing is added, or nothing is moved
