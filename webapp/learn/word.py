"""What is declared of a word of the field: its meaning in two or three sentences, and where it can be touched."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from webapp.learn.record import Link

GROUPS = {
    "pictures": _("What a network sees"),
    "networks": _("What it is made of"),
    "answers": _("What it answers"),
    "learning": _("How it learns"),
    "judging": _("How it is judged"),
    "attacks": _("How it is fooled"),
    "defence": _("What can be done"),
}


@dataclass(frozen=True)
class Place:
    """A page of the site where a word can be seen, and the words of the link to it."""

    label: str | Promise
    link: Link


ONE_STEP = Place(_("See it in the lab"), Link("lab_sample", ("camera",)))
MANY_STEPS = Place(_("See it in the lab"), Link("lab_sample", ("camera",), {"attack": "pgd"}))
DIGITS = Place(_("See it on digits"), Link("lab_with", ("digits",)))
HARDENED = Place(_("See it on a hardened network"), Link("lab_with", ("digits-hardened",)))
DATASET = Place(_("See it in a dataset"), Link("dataset", ("mnist",)))
TRAININGS = Place(_("See it in the trainings"), Link("training_runs"))


@dataclass(frozen=True)
class Word:
    """One entry. Lessons that introduce it name it (`Lesson.words`), and its page leads to them.

    formula: a template below templates/learn/formulas/, or with its folder, "lab/formulas/fgsm".
    options: names of options of attacks and trainings that it explains; their help in forms leads here.
    place: where it is seen on the site, for a word that no lesson introduces, or besides.
    """

    slug: str
    group: str
    term: str | Promise
    text: str | Promise
    formula: str = ""
    options: tuple[str, ...] = ()
    place: Place | None = None

    def __post_init__(self) -> None:
        if self.group not in GROUPS:
            raise ValueError(f"{self.slug}: {self.group!r} is none of {', '.join(GROUPS)}.")

    @property
    def template(self) -> str:
        """Where its formula is; "" if it has none."""
        folder = "" if "/" in self.formula else "learn/formulas/"
        return f"{folder}{self.formula}.html" if self.formula else ""
