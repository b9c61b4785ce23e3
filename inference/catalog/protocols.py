"""What networks are judged with: every protocol that has a name, in one table. Imports no torch.

The evaluation, trainings, checks for masked gradients, command line and pages read it; none of them asks which attack
it is. An attack's first place for a picture is drawn from (seed, start, the picture's place) alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

from attacks.catalog import ATTACKS
from attacks.words import gettext_noop as _
from attacks.words import ngettext_noop

TOLD = _("%(called)s (%(strength)s%(how)s, %(pictures)s pictures, seed %(seed)s)")
STRENGTHS: Mapping[str, str] = MappingProxyType(
    {"linf": _("eps %(budget)s/255"), "l2": _("radius %(budget)s in L2"), "l0": _("pixels changed: %(budget)s")}
)
DESCRIBED = ("attack", "epsilon", "pictures", "steps", "restarts", "seed")
PART = _(", %(part)s")
RESTARTS = ngettext_noop("%(count)s restart", "%(count)s restarts")
CONTROLS: Mapping[str, str] = MappingProxyType({"noise": _("random signs")})
SAVED = _("saved as bytes")


@dataclass(frozen=True)
class Protocol:
    """One attack, completely described. It leaves the true label, untargeted; epsilon in grey levels.

    within: the budget of an attack that is not measured in L∞, whose epsilon is 0: the radius in L2, in pixels of
    [0, 1], or how many pixels in L0. One without a budget of its own, which looks for the smallest change, is held to
    it afterwards.
    """

    attack: str  # a slug of the attacks' catalogue, or one of CONTROLS
    epsilon: int
    pictures: int  # the first so many of the part that is judged
    steps: int = 1
    restarts: int = 1
    seed: int = 0
    more: tuple[tuple[str, Any], ...] = ()  # further options of the attack, (name, value), in the units of the rim
    saved: bool = False  # judged on the bytes that a picture would be saved as, not on the attack's floats
    within: float | None = None

    def __post_init__(self) -> None:
        if self.attack not in {**ATTACKS, **CONTROLS}:
            known = ", ".join([*ATTACKS, *CONTROLS])
            raise ValueError(f"There is no attack called {self.attack} here; known: {known}.")
        if (self.norm == "linf") != (self.within is None):
            raise ValueError(f"{self.attack} is measured in {self.norm}: that is the norm of its budget.")

    def __str__(self) -> str:
        """As it stands beside a figure: "PGD-20 (eps 77/255, 1 restart, 1000 pictures, seed 0)".

        PGD's steps are 2.5 eps / steps large, of every start and step the best is kept.
        """
        starts = f", {self.restarts} restart{'s' if self.restarts > 1 else ''}" if self.iterated else ""
        more = "".join(f", {name} {value}" for name, value in self.more)
        told = f"{starts}{more}{f', {SAVED}' if self.saved else ''}"
        strength = STRENGTHS[self.norm] % {"budget": self.budget}
        return f"{self.called} ({strength}{told}, {self.pictures} pictures, seed {self.seed})"

    @property
    def norm(self) -> str:
        """What its change is measured in."""
        return norm_of(self.attack)

    @property
    def budget(self) -> float:
        """At the rim, in the unit of its norm."""
        return self.epsilon if self.within is None else self.within

    @property
    def short(self) -> str:
        """Without what a whole evaluation has in common: "PGD-100, 5 restarts"."""
        starts = [f"{self.restarts} restarts"] if self.restarts > 1 else []
        return ", ".join([self.called, *starts, *(f"{name} {value}" for name, value in self.more)])

    def as_json(self) -> dict[str, Any]:
        """As plain JSON. Without further options as cards had it before there were any: they can be compared."""
        told = asdict(self)
        more, saved, within = told.pop("more"), told.pop("saved"), told.pop("within")
        further = ({"more": dict(more)} if more else {}) | ({"saved": True} if saved else {})
        further |= {} if within is None else {"within": within}
        return told | further | {"text": str(self)}

    @property
    def control(self) -> bool:
        """Whether it is chance that the attacks are held against."""
        return self.attack in CONTROLS

    @property
    def iterated(self) -> bool:
        """Whether it takes several steps."""
        return takes_steps(self.attack)

    @property
    def called(self) -> str:
        """The attack with its steps: "PGD-20", "PGD-20 in L2"."""
        if self.control:
            return CONTROLS[self.attack]
        name, *where = ATTACKS[self.attack].name.partition(" ")
        return "".join([name, f"-{self.steps}" if self.iterated else "", *where])


def norm_of(attack: str) -> str:
    """What the change of the attack of that slug is measured in."""
    return "linf" if attack in CONTROLS else ATTACKS[attack].norm


def takes_steps(attack: str) -> bool:
    """Whether the attack of that slug takes several steps; chance takes none."""
    return attack in ATTACKS and any(option.name == "steps" for option in ATTACKS[attack].options)


@dataclass(frozen=True)
class NamedProtocol:
    """A protocol but for its strength, pictures and seed.

    more: further options of the attack. label: how a page names a figure under it. compared: how the comparison with
    another version does; "" where the figure is not compared. adjustable: steps and restarts may be asked for
    otherwise.
    """

    attack: str
    steps: int = 1
    restarts: int = 1
    more: tuple[tuple[str, Any], ...] = ()
    label: str = ""
    compared: str = ""
    adjustable: bool = False

    def at(self, budget: float, pictures: int, *, seed: int = 0) -> Protocol:
        """With all that it depends on; the budget in whole grey levels, or what other norms have."""
        epsilon, within = (int(budget), None) if norm_of(self.attack) == "linf" else (0, budget)
        return Protocol(
            self.attack,
            epsilon,
            pictures,
            steps=self.steps,
            restarts=self.restarts,
            seed=seed,
            more=self.more,
            within=within,
        )


FGSM = NamedProtocol("fgsm", label=_("under FGSM"))
NOISE = NamedProtocol("noise")
WORST = NamedProtocol(
    "pgd",
    steps=50,
    restarts=5,
    label=_("under PGD-50, the worst of five starts"),
    compared=_("Test pictures under the worst of five starts of PGD-50"),
)

# A version's figures on the test pictures, the strongest last: the same for all, so that any two can be compared, and
# with seed 0. The command line's names; the keys of a card's test.
TESTED: Mapping[str, NamedProtocol] = MappingProxyType(
    {
        "fgsm": FGSM,
        "pgd": NamedProtocol("pgd", steps=20, label=_("under PGD-20, one start"), adjustable=True),
        "worst": WORST,
    }
)

# Attacks that an evaluation may list beside those, as strong as figures want them; others have their own defaults.
LISTED: Mapping[str, NamedProtocol] = MappingProxyType(
    {
        **TESTED,
        "apgd-ce": NamedProtocol("apgd-ce", steps=100),
        "apgd-t": NamedProtocol("apgd-t", steps=100, more=(("targets", 9),)),
        "square": NamedProtocol("square", more=(("queries", 5000), ("share", 0.8))),
        "pgd-l2": NamedProtocol("pgd-l2", steps=100),
        "cw": NamedProtocol(
            "cw", steps=1000, more=(("binary_steps", 9), ("learning_rate", 0.01), ("initial_c", 0.001))
        ),
        "ddn": NamedProtocol("ddn", steps=1000),
    }
)

# What each epoch is measured with, by the figure's name; with the training's seed, so that every epoch begins alike.
EPOCH: Mapping[str, NamedProtocol] = MappingProxyType(
    {"fgsm_accuracy": FGSM, "pgd_accuracy": NamedProtocol("pgd", steps=10, label=_("under PGD-10"))}
)

# What checks for masked gradients hold against WORST, FGSM and NOISE; the last two are tried on what WORST leaves.
ONE_START = replace(WORST, restarts=1)
TWICE_THE_STEPS = replace(ONE_START, steps=2 * WORST.steps)
APGD = NamedProtocol("apgd-t", steps=20, more=(("targets", 9),))
SEARCH = NamedProtocol("square", more=(("queries", 200), ("share", 0.3)))


def worded(
    told: Mapping[str, Any], translate: Callable[[str], str], translate_counted: Callable[[str, str, int], str]
) -> str:
    """A protocol of a card or a result, as JSON, as it stands beside a figure, in another language."""
    facts = {name: told[name] for name in DESCRIBED if name in told}
    if len(facts) < len(DESCRIBED):  # an older card's
        return str(told["text"])
    protocol = Protocol(
        **facts,
        more=tuple(told.get("more", {}).items()),
        saved=told.get("saved", False),
        within=told.get("within"),
    )
    starts = translate_counted(*RESTARTS, protocol.restarts)
    words = {
        "called": translate(protocol.called) if protocol.control else protocol.called,
        "strength": translate(STRENGTHS[protocol.norm]) % {"budget": protocol.budget},
        "how": "".join(
            translate(PART) % {"part": part}
            for part in (
                *([starts % {"count": protocol.restarts}] if protocol.iterated else []),
                *(f"{name} {value}" for name, value in protocol.more),
                *([translate(SAVED)] if protocol.saved else []),
            )
        ),
        "pictures": protocol.pictures,
        "seed": protocol.seed,
    }
    return translate(TOLD) % words


def worst_of(test: Mapping[str, Any]) -> Mapping[str, Any]:
    """The strongest protocol's figure that a card's test has; older cards have less than others."""
    return next(test[name] for name in reversed([*TESTED]) if test.get(name))


def iterated(figures: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Of a card's test the figures under attacks of several steps, by the protocol as it stands beside a figure."""
    attacked = [figure for figure in figures.values() if isinstance(figure, Mapping) and "protocol" in figure]
    return {
        figure["protocol"]["text"]: figure for figure in attacked if takes_steps(figure["protocol"].get("attack", ""))
    }
