"""Attacks that may ask the network, but not look into it."""

from collections.abc import Mapping
from typing import Any

from attacks.options import Limits, Option
from attacks.record import AttackRecord, Passes, Preset, ThreatModel
from attacks.records.common import EPSILON, START_SEED, TARGET
from attacks.words import gettext_noop

SCORES_LINF = ThreatModel(
    "linf",
    gettext_noop("Scores: the attacker asks what the network says of a picture, each class with its score."),
    gradients=False,
)

QUERIES = Option(
    name="queries",
    kind="integer",
    default=500,
    large=400,
    minimum=1,
    maximum=20_000,
    offered=(100, 500, 5000),
    label=gettext_noop("Queries"),
    help=gettext_noop("How often the network may be asked; it ends with the first picture that fools it."),
)
SHARE = Option(
    name="share",
    kind="number",
    default=0.3,
    minimum=0.001,
    maximum=1,
    label=gettext_noop("First squares"),
    help=gettext_noop("The share of the picture that the first squares cover; later ones are smaller."),
)


def _queries(options: Mapping[str, Any], _limits: Limits) -> Passes:
    return Passes(options["queries"])


SQUARE = AttackRecord(
    slug="square",
    name="Square",
    paper="Andriushchenko, Croce, Flammarion, Hein: "
    "Square Attack: a query-efficient black-box adversarial attack via random search (2020)",
    paper_url="https://arxiv.org/abs/1912.00049",
    year=2020,
    threat_model=SCORES_LINF,
    summary=gettext_noop("Random squares of ±ε, kept where they help. It asks for scores, never for a gradient."),
    options=(EPSILON, QUERIES, SHARE, TARGET, START_SEED),
    budget="epsilon",
    path="rerun",
    control="search",
    targeted=True,
    function="attacks.square:square",
    passes=_queries,
    repeats=("queries",),
    presets=(
        Preset(
            gettext_noop("Quick"), gettext_noop("500 queries, 400 about a photo, with squares that suit so few."), {}
        ),
        Preset(
            gettext_noop("As in AutoAttack"),
            gettext_noop("5,000 queries that begin with large squares, as the ensemble of attacks takes them."),
            {"queries": 5000, "share": 0.8},
        ),
        Preset(
            gettext_noop("As in the paper"),
            gettext_noop("10,000 queries with small squares, as the paper takes for photographs."),
            {"queries": 10_000, "share": 0.05},
        ),
    ),
)
