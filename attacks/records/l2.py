"""Attacks that are measured by the length of the whole change: L2."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from attacks.options import SMALL, Limits, Option
from attacks.record import AttackRecord, Passes, Preset
from attacks.records.common import RESTARTS, SEED, START_SEED, STEPS, TARGET, WHITE_BOX_L2, descents
from attacks.words import gettext_noop

# By DeepFool: of ten photographs none took more than 6; of 200 digits half took 7, 12 and 15 on our three networks, and
# one in a hundred of the last all that there were.
LARGE_STEPS, SMALL_STEPS = 6, 20

RADIUS = Option(
    name="radius",
    kind="number",
    default=1.0,
    minimum=0.05,
    maximum=50.0,
    offered=(0.5, 1.0, 2.0, 4.0),
    label=gettext_noop("Radius"),
    help=gettext_noop("How long the whole change may be: 1 is as long as one value going from black to white."),
)

PGD_L2 = AttackRecord(
    slug="pgd-l2",
    name=gettext_noop("PGD in L2"),
    paper="Madry et al.: Towards Deep Learning Models Resistant to Adversarial Attacks (2018)",
    paper_url="https://arxiv.org/abs/1706.06083",
    year=2018,
    threat_model=WHITE_BOX_L2,
    summary=gettext_noop("Many steps along the gradient itself from a random start: few values move far, most hardly."),
    options=(
        RADIUS,
        replace(
            STEPS,
            help=gettext_noop("How often the gradient is asked anew; each step is 2.5 radii divided by their number."),
        ),
        replace(RESTARTS, help=gettext_noop("From so many random places within the radius; the best of all is kept.")),
        TARGET,
        START_SEED,
    ),
    budget="radius",
    path="rerun",
    control="gaussian",
    targeted=True,
    function="attacks.pgd_l2:pgd_l2",
    passes=descents,
    repeats=("steps", "restarts"),
    presets=(
        Preset(gettext_noop("Quick"), gettext_noop("20 steps from one start."), {}),
        Preset(
            gettext_noop("As in the paper"),
            gettext_noop("100 steps from one start, two and a half times as long together as the radius."),
            {"steps": 100},
        ),
    ),
)


def _to_boundaries(options: Mapping[str, Any], limits: Limits) -> Passes:
    """A gradient for each candidate at each step, of which nearly no picture takes as many as it may."""
    steps = min(options["steps"], LARGE_STEPS if (limits.values or 0) > SMALL else SMALL_STEPS)
    candidates = min(options["candidates"], max(1, limits.classes - 1))
    return Passes(steps + 1, steps * candidates)


DEEPFOOL = AttackRecord(
    slug="deepfool",
    name="DeepFool",
    paper="Moosavi-Dezfooli, Fawzi, Frossard: DeepFool: A Simple and Accurate Method to Fool Deep Neural Networks"
    " (2016)",
    paper_url="https://arxiv.org/abs/1511.04599",
    year=2016,
    threat_model=WHITE_BOX_L2,
    summary=gettext_noop("Straight to the nearest boundary, as if the network were linear, and again from there."),
    options=(
        replace(
            STEPS,
            default=50,
            maximum=200,
            offered=(1, 10, 50),
            help=gettext_noop(
                "At most so many; it ends with the first that changes the answer: of photos mostly after four, of "
                "digits after ten."
            ),
        ),
        Option(
            name="candidates",
            kind="integer",
            default=10,
            minimum=1,
            maximum=100,
            offered=(3, 10),
            label=gettext_noop("Candidates"),
            help=gettext_noop("The boundaries to so many of the likeliest other classes are compared at each step."),
        ),
        Option(
            name="overshoot",
            kind="number",
            default=0.02,
            minimum=0.0,
            maximum=1.0,
            offered=(0.0, 0.02, 0.1),
            label=gettext_noop("Overshoot η"),
            help=gettext_noop("The whole change is lengthened by this share, so that it ends beyond the boundary."),
        ),
        SEED,
    ),
    budget=None,
    path="single",
    control="gaussian",
    targeted=False,
    function="attacks.deepfool:deepfool",
    passes=_to_boundaries,
    repeats=("steps", "candidates"),
    presets=(
        Preset(
            gettext_noop("As in the paper"),
            gettext_noop("At most 50 steps to the nearest of ten boundaries, and 2 % beyond it."),
            {},
        ),
    ),
)


def _with_each_weight(options: Mapping[str, Any], _limits: Limits) -> Passes:
    """The picture as it is; then a gradient a step."""
    steps = options["binary_steps"] * options["steps"]
    return Passes(1 + steps, steps)


CW = AttackRecord(
    slug="cw",
    name="C&W",
    paper="Carlini, Wagner: Towards Evaluating the Robustness of Neural Networks (2017)",
    paper_url="https://arxiv.org/abs/1608.04644",
    year=2017,
    threat_model=WHITE_BOX_L2,
    summary=gettext_noop(
        "Weighs the length of the change against how far the answer is ahead, and looks for the weight."
    ),
    options=(
        Option(
            name="binary_steps",
            kind="integer",
            default=4,
            large=3,
            minimum=1,
            maximum=20,
            offered=(3, 4, 9),
            label=gettext_noop("Weights tried"),
            help=gettext_noop(
                "So many weights c are tried, each from the beginning: larger after a failure, else smaller."
            ),
        ),
        replace(
            STEPS,
            default=100,
            large=90,
            maximum=10_000,
            offered=(100, 1000, 10_000),
            help=gettext_noop("How often the gradient is asked anew with each weight, at most."),
        ),
        Option(
            name="learning_rate",
            kind="number",
            default=0.1,
            large=0.003,  # a photograph has a thousand times as many values: all of them move by as much
            minimum=0.0001,
            maximum=1.0,
            offered=(0.003, 0.01, 0.1),
            label=gettext_noop("Learning rate"),
            help=gettext_noop(
                "How far one step goes. Black and white pixels begin to move after about 5 divided by it."
            ),
        ),
        Option(
            name="initial_c",
            kind="number",
            default=1.0,
            large=0.2,
            minimum=0.0001,
            maximum=10_000.0,
            offered=(0.001, 0.2, 1.0),
            label=gettext_noop("First weight c"),
            help=gettext_noop("What the answer counts beside the length at first."),
        ),
        Option(
            name="confidence",
            kind="number",
            default=0.0,
            minimum=0.0,
            maximum=100.0,
            offered=(0.0, 5.0, 20.0),
            label=gettext_noop("Confidence κ"),
            help=gettext_noop("How far the new answer must be ahead of all others, in logits."),
        ),
        TARGET,
        SEED,
    ),
    budget=None,
    path="single",
    control="gaussian",
    targeted=True,
    function="attacks.cw:cw",
    passes=_with_each_weight,
    repeats=("binary_steps", "steps"),
    presets=(
        Preset(
            gettext_noop("Quick"), gettext_noop("Four weights, 100 steps with each; for a photo three, with 90."), {}
        ),
        Preset(
            gettext_noop("As in the paper"),
            gettext_noop("Nine weights from a thousandth on, 10,000 steps with each: hours for a photograph."),
            {"binary_steps": 9, "steps": 10_000, "learning_rate": 0.01, "initial_c": 0.001},
        ),
    ),
)

DDN = AttackRecord(
    slug="ddn",
    name="DDN",
    paper="Rony et al.: Decoupling Direction and Norm for Efficient Gradient-Based L2 Adversarial Attacks and Defenses"
    " (2019)",
    paper_url="https://arxiv.org/abs/1811.09600",
    year=2019,
    threat_model=WHITE_BOX_L2,
    summary=gettext_noop(
        "Follows the gradient and makes the change longer until it fools, then shorter until it does not."
    ),
    options=(
        replace(
            STEPS, default=100, offered=(20, 100, 300, 1000), help=gettext_noop("How often the gradient is asked anew.")
        ),
        Option(
            name="gamma",
            kind="number",
            default=0.05,
            minimum=0.001,
            maximum=0.5,
            offered=(0.01, 0.05, 0.1),
            label=gettext_noop("Factor γ"),
            help=gettext_noop("By this share the change becomes longer after a failure, and shorter after a success."),
        ),
        TARGET,
        START_SEED,
    ),
    budget=None,
    path="single",
    control="gaussian",
    targeted=True,
    function="attacks.ddn:ddn",
    passes=descents,
    repeats=("steps",),
    presets=(
        Preset(gettext_noop("Quick"), gettext_noop("100 steps, the fewest of the paper."), {}),
        Preset(gettext_noop("As in the paper"), gettext_noop("1000 steps, the most of the paper."), {"steps": 1000}),
    ),
)
