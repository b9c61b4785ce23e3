"""What the pages of trainings show, in words: figures, tables, mistakes. The templates only place them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, gettext_noop

from inference.catalog.networks import NETWORKS
from inference.catalog.protocols import EPOCH, TESTED, worst_of
from webapp.core.shown import protocol_words, shown
from webapp.core.words import counted
from webapp.jobs.models import Status
from webapp.lab.sentence import exact_percent
from webapp.registry.comparison import compared_with_live
from webapp.training.models import TrainingRun
from webapp.training.sentence import best_of, same_pictures, share

Json = Mapping[str, Any]

SHADES = (0.0, 0.005, 0.02, 0.1)  # a cell of the confusion matrix is a shade darker above each of these shares
NOTHING = "–"


def run_view(row: TrainingRun, job: Json, labels: Sequence[str]) -> dict[str, Any]:
    """Everything the live page's template needs beside the job itself."""
    result = job["result"]
    epochs, version = result["epochs"], result["version"]
    test = version["test"] if version else None
    return {
        "pending": job["status"] in (Status.QUEUED, Status.RUNNING),
        "resumable": row.goes_on,
        "charts": [_chart(name, title, columns, epochs) for name, title, columns in CHARTS],
        "every": _table(EVERYTHING, epochs),
        "mistakes": [_mistake(one, labels) for one in result["mistakes"]],
        "strip": f"{result['mistakes_url']}?after={len(epochs)}",
        "figures": _figures(test) if test else [],
        "compared_with_live": compared_with_live(row.version) if row.version and test else [],
        "confusion": _confusion(test["confusion"], labels) if test else [],
    }


def line(row: TrainingRun) -> dict[str, Any]:
    """A training in the list of all."""
    epochs = [epoch.figures() for epoch in row.epochs.all()]
    test = (row.version.card.get("test") if row.version else None) or {}
    attacked = worst_of(test) if test else None
    clean = same_pictures(test, attacked) if attacked else None
    return {
        "run": row,
        "network": shown(NETWORKS[row.network].name),
        "epochs": gettext("%(done)s of %(of)s epochs") % {"done": len(epochs), "of": row.config["epochs"]},
        "wrong": share(min(epoch["validation_error"] for epoch in epochs)) if epochs else NOTHING,
        "right": share(clean["accuracy"]) if clean else NOTHING,
        "of": counted(clean["of"]) if clean else "",
        "attacked": share(attacked["accuracy"], 1) if attacked else NOTHING,
        "attacked_of": counted(attacked["of"]) if attacked else "",
        "eps": f"{attacked['protocol']['epsilon']}/255" if attacked else "",
        "live": bool(row.version and row.version.live),
    }


# --- Epochs -------------------------------------------------------------------------------------------------------


def _plain(digits: int) -> Any:
    return lambda value: f"{value:.{digits}f}"


def _accuracy(value: float | None) -> str:
    return NOTHING if value is None else share(value, 1)


TRAINING_LOSS = (gettext_noop("training loss"), "training_loss", _plain(4))
VALIDATION_LOSS = (gettext_noop("validation loss"), "validation_loss", _plain(4))
TRAINING_ERROR = (gettext_noop("training error"), "training_error", share)
VALIDATION_ERROR = (gettext_noop("validation error"), "validation_error", share)
CLEAN = (gettext_noop("as they are"), "validation_error", lambda error: share(1 - error))
UNDER_ATTACK = tuple((protocol.label, figure, _accuracy) for figure, protocol in EPOCH.items())

CHARTS = (
    ("loss", gettext_noop("Loss"), (TRAINING_LOSS, VALIDATION_LOSS)),
    ("error", gettext_noop("Error"), (TRAINING_ERROR, VALIDATION_ERROR)),
    ("attack", gettext_noop("Accuracy under attack"), (CLEAN, *UNDER_ATTACK)),
)
EVERYTHING = (
    TRAINING_LOSS,
    VALIDATION_LOSS,
    TRAINING_ERROR,
    VALIDATION_ERROR,
    *UNDER_ATTACK,
    (gettext_noop("gradient norm"), "gradient_norm", _plain(3)),
    (gettext_noop("learning rate"), "learning_rate", lambda rate: f"{rate:.2g}"),
    (gettext_noop("seconds"), "seconds", _plain(1)),
    (gettext_noop("pictures per second"), "pictures_per_second", lambda pace: f"{pace:,.0f}"),
)


def _chart(name: str, title: str, columns: Sequence[Any], epochs: Sequence[Json]) -> dict[str, Any]:
    words = gettext("%(title)s as a table") % {"title": gettext(title)}
    return {"name": name, "title": gettext(title), "as_table": words, "table": _table(columns, epochs)}


def _table(columns: Sequence[Any], epochs: Sequence[Json]) -> dict[str, Any]:
    """A row for each epoch; the one that is kept is marked."""
    best = best_of(epochs)
    rows = [
        {
            "epoch": epoch["number"],
            "best": epoch["number"] == best,
            "cells": [worded(epoch[key]) for _title, key, worded in columns],
        }
        for epoch in epochs
    ]
    return {"heads": [gettext(title) for title, _key, _worded in columns], "rows": rows}


def _mistake(one: Json, labels: Sequence[str]) -> dict[str, str]:
    said = labels[one["said"]]
    return {"truth": labels[one["truth"]], "said": said, "probability": exact_percent(one["probability"])}


# --- The test -----------------------------------------------------------------------------------------------------


def _figures(test: Json) -> list[dict[str, Any]]:
    """Accuracies with what each was counted on."""
    clean = _figure(gettext("as they are"), "before", test) | {"protocol": ""}
    return [clean] + [
        _figure(gettext(protocol.label), "after", test[name])
        | {"protocol": gettext("%(protocol)s: an upper bound") % {"protocol": protocol_words(test[name]["protocol"])}}
        for name, protocol in TESTED.items()
        if test.get(name)
    ]


def _figure(name: str, role: str, figure: Json) -> dict[str, Any]:
    low, high = figure["interval"]
    counted = gettext("%(right)s of %(of)s") % {"right": f"{figure['right']:,}", "of": f"{figure['of']:,}"}
    interval = gettext("95 %% interval: %(low)s to %(high)s") % {"low": share(low), "high": share(high)}
    return {"name": name, "role": role, "share": share(figure["accuracy"]), "counted": counted, "interval": interval}


def _confusion(counts: Sequence[Sequence[int]], labels: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each true class; its cells say how often each class was named, and how dark they are."""
    return [
        {"label": label, "cells": [_cell(count, sum(row), right=place == i) for i, count in enumerate(row)]}
        for place, (label, row) in enumerate(zip(labels, counts, strict=True))
    ]


def _cell(count: int, of: int, *, right: bool) -> dict[str, Any]:
    shade = sum(count / max(1, of) > threshold for threshold in SHADES)
    return {"count": count, "right": right, "shade": shade}
