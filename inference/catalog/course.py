"""What the course's computations may be told, but for races (inference.catalog.races). Imports no torch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from attacks.options import Option
from attacks.records.linf import FGSM
from attacks.words import gettext_noop as _
from inference.catalog.configuration import SETTINGS

LAST = 27  # row and column of a digit's last pixel

SEED = replace(SETTINGS["seed"], maximum=999)
EPSILON = replace(
    next(option for option in FGSM.options if option.name == "epsilon"), default=25, minimum=0, maximum=128
)


def _place(name: str, label: str, default: int) -> Option:
    return Option(name, "integer", default, label, _("Counted from 0, from above and from the left."), maximum=LAST)


ROW, COLUMN = _place("row", _("Row"), 14), _place("column", _("Column"), 14)
UNIT = (
    Option(
        "layer",
        "choice",
        "convolution-1",
        _("Layer"),
        _("Which of LeNet’s layers."),
        choices=(
            ("convolution-1", _("first convolution")),
            ("pooling-1", _("first pooling")),
            ("convolution-2", _("second convolution")),
            ("pooling-2", _("second pooling")),
            ("flatten", _("flattened")),
            ("connected-1", _("first connected layer")),
            ("connected-2", _("second connected layer")),
            ("connected-3", _("last connected layer")),
        ),
    ),
    Option("channel", "integer", 0, _("Channel"), _("Which map, or which unit of a layer without maps."), maximum=399),
    replace(ROW, default=0),
    replace(COLUMN, default=0),
)


def _moved(name: str, label: str, default: int) -> Option:
    return Option(
        name, "integer", default, label, _("By so many pixels; negative is the other way."), minimum=-8, maximum=8
    )


MOVED = (_moved("across", _("To the right"), 4), _moved("down", _("Down"), 0))
FOOLED = (replace(EPSILON, default=51), SEED)
CROWD = (replace(EPSILON, default=51),)
PIXEL = (EPSILON, ROW, COLUMN, SEED)
LINEAR = (
    Option(
        "side",
        "choice",
        28,
        _("Pixels a side"),
        _("Each pixel is the mean of those that it stands for."),
        choices=((4, "4"), (7, "7"), (14, "14"), (28, "28")),
    ),
    EPSILON,
    SEED,
)
CAMERAS = (
    Option(
        "subject",
        "choice",
        "digits",
        _("Pictures"),
        _("What both networks look at."),
        choices=(("digits", _("handwritten digits")), ("signs", _("drawn signs, photographed by a program"))),
    ),
    replace(EPSILON, default=51),
    Option(
        "radius",
        "number",
        4.0,
        _("Radius"),
        _("How long the whole change may be (L2), in pixels from 0 to 1."),
        minimum=0.0,
        maximum=10.0,
    ),
    SEED,
)
STOP_SIGN = (
    Option("hardened", "boolean", False, _("Hardened"), _("Whether the network learnt from attacked pictures.")),
    replace(EPSILON, default=3, minimum=1, maximum=32),
    SEED,
)
CHANGES = (
    ("shift", _("shifted")),
    ("rotation", _("turned")),
    ("scale", _("scaled")),
    ("flip", _("mirrored")),
    ("noise", _("with grain")),
    ("erasing", _("with a patch erased")),
)
_CHANGE = Option(
    "change", "choice", "rotation", _("Change"), _("What is done to every picture, each time anew."), choices=CHANGES
)
AUGMENTED = (_CHANGE, SEED)
_FEW = Option(
    "pictures", "integer", 300, _("Pictures"), _("So many of MNIST’s are learnt from."), minimum=50, maximum=1000
)
AUGMENTATION = (
    replace(_CHANGE, default="none", choices=(("none", _("unchanged")), *CHANGES)),
    _FEW,
    SEED,
)
EXAM = (
    Option(
        "labels",
        "choice",
        "true",
        _("Labels"),
        _("True, or drawn by chance: then there is nothing to understand."),
        choices=(("true", _("true")), ("random", _("by chance"))),
    ),
    replace(_FEW, default=500),
    SEED,
)
VARIANT = (
    replace(SETTINGS["dropout"], only_with=None),
    replace(SETTINGS["pooling"], only_with=None),
    replace(SETTINGS["one_by_one"], only_with=None),
    replace(_FEW, default=200, maximum=500),
    SEED,
)
VARIANTS: Mapping[str, Mapping[str, Any]] = {  # of which each has one thing changed
    "plain": {},
    "quarter": {"dropout": 0.25},
    "half": {"dropout": 0.5},
    "average": {"pooling": "average"},
    "mixed": {"one_by_one": True},
}
BATCHES = (SEED,)
