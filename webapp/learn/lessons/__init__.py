"""The lessons, in the order in which they are read: one file each, whose `LESSON` is a record."""

from importlib import import_module

from webapp.learn.record import Lesson

NAMES = (
    "slope",
    "descent",
    "pictures",
    "softmax",
    "lenet",
    "exam",
    "fitting",
    "settings",
    "overfitting",
    "noise",
    "cameras",
)
LESSONS: dict[str, Lesson] = {name: import_module(f"{__name__}.{name}").LESSON for name in NAMES}
