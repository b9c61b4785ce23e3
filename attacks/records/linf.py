"""Attacks that may move every value by as much: L∞."""

from attacks.record import AttackRecord, Preset
from attacks.records.common import EPSILON, RESTARTS, SEED, START_SEED, STEPS, TARGET, WHITE_BOX_LINF
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
    presets=(
        Preset(gettext_noop("Quick"), gettext_noop("20 steps: they find what one step misses."), {"steps": 20}),
        Preset(
            gettext_noop("As in the paper"),
            gettext_noop("40 steps, as the paper takes for digits; for its strongest figures it begins 20 times."),
            {"steps": 40, "restarts": 1},
        ),
    ),
)
