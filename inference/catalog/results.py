"""What the work on one picture comes to: declared once, filled by a worker, kept as JSON, told by API and command line.

One more number is one more line here. A text beside a type is what the API's document says of it. Imports no torch.
"""

from dataclasses import dataclass
from typing import Annotated, Literal


@dataclass(frozen=True)
class Class:
    index: int
    label: str


@dataclass(frozen=True)
class Scored(Class):
    probability: float


@dataclass(frozen=True)
class Answer:
    top: Annotated[list[Scored], "The ten likeliest classes, likeliest first."]


@dataclass(frozen=True)
class Truth:
    """What a sample shows; of a visitor's picture nobody knows."""

    label: str
    index: Annotated[int | None, "Null if the network was never taught that class."]


@dataclass(frozen=True)
class PredictResult(Answer):
    truth: Annotated[Truth | None, "What a sample shows; null for a visitor's picture."]
    known: Annotated[int | None, "How many classes the network knows; null before 0.3."]


@dataclass(frozen=True)
class Saved(Answer):
    """The picture as it was written, read back through the upload's path, and judged alone."""

    sha256: str


@dataclass(frozen=True)
class Control(Answer):
    """A random change of the same budget."""

    kind: Annotated[
        str,
        "signs: as strong in every value; gaussian: a random direction of the same length; pixels, search: the best of "
        "so many tries of random pixels, or of random signs.",
    ]
    l2: Annotated[float | None, "Length of its change, pixels in [0, 1]. This and the next: null before 0.3."]
    reach: Annotated[
        float | None, "Root mean square of its change at the network's input, as a share of the attack's; or null."
    ]
    tries: Annotated[
        int | None,
        "How many were made: as many as the attack asked questions, fewer where one did what it was to do or the time "
        "was up. Null for one draw, and before 0.3.",
    ] = None


@dataclass(frozen=True)
class Distances:
    """How far the saved picture is from the original, in the square that the network sees; pixels in [0, 1]."""

    linf_levels: Annotated[int, "The largest change of a value, in grey levels of 255."]
    l2: float
    rms_levels: Annotated[float | None, "Root mean square of the change, in grey levels; null before 0.3."]
    ssim: Annotated[float, "Structural similarity of the luminance, 7 x 7 uniform window; 1 is identical."]
    changed_pixels: int
    attacked_pixels: Annotated[int, "Of the square that the network sees."]
    attacked_values: Annotated[int | None, "Pixels times colours; null before 0.3."]


@dataclass(frozen=True)
class FloatDistances:
    """How far the attack itself went, in numbers between the grey levels: continuous, not a picture."""

    linf_levels: Annotated[float, "The largest change of a value, in grey levels of 255."]
    l2: Annotated[float, "Length of the change, pixels in [0, 1]."]


@dataclass(frozen=True)
class Cost:
    """What the attack asked of the network: pictures forwards, pictures backwards, and how long the job took."""

    forwards: Annotated[int | None, "Null before 0.3."]
    gradients: Annotated[int | None, "Null before 0.3."]
    seconds: float


@dataclass(frozen=True)
class TraceStep:
    """An attack of many steps at one of them: of the floats it works on, before anything is rounded to bytes."""

    start: Annotated[int, "Of an attack that begins several times: which of its starts, from 0."]
    step: Annotated[int, "Of this start; 0 is where it began."]
    loss: Annotated[float | None, "As the attack's paper writes it; null where it is not finite."]
    top: Scored
    probabilities: Annotated[list[float], "Of each of the trace's `classes`."]
    linf_levels: Annotated[
        float | None,
        "The largest change of a value so far, in grey levels of 255. This and the next two are measured at every "
        "fourth step of a large picture alone, and null at the others.",
    ]
    l2: Annotated[float | None, "Length of the change so far, pixels in [0, 1]."]
    changed_pixels: Annotated[int | None, "Pixels of which a value is at least half a level away."]


