"""Attacks that may move every value by as much: L∞."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from attacks.options import Limits, Option
from attacks.record import AttackRecord, Passes, Preset
from attacks.records.common import (
    DECAY,
    EPSILON,
    RESTARTS,
    SEED,
    START_SEED,
    STEP_SIZE,
    STEPS,
    TARGET,
    WHITE_BOX_LINF,
    descents,
)
from attacks.words import gettext_noop

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

BIM = AttackRecord(
    slug="bim",
    name="BIM",
    paper="Kurakin, Goodfellow, Bengio: Adversarial Examples in the Physical World (2016)",
    paper_url="https://arxiv.org/abs/1607.02533",
    year=2016,
    threat_model=WHITE_BOX_LINF,
    summary=gettext_noop("FGSM in many small steps, each with a gradient of its own, never further than ε."),
    options=(EPSILON, replace(STEPS, default=10), STEP_SIZE, TARGET, SEED),
    budget="epsilon",
    path="rerun",
    control="signs",
    targeted=True,
    function="attacks.bim:bim",
    passes=descents,
    repeats=("steps",),
    presets=(
        Preset(gettext_noop("Quick"), gettext_noop("10 steps, together two and a half times as long as ε."), {}),
        Preset(
            gettext_noop("As in the paper"),
            gettext_noop("Steps of one grey level; for ε = 8/255 the paper takes 10 of them, min(ε + 4, 1.25 ε)."),
            {"steps": 10, "step_size": 1},
        ),
    ),
)

MI_FGSM = AttackRecord(
    slug="mi-fgsm",
    name="MI-FGSM",
    paper="Dong et al.: Boosting Adversarial Attacks with Momentum (2018)",
    paper_url="https://arxiv.org/abs/1710.06081",
    year=2018,
    threat_model=WHITE_BOX_LINF,
    summary=gettext_noop(
        "Small steps that keep the way of those before them; the result often fools other networks, too."
    ),
    options=(
        EPSILON,
        replace(
            STEPS,
            default=10,
            help=gettext_noop("How often the gradient is asked anew; each step is ε divided by their number."),
        ),
        DECAY,
        TARGET,
        SEED,
    ),
    budget="epsilon",
    path="rerun",
    control="signs",
    targeted=True,
    function="attacks.mi_fgsm:mi_fgsm",
    passes=descents,
    repeats=("steps",),
    presets=(
        Preset(
            gettext_noop("As in the paper"),
            gettext_noop("10 steps that forget nothing; the paper takes ε = 16/255."),
            {"steps": 10, "decay": 1.0},
        ),
    ),
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
    path="rerun",
    control="signs",
    targeted=True,
    function="attacks.pgd:pgd",
    passes=descents,
    repeats=("steps", "restarts"),
    presets=(
        Preset(gettext_noop("Quick"), gettext_noop("20 steps: they find what one step misses."), {"steps": 20}),
        Preset(
            gettext_noop("As in the paper"),
            gettext_noop(
                "40 steps, as the paper takes for digits, of ε/16 each, where it takes ε/30; for its strongest figures "
                "it begins 20 times."
            ),
            {"steps": 40, "restarts": 1},
        ),
    ),
)

APGD_STEPS = replace(
    STEPS,
    default=50,
    offered=(20, 50, 100),
    help=gettext_noop("How often the gradient is asked anew; how long a step is, it finds out by itself."),
)

APGD_CE = AttackRecord(
    slug="apgd-ce",
    name="APGD-CE",
    paper="Croce, Hein: Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free"
    " Attacks (2020)",
    paper_url="https://arxiv.org/abs/2003.01690",
    year=2020,
    threat_model=WHITE_BOX_LINF,
    summary=gettext_noop("PGD with momentum that halves its steps where they stop helping: nobody chooses their size."),
    options=(EPSILON, APGD_STEPS, RESTARTS, TARGET, START_SEED),
    budget="epsilon",
    path="rerun",
    control="signs",
    targeted=True,
    function="attacks.apgd_ce:apgd_ce",
    passes=descents,
    repeats=("steps", "restarts"),
    presets=(
        Preset(gettext_noop("Quick"), gettext_noop("50 steps from one start."), {}),
        Preset(gettext_noop("As in the paper"), gettext_noop("100 steps, as in AutoAttack."), {"steps": 100}),
    ),
)


def _towards_each(options: Mapping[str, Any], limits: Limits) -> Passes:
    """One descent towards each class, after a pass that tells which are likely."""
    classes = 1 if options.get("target") is not None else min(options["targets"], max(1, limits.classes - 1))
    return Passes(1 + classes * (options["steps"] + 1), classes * options["steps"])


APGD_T = replace(
    APGD_CE,
    slug="apgd-t",
    name="APGD-T",
    summary=gettext_noop("APGD towards one likely class after the other, with a loss that no sure network hides from."),
    options=(
        EPSILON,
        replace(APGD_STEPS, default=20, help=gettext_noop("So many towards each class; their size finds itself.")),
        Option(
            name="targets",
            kind="integer",
            default=9,
            minimum=1,
            maximum=100,
            offered=(3, 9),
            label=gettext_noop("Classes tried"),
            help=gettext_noop("So many of the likeliest other classes; with a target class, that one alone."),
        ),
        TARGET,
        START_SEED,
    ),
    function="attacks.apgd_t:apgd_t",
    passes=_towards_each,
    repeats=("steps", "targets"),
    presets=(
        Preset(gettext_noop("Quick"), gettext_noop("20 steps towards each of nine classes, until one is reached."), {}),
        Preset(
            gettext_noop("As in the paper"),
            gettext_noop("100 steps towards each of nine classes, as in AutoAttack."),
            {"steps": 100},
        ),
    ),
    needs_classes=4,
    without_classes=gettext_noop("Its loss needs four classes: with fewer, the cross-entropy is used."),
)
