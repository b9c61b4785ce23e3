"""How a network is judged: two error rates, and what lies between them."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.word import TRAININGS, Word

WORDS = (
    Word(
        "error-rate",
        "judging",
        _("error rate, accuracy"),
        _(
            "The share of pictures that is judged wrong, and the share that is judged right. There are two of"
            " each, on pictures learnt from and on pictures kept aside, and only the second says what was "
            "learnt."
        ),
        place=TRAININGS,
    ),
    Word(
        "generalise",
        "judging",
        _("to generalise"),
        _(
            "To be right on pictures that were never seen. It is all that counts: the ones that were seen "
            "could be learnt by heart."
        ),
        place=TRAININGS,
    ),
    Word(
        "underfitting",
        "judging",
        _("underfitting"),
        _(
            "Even the training pictures are judged badly. The network is too small, or has learnt too short, "
            "too slowly, or too constrained."
        ),
        place=TRAININGS,
    ),
    Word(
        "overfitting",
        "judging",
        _("overfitting"),
        _(
            "The training pictures are judged far better than new ones: they were learnt by heart, noise "
            "included. More data help most; dropout, weight decay and early stopping help, too."
        ),
        place=TRAININGS,
    ),
    Word(
        "confusion",
        "judging",
        _("confusion matrix"),
        _("A table of what was shown and what was said. It tells which classes a network takes for which."),
        place=TRAININGS,
    ),
    Word(
        "guessing",
        "judging",
        _("guessing"),
        _(
            "What one gets without looking: of ten classes that are equally frequent, one in ten right. Every"
            " figure is to be read beside it."
        ),
        place=TRAININGS,
    ),
    Word(
        "interval",
        "judging",
        _("95 % interval"),
        _(
            "A figure from 1,000 pictures would come out a little different on 1,000 others. The interval "
            "says between which bounds the true share lies, in 95 of 100 such measurements."
        ),
        place=TRAININGS,
    ),
)