@dataclass(frozen=True)
class Previews:
    """One small picture of some steps: made to be looked at, not the file that was judged."""

    steps: Annotated[list[int], "Which steps, as places in the trace's `steps`; each is one column of the sheet."]


@dataclass(frozen=True)
class Trace:
    """What an attack of many steps went through: evenly spread steps, besides the first that fooled and the last."""

    starts: Annotated[list[int], "How many steps each start took."]
    fooled_at: Annotated[
        int | None,
        "Place in `steps` of the first step of all that were taken whose floats do what the attack wants; the verdict "
        "is on the saved bytes.",
    ]
    classes: Annotated[list[Class], "The original's likeliest, the target, and what came on top."]
    steps: list[TraceStep]
    previews: Previews | None


@dataclass(frozen=True)
class AttackResult:
    """One attack, judged on the saved bytes, with the control of the same budget beside it."""

    original: Answer
    truth: Annotated[Truth | None, "What a sample shows; null for a visitor's picture."]
    known: Annotated[int | None, "How many classes the network knows; null before 0.3."]
    adversarial: Saved
    control: Control | None
    label_from: Annotated[Scored, "What the network said, and was to stop saying."]
    target: Annotated[Scored | None, "What it was to say instead, as likely as on the saved picture."]
    state: Annotated[
        Literal["success", "failed", "invalid"],
        "success: the saved picture is within the budget and gets another answer, or the target's; invalid: it is not "
        "within the budget, or not what was made; else failed.",
    ]
    fooled: Annotated[bool, "The saved picture's likeliest class is not label_from."]
    reached: Annotated[bool | None, "It is the target; null without one."]
    verified: Annotated[bool, "The file gives back the very pixels that were made, and they are within the budget."]
    zero_gradient_share: Annotated[
        float | None, "Of the attacked pixels: one step leaves them as they are; null where no map of signs is kept."
    ]
    flat_from: Annotated[
        int | None, "The level from which every value can be moved to one plain grey; null before 0.3."
    ]
    distances: Distances
    float_distances: Annotated[
        FloatDistances | None,
        "Before it was rounded to bytes; null where it moves by whole levels, and before 0.3.",
    ]
    cost: Cost
    trace: Annotated[Trace | None, "Of an attack of many steps; null of one step, and before 0.3."]


def state_of(*, fooled: bool, reached: bool | None, verified: bool) -> Literal["success", "failed", "invalid"]:
    """What an attack came to, of what was found on the saved picture; `reached` is None without a target."""
    if not verified:
        return "invalid"
    return "success" if (fooled if reached is None else reached) else "failed"


@dataclass(frozen=True)
class PointControl:
    top: Scored
    p_original: Annotated[float | None, "Null where it is not among the ten likeliest."]


@dataclass(frozen=True)
class SweepPoint:
    value: float
    top: Scored
    probabilities: Annotated[list[float], "Of each of `classes`."]
    control: Annotated[
        PointControl | None,
        "One draw of the noise. Along a ray at powers of two, at the last value and at the attack's own: else null.",
    ]
    distances: Annotated[Distances | None, "Where the attack ran again for this budget; null along a ray."] = None


@dataclass(frozen=True)
class SweepResult:
    """The picture at every budget along one direction, or at those at which an attack that runs again was tried.

    A point is found by its value.
    """

    option: Annotated[str, "Which of the attack's options was swept."]
    unit: str
    values: list[float]
    classes: Annotated[list[Class], "Of which each point tells the probability."]
    new: Annotated[Class | None, "The class at breaks_at, or the target."]
    breaks_at: Annotated[float | None, "The first value at which label_from is not the likeliest class."]
    reached_at: Annotated[float | None, "The first value at which the target is."]
    points: list[SweepPoint]


@dataclass(frozen=True)
class PointResult(Saved):
    """The attacked picture at one value of a sweep, saved, reread and judged."""

    verified: bool
    distances: Annotated[Distances | None, "Null before 0.3."]
