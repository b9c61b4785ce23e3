"""The races that stand on pages: which trainings are held against each other, and what is shown of them.

Their trainings are prepared when the site is set up; a page names them, so that both are declared once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST = 5  # curves in a chart


@dataclass(frozen=True)
class Race:
    """Up to five trainings (options of inference.catalog.races that are not usual).

    named: the options by which a training is called in the chart; measures: what is drawn of each point, over `over`.
    """

    lanes: tuple[Mapping[str, Any], ...]
    named: tuple[str, ...]
    measures: tuple[str, ...] = ("validation_error",)
    over: str = "epoch"

    @property
    def curves(self) -> int:
        """How many are drawn."""
        return len(self.lanes) * len(self.measures)

    def as_json(self) -> dict[str, Any]:
        return {
            "lanes": [dict(lane) for lane in self.lanes],
            "named": self.named,
            "measures": self.measures,
            "over": self.over,
        }


def _lanes(option: str, *values: Any, **others: Any) -> tuple[dict[str, Any], ...]:
    return tuple({**others, option: value} for value in values)


_SIZES = (1, 32, 64, 128, 0)  # 0: all at once

RACES: Mapping[str, Race] = {
    "rates": Race(_lanes("learning_rate", 0.0005, 0.05, 0.2), ("learning_rate",)),
    "momentum": Race(_lanes("momentum", 0.0, 0.9, 0.99, learning_rate=0.002), ("momentum",)),
    "epochs": Race(
        ({"pictures": 200, "epochs": 100, "learning_rate": 0.05},),
        ("pictures",),
        ("training_loss", "validation_loss"),
    ),
    "sigma": Race(
        (
            *_lanes("sigma", 0.01, 0.1, 1.0, initialisation="normal", learning_rate=0.05),
            {"initialisation": "kaiming", "learning_rate": 0.05, "sigma": 0.1},
        ),
        ("initialisation", "sigma"),
    ),
    "zeros": Race(
        _lanes("initialisation", "kaiming", "zeros", network="small", learning_rate=0.05), ("initialisation",)
    ),
    "dropout": Race(
        _lanes("dropout", 0.0, 0.5, pictures=200, epochs=100, learning_rate=0.05),
        ("dropout",),
        ("training_error", "validation_error"),
    ),
    "batches": Race(
        _lanes("batch_size", *_SIZES, pictures=500, epochs=50, learning_rate=0.01), ("batch_size",), over="pictures"
    ),
    "steps": Race(
        _lanes("batch_size", *_SIZES, pictures=500, epochs=50, steps=50, learning_rate=0.05),
        ("batch_size",),
        over="step",
    ),
    "sorted": Race(
        _lanes("sorted_batches", False, True, learning_rate=0.01),
        ("sorted_batches",),
        ("batch_loss", "validation_loss"),
    ),
}


def settings(*slugs: str, free: bool = False, first: str = "") -> dict[str, Any]:
    """What the part that shows these races begins with, with `first` if it is one of them; `free`: one's own settings
    may be raced, too."""
    shown = {slug: RACES[slug] for slug in slugs}
    places = MOST if free else max(race.curves for race in shown.values())
    races = {slug: race.as_json() for slug, race in shown.items()}
    return {"races": races, "race": first if first in shown else slugs[0], "places": places, "free": free}


def prepared() -> tuple[Mapping[str, Any], ...]:
    """Every training of every race."""
    return tuple(lane for race in RACES.values() for lane in race.lanes)
