"""What a race may be told: small trainings that stand beside each other as curves. Imports no torch."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from attacks.options import Option
from attacks.words import gettext_noop as _
from inference.catalog.configuration import SETTINGS

MOST_STEPS, MOST_PICTURES = 3000, 30_000  # of one training; whichever comes first ends it
MOST_LEARNT, KEPT_ASIDE = (
    5000,
    1000,
)  # pictures of MNIST's training part: to learn from, at most, and by which every race is judged
POINTS = 24  # of a curve, besides the first, which is measured before the first step
UNITS = 10  # in the only layer between pictures and scores of the small network

_MILLISECONDS = {"lenet": (1.2, 0.1, 60.0), "small": (0.3, 0.003, 12.0)}  # a step, a picture learnt from, a point

OPTIONS = (
    replace(
        SETTINGS["network"],
        choices=(("lenet", "LeNet"), ("small", _("one layer of ten units"))),
        help=_("What learns: LeNet, or ten units between the pixels and the ten scores."),
    ),
    SETTINGS["learning_rate"],
    replace(SETTINGS["momentum"], default=0.0, only_with=None),
    Option(
        "batch_size",
        "choice",
        32,
        SETTINGS["batch_size"].label,
        SETTINGS["batch_size"].help,
        choices=((1, "1"), (32, "32"), (64, "64"), (128, "128"), (0, _("all pictures at once"))),
    ),
    replace(
        SETTINGS["initialisation"],
        choices=(("kaiming", _("by the layer's width")), ("normal", _("normal, mean 0")), ("zeros", _("zeros"))),
        only_with=None,
    ),
    SETTINGS["sigma"],
    replace(SETTINGS["dropout"], only_with=None),
    Option(
        "pictures",
        "integer",
        2000,
        _("Pictures"),
        _("So many of MNIST's are learnt from. It is judged by others, which are always the same."),
        minimum=50,
        maximum=MOST_LEARNT,
    ),
    Option(
        "random_labels",
        "boolean",
        False,
        _("Labels by chance"),
        _("Every picture learnt from is given a label by chance: there is nothing to understand."),
    ),
    Option(
        "sorted_batches",
        "boolean",
        False,
        _("Batches sorted by class"),
        _("In every epoch all zeros come first, then all ones: no batch is a fair draw."),
    ),
    replace(SETTINGS["epochs"], default=10, maximum=200),
    Option(
        "steps",
        "integer",
        MOST_STEPS,
        _("Steps"),
        _("It ends after so many, whatever its epochs: trainings with batches of several sizes can take the same."),
        minimum=1,
        maximum=MOST_STEPS,
    ),
    SETTINGS["seed"],
)


def steps_of(options: Mapping[str, Any]) -> tuple[int, str]:
    """(how many steps it takes, what ends it): its epochs, steps asked for ("asked"), or one of the limits, which no
    machine's speed moves.
    """
    size = options["batch_size"] or options["pictures"]
    ends = {
        "epochs": options["epochs"] * math.ceil(options["pictures"] / size),
        "pictures": max(1, MOST_PICTURES // size),
        "steps": MOST_STEPS,
        "asked": options["steps"],
    }
    ended = min(ends, key=lambda name: ends[name])
    return ends[ended], ended


def seconds_of(options: Mapping[str, Any]) -> float:
    """What one core takes for it, about."""
    (steps, _ended), (step, picture, point) = steps_of(options), _MILLISECONDS[options["network"]]
    seen = steps * min(options["batch_size"] or options["pictures"], options["pictures"])
    return (steps * step + seen * picture + (POINTS + 1) * point) / 1000
