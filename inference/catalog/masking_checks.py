"""What the checks for masked gradients are called and say. Imports no torch: pages tell them, too."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Literal

from attacks.words import gettext_noop as _

PICTURES = 500  # test pictures that the checks look at, where a network's cost allows
SECONDS = 180.0  # of all checks together, before a promotion; the full run has no limit
UNBOUNDED = 191  # grey levels: three quarters of the range
NOTED, DISTRUSTED = 0.01, 0.05  # a weaker attack that breaks more than this share beside PGD is noted, or fails

State = Literal["passed", "noted", "failed"]

# In the order in which they are run; the first ones say whether the others mean anything.
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "same_answer_twice": _("The same picture gets the same answer twice"),
        "some_gradient": _("Every picture has a gradient"),
        "more_steps": _("Twice the steps change nothing"),
        "more_starts": _("More starts change little"),
        "one_step": _("One step tells nearly as much as many"),
        "unbounded": _("Three quarters of the range break everything"),
        "beats_fgsm": _("FGSM breaks no other pictures"),
        "beats_noise": _("Random signs break no other pictures"),
        "beats_smoothed": _("Gradients seen through a blur break no other pictures"),
        "beats_apgd": _("Steps towards each other class break no other pictures"),
        "beats_search": _("A search without gradients breaks no other pictures"),
        "beats_transfer": _("An attack made on another network breaks no other pictures"),
    }
)

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "same": _("Two passes over %(of)s pictures gave the same numbers."),
        "differs": _(
            "Two passes over %(of)s pictures gave different numbers: the network draws at random. Its figures under "
            "attack do not hold; they need the mean over many draws, and the other checks say nothing."
        ),
        "gradient": _("At %(zero)s %% of the pixels the gradient is exactly zero; no picture is without any."),
        "no_gradient": _(
            "At %(zero)s %% of the pixels the gradient is exactly zero, at every pixel of %(none)s of %(of)s pictures: "
            "an attack that follows the gradient has nowhere to go and says nothing."
        ),
        "steps": _(
            "PGD in 50 steps leaves %(before)s of %(of)s right, in 100 steps %(after)s: %(gained)s broken by more "
            "steps alone, %(lost)s by fewer alone (p = %(p)s)."
        ),
        "starts": _("PGD-50 leaves %(before)s of %(of)s right from one start, %(after)s from five."),
        "starts_low": _(
            "PGD-50 leaves %(before)s of %(of)s right from one start, %(after)s from five: where it starts matters, "
            "and more starts would leave fewer."
        ),
        "one_step": _("Of %(clean)s pictures right, FGSM leaves %(before)s and the white box %(after)s."),
        "unbounded": _("PGD at 191/255 leaves %(after)s of %(of)s right."),
        "unbounded_at": _("PGD at %(level)s/255 leaves %(after)s of %(of)s right."),
        "gain": _("It breaks %(gain)s of the %(left)s pictures that the white box leaves right, of %(of)s."),
        "gain_told": _(  # state "noted"; kept by this name beside versions
            "It breaks %(gain)s of the %(left)s pictures that the white box leaves right, of %(of)s: the true figure "
            "is lower than the white box says."
        ),
        "gain_large": _(
            "It breaks %(gain)s of the %(left)s pictures that the white box leaves right, of %(of)s: do not trust the "
            "gradient, nor the figures that rest on it."
        ),
    }
)


FEW = _("On fewer than 500 pictures small differences go unseen.")
NOT_TRIED = _("No attack made on another network was tried.")


def remarks_on(pictures: int, run: Sequence[str]) -> list[str]:
    """What limits checks on so many pictures, of which those were run: templates without places."""
    few = [FEW] if pictures < PICTURES else []
    return few if "beats_transfer" in run else [*few, NOT_TRIED]


@dataclass(frozen=True)
class Check:
    """One sign, looked for. noted: nothing wrong in itself, but to be known; failed: a figure is not to be believed."""

    name: str  # a key of TITLES
    state: State
    sentence: str  # a key of SENTENCES
    params: Mapping[str, str | int]

    @property
    def detail(self) -> str:
        """The sentence with its figures."""
        return SENTENCES[self.sentence] % self.params

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self) | {"params": dict(self.params)}


@dataclass(frozen=True)
class Found:
    """What the checks came to, on so many pictures."""

    pictures: int
    epsilon: int  # grey levels
    checks: Sequence[Check]
    not_run: Sequence[str]  # keys of TITLES: time was up, or a stochastic network makes them meaningless
    seconds: float

    @property
    def remarks(self) -> list[str]:
        """What limits all of it, as templates to be translated: see `remarks_on`."""
        return remarks_on(self.pictures, [check.name for check in self.checks])

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if check.state == "failed"]

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "pictures": self.pictures,
            "epsilon": self.epsilon,
            "checks": [check.as_json() for check in self.checks],
            "not_run": list(self.not_run),
            "seconds": round(self.seconds, 1),
        }
