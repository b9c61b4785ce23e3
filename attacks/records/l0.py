"""Attacks that may change few pixels, each as far as it goes: L0. Imports no torch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from attacks.options import SMALL, Limits, Option
from attacks.record import AttackRecord, Passes, Preset
from attacks.records.black_box import SCORES_LINF
from attacks.records.common import SEED, TARGET, WHITE_BOX_L0
from attacks.words import gettext_noop

SCORES_L0 = replace(SCORES_LINF, norm="l0")

PIXELS = Option(
    name="pixels",
    kind="integer",
    default=3,
    minimum=1,
    maximum=10,
    unit=" px",
    offered=(1, 3, 5, 10),
    label=gettext_noop("Pixels"),
    help=gettext_noop(
        "So many pixels of the picture may take any colour. A photo has more of them than the network sees: shrunk to "
        "its input, a single one may come to nothing."
    ),
)
POPULATION = Option(
    name="population",
    kind="integer",
    default=100,
    large=50,
    minimum=5,
    maximum=1000,
    offered=(50, 100, 400),
    label=gettext_noop("Population"),
    help=gettext_noop("How many candidates live side by side; the network is asked about each of them."),
)
GENERATIONS = Option(
    name="generations",
    kind="integer",
    default=9,
    minimum=1,
    maximum=1000,
    offered=(9, 100),
    label=gettext_noop("Generations"),
    help=gettext_noop("How often each candidate has a child, which takes its place if it does better."),
)
PARENT = Option(
    name="parent",
    kind="choice",
    default="best",
    choices=(("best", gettext_noop("the best")), ("random", gettext_noop("any, as in the paper"))),
    label=gettext_noop("Children of"),
    help=gettext_noop("Around the best candidate the search is quicker, around any it is wider."),
)
EVOLVED_SEED = replace(
    SEED,
    label=gettext_noop("Seed"),
    help=gettext_noop("The candidates, and the random tries beside the attack: the same number, the same draws."),
)
THETA = Option(
    name="theta",
    kind="number",
    default=1.0,
    minimum=0.01,
    maximum=1.0,
    offered=(0.1, 0.5, 1.0),
    label=gettext_noop("Step θ"),
    help=gettext_noop("What is added to a value, pixels from 0 to 1: 1 makes it white."),
)
DISTORTION = Option(
    name="distortion",
    kind="number",
    default=14.5,
    minimum=0.1,
    maximum=100.0,
    offered=(5.0, 10.0, 14.5),
    unit=" %",
    label=gettext_noop("Values Υ"),
    help=gettext_noop("At most so many of the picture’s values are moved, in percent."),
)
TRIES_SEED = replace(
    SEED,
    label=gettext_noop("Seed of the random tries"),
    help=gettext_noop("The random pixels beside the attack are drawn from this number: the same number, the same."),
)


def _generations(options: Mapping[str, Any], _limits: Limits) -> Passes:
    """Every candidate of the first population, and every child."""
    return Passes(options["population"] * (options["generations"] + 1))


def _pairs(options: Mapping[str, Any], limits: Limits) -> Passes:
    """A gradient for each pair of values; and before, a pass that tells the runner-up."""
    pairs = int((limits.values or SMALL) * options["distortion"] / 100) // 2
    return Passes(pairs + 2, pairs + 1)


ONE_PIXEL = AttackRecord(
    slug="one-pixel",
    name=gettext_noop("One-pixel attack"),
    paper="Su, Vargas, Sakurai: One Pixel Attack for Fooling Deep Neural Networks (2017)",
    paper_url="https://arxiv.org/abs/1710.08864",
    year=2017,
    threat_model=SCORES_L0,
    summary=gettext_noop(
        "A single pixel takes another colour: which and what, is found by evolution, from the network’s scores alone."
    ),
    options=(replace(PIXELS, default=1, maximum=1, offered=()), POPULATION, GENERATIONS, PARENT, TARGET, EVOLVED_SEED),
    budget="pixels",
    path="rerun",
    control="pixels",
    targeted=True,
    function="attacks.few_pixels:few_pixels",
    passes=_generations,
    repeats=("population", "generations"),
    presets=(
        Preset(gettext_noop("Quick"), gettext_noop("1,000 questions at most, and half as many about a photo."), {}),
        Preset(
            gettext_noop("As in the paper"),
            gettext_noop("400 candidates for 100 generations: 40,400 questions at most."),
            {"population": 400, "generations": 100, "parent": "random"},
        ),
    ),
)
FEW_PIXELS = replace(
    ONE_PIXEL,
    slug="few-pixels",
    name=gettext_noop("Few-pixel attack"),
    summary=gettext_noop(
        "A few pixels take other colours: which and what, is found by evolution, from the network’s scores alone."
    ),
    options=(PIXELS, POPULATION, GENERATIONS, PARENT, TARGET, EVOLVED_SEED),
)
JSMA = AttackRecord(
    slug="jsma",
    name="JSMA",
    paper="Papernot et al.: The Limitations of Deep Learning in Adversarial Settings (2015)",
    paper_url="https://arxiv.org/abs/1511.07528",
    year=2015,
    threat_model=WHITE_BOX_L0,
    summary=gettext_noop(
        "Two values at a time, those that help a class most, until it is named: the one you choose, or the runner-up."
    ),
    options=(THETA, DISTORTION, TARGET, TRIES_SEED),
    budget=None,
    path="single",
    control="pixels",
    targeted=True,
    function="attacks.jsma:jsma",
    passes=_pairs,
    repeats=("distortion",),
    presets=(
        Preset(gettext_noop("As in the paper"), gettext_noop("At most 14.5 % of the values."), {"distortion": 14.5}),
    ),
    most_values=SMALL,
)
