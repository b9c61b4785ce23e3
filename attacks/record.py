"""What is declared of an attack: what it is called, may be told, may change and may know. Imports no torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from attacks.options import Limits, Option, OptionError, check
from attacks.words import gettext_noop

NORMS = {
    "linf": gettext_noop("L∞: the largest change of any value of any pixel"),
    "l2": gettext_noop("L2: the length of the whole change"),
    "l0": gettext_noop("L0: how many pixels are changed"),
}


CONTROL_SECONDS = 5.0  # for all tries of a control, so that it takes no longer than the attack that it stands beside


class Passes(NamedTuple):
    """How often a network is asked about one picture: forwards, and back from there for a gradient."""

    forwards: int
    backwards: int = 0


Counted = Callable[[Mapping[str, Any], Limits], Passes]  # of an attack with these options on such a network


def one_step(_options: Mapping[str, Any], _limits: Limits) -> Passes:
    """One gradient."""
    return Passes(1, 1)


@dataclass(frozen=True)
class ThreatModel:
    """What an attacker may change and may know: two figures can be compared only under the same one."""

    norm: str  # a key of NORMS
    knowledge: str  # in a sentence
    gradients: bool = True  # whether that is the network's gradients, too

    def __post_init__(self) -> None:
        if self.norm not in NORMS:
            raise ValueError(f"The norm {self.norm!r} has no words in NORMS.")


@dataclass(frozen=True)
class Preset:
    """Values that are set together, one click away."""

    label: str
    why: str  # in a sentence
    values: Mapping[str, Any]  # of the options that differ from their defaults, in the units of the rim


@dataclass(frozen=True)
class AttackRecord:
    """One attack. Its function takes (model, images, labels, *, each option used by the attack, target=None).

    budget: the option that the change is projected onto; None for an attack that looks for the smallest change.
    path: "ray" if the budget only says how far to go along one map of signs, which the function returns (a
    `Direction`); "rerun" if the function returns attacked pictures for the budget it was given, and has to run again
    for another; "single" without a budget.
    passes: how often it asks the network of a picture, at most; of an attack that hardly ever takes as long as it may,
    as often as nearly every picture takes. The judging of what it came to is not counted.
    repeats: the options that multiply its work, that first which somebody would lower first.
    control: what stands beside it with the same budget: random "signs"; a random direction of the same length
    ("gaussian"); the best of as many tries as the attack asked questions, of random "pixels" or of random signs
    ("search"); or nothing that would be fair.
    presets: the first is the lab's, quick enough for somebody who waits; the last is the paper's.
    needs_classes: with fewer it does something else, which `without_classes` says.
    most_values: it cannot be run on a network that sees more values (colours times pixels).
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
    path: Literal["ray", "rerun", "single"]
    control: Literal["signs", "gaussian", "pixels", "search"] | None
    targeted: bool
    function: str  # "module:name"
    passes: Counted = one_step
    repeats: tuple[str, ...] = ()
    presets: tuple[Preset, ...] = ()
    needs_classes: int = 2
    without_classes: str = ""
    most_values: int | None = None

    def __post_init__(self) -> None:
        if self.path == "ray" and (self.norm != "linf" or self.budget is None):
            raise ValueError(f"{self.slug}: signs are a direction for a budget in L∞ alone.")
        if (self.path == "single") != (self.budget is None):
            raise ValueError(f"{self.slug}: it runs once for all if it has no budget, and only then.")
        if self.budget and self.budget_option is None:
            raise ValueError(f"{self.slug}: its budget {self.budget!r} is none of its options.")

    def refuse_size(self, limits: Limits) -> None:
        """An OptionError for a network that sees more than the attack can go through."""
        if self.most_values and limits.values and limits.values > self.most_values:
            template = gettext_noop(
                "%(name)s goes through a picture value by value: it takes networks that see at most %(most)d of them, "
                "and this one sees %(values)d. Choose another attack, or a network for digits."
            )
            raise OptionError("attack", template, name=self.name, most=self.most_values, values=limits.values)

    def refuse_picture(self, values: int) -> None:
        """An OptionError for a picture of which the network is shown so many values, and the attack takes fewer."""
        if self.most_values and values > self.most_values:
            template = gettext_noop(
                "%(name)s goes through a picture value by value: it takes at most %(most)d of them, and what is seen "
                "of this picture has %(values)d. Choose another attack, or a smaller picture."
            )
            raise OptionError("attack", template, name=self.name, most=self.most_values, values=values)

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

    def budget_of(self, options: Mapping[str, Any]) -> Any:
        """The budget among these values; None for an attack without one."""
        return options[self.budget] if self.budget else None
