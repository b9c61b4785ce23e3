"""Every attack that there is: what it is called, may be told, may change and may know. Imports no torch.

Forms, the API's schema and checks, the command line, the pages and the tests all read these records.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from types import MappingProxyType
from typing import Any, Literal

from attacks.options import Limits, Option, OptionError, check, complete
from attacks.words import gettext_noop

NORMS = {
    "linf": gettext_noop("L∞: the largest change of any value of any pixel"),
    "l2": gettext_noop("L2: the length of the whole change"),
    "l0": gettext_noop("L0: how many pixels are changed"),
}


@dataclass(frozen=True)
class ThreatModel:
    """What an attacker may change and may know: two figures can be compared only under the same one."""

    norm: str  # a key of NORMS
    knowledge: str  # in a sentence

    def __post_init__(self) -> None:
        if self.norm not in NORMS:
            raise ValueError(f"The norm {self.norm!r} has no words in NORMS.")


@dataclass(frozen=True)
class AttackRecord:
    """One attack. Its function takes (model, images, labels, *, each option used by the attack, target=None).

    budget: the option that the change is projected onto; None for an attack that looks for the smallest change.
    path: "ray" if the budget only says how far to go along one map of signs, which the function returns (a
    `Direction`); "single" if the function returns attacked pictures for the budget it was given.
    repeats: the options whose product is how often the gradient is asked; none: once.
    control: what stands beside it with the same budget: random "signs", a random direction of the same length
    ("gaussian"), or nothing that would be fair.
    """

    slug: str
    name: str
    paper: str
    paper_url: str
    year: int
    threat_model: ThreatModel
    summary: str
    options: tuple[Option, ...]
    budget: str | None
    path: Literal["ray", "single"]
    control: Literal["signs", "gaussian"] | None
    targeted: bool
    function: str  # "module:name"
    repeats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.path == "ray" and (self.norm != "linf" or self.budget is None):
            raise ValueError(f"{self.slug}: signs are a direction for a budget in L∞ alone.")
        if self.budget and self.budget_option is None:
            raise ValueError(f"{self.slug}: its budget {self.budget!r} is none of its options.")

    @property
    def norm(self) -> str:
        return self.threat_model.norm

    @property
    def budget_option(self) -> Option | None:
        """The option that the change is projected onto."""
        return next((option for option in self.options if option.name == self.budget), None)

    def swept_value(self, value: Any, limits: Limits) -> Any:
        """A value that the budget takes along the ray, 0 (nothing is changed) among them; an OptionError for others."""
        swept = self.budget_option
        if self.path != "ray" or swept is None:
            raise OptionError("value", gettext_noop("This attack has no sweep: it runs for one budget."))
        return check(replace(swept, minimum=0), value, limits)

    def passes(self, options: Mapping[str, Any]) -> int:
        """How often it asks the gradient of a picture with these options, about."""
        return prod(options[name] for name in self.repeats)

    def budget_of(self, options: Mapping[str, Any]) -> Any:
        """The budget among these values; None for an attack without one."""
        return options[self.budget] if self.budget else None


EPSILON = Option(
    name="epsilon",
    kind="levels",
    default=2,
    minimum=1,
    unit="/255",
    label=gettext_noop("Strength ε"),
    help=gettext_noop("How far each colour value may move, in grey levels out of 255."),
)
TARGET = Option(
    name="target",
    kind="class",
    default=None,
    nullable=True,
    label=gettext_noop("Target class"),
    help=gettext_noop("The class the network should name. Without one, any class but the present one will do."),
)
SEED = Option(
    name="seed",
    kind="integer",
    default=0,
    maximum=2**31 - 1,
    label=gettext_noop("Seed of the noise"),
    help=gettext_noop("The random noise beside the attack is drawn from this number: the same number, the same noise."),
    used_by="control",
)

STEPS = Option(
    name="steps",
    kind="integer",
    default=20,
    minimum=1,
    maximum=1000,
    offered=(10, 20, 40, 100),
    label=gettext_noop("Steps"),
    help=gettext_noop("How often the gradient is asked anew; each step is 2.5 ε divided by their number."),
)
RESTARTS = Option(
    name="restarts",
    kind="integer",
    default=1,
    minimum=1,
    maximum=20,
    label=gettext_noop("Starts"),
    help=gettext_noop("From so many random places within ε; the best of all is kept."),
)
START_SEED = replace(
    SEED,
    label=gettext_noop("Seed"),
    help=gettext_noop("The random starts, and the noise beside the attack: the same number, the same draws."),
)

WHITE_BOX_LINF = ThreatModel("linf", gettext_noop("White box: the attacker knows the network and its weights."))

FGSM = AttackRecord(
    slug="fgsm",
    name="FGSM",
    paper="Goodfellow, Shlens, Szegedy: Explaining and Harnessing Adversarial Examples (2015)",
    paper_url="https://arxiv.org/abs/1412.6572",
    year=2015,
    threat_model=WHITE_BOX_LINF,
    summary=gettext_noop("One step: every colour value moves by ε in the direction that raises the loss."),
    options=(EPSILON, TARGET, SEED),
    budget="epsilon",
    path="ray",
    control="signs",
    targeted=True,
    function="attacks.fgsm:gradient_sign",
)

PGD = AttackRecord(
    slug="pgd",
    name="PGD",
    paper="Madry et al.: Towards Deep Learning Models Resistant to Adversarial Attacks (2018)",
    paper_url="https://arxiv.org/abs/1706.06083",
    year=2018,
    threat_model=WHITE_BOX_LINF,
    summary=gettext_noop("Many small steps along the gradient’s sign from a random start, never further than ε."),
    options=(EPSILON, STEPS, RESTARTS, TARGET, START_SEED),
    budget="epsilon",
    path="single",
    control="signs",
    targeted=True,
    function="attacks.pgd:pgd",
    repeats=("steps", "restarts"),
)

_DECLARED = {record.slug: record for record in (FGSM, PGD)}
ATTACKS: Mapping[str, AttackRecord] = MappingProxyType(_DECLARED)


def find(slug: object) -> AttackRecord:
    """The record of that name, or a sentence listing the names there are."""
    if not isinstance(slug, str) or slug not in ATTACKS:
        raise OptionError(
            "attack", gettext_noop("There is no such attack. The attacks are: %(known)s."), known=", ".join(ATTACKS)
        )
    return ATTACKS[slug]


def validate(slug: str, options: Any, limits: Limits) -> dict[str, Any]:
    """Every option of the attack, checked and completed with defaults, or an OptionError."""
    return complete(find(slug).options, options, limits)
