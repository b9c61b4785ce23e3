"""Attacks that are measured by the length of the whole change: L2."""

from dataclasses import replace

from attacks.options import Option
from attacks.record import AttackRecord, Preset
from attacks.records.common import SEED, STEPS, WHITE_BOX_L2
from attacks.words import gettext_noop

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
                "At most so many; it ends with the first that changes the answer, mostly after two or three."
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
    repeats=("steps", "candidates"),
    presets=(
        Preset(
            gettext_noop("As in the paper"),
            gettext_noop("At most 50 steps to the nearest of ten boundaries, and 2 % beyond it."),
            {},
        ),
    ),
)
