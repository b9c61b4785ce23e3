"""Options and threat models that several attacks share."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from attacks.options import Limits, Option
from attacks.record import Passes, ThreatModel
from attacks.words import gettext_noop

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
STEP_SIZE = Option(
    name="step_size",
    kind="levels",
    default=None,
    minimum=1,
    unit="/255",
    nullable=True,
    label=gettext_noop("Step"),
    help=gettext_noop("How far one step moves each colour value; without a number, 2.5 ε divided by the steps."),
)
DECAY = Option(
    name="decay",
    kind="number",
    default=1.0,
    minimum=0.0,
    maximum=1.0,
    offered=(0.0, 0.5, 1.0),
    label=gettext_noop("Momentum μ"),
    help=gettext_noop("How much of the way before is kept at each step: 1 keeps all of it, 0 nothing."),
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
WHITE_BOX_L2 = ThreatModel("l2", WHITE_BOX_LINF.knowledge)
WHITE_BOX_L0 = ThreatModel("l0", WHITE_BOX_LINF.knowledge)


def descents(options: Mapping[str, Any], _limits: Limits) -> Passes:
    """A gradient a step, and one pass forwards for what the last step of each start came to."""
    starts = options.get("restarts", 1)
    return Passes(starts * (options["steps"] + 1), starts * options["steps"])
