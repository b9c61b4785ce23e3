"""What a network sees: pixels, how they are prepared, and the datasets they come from."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.word import DATASET, ONE_STEP, Word

WORDS = (
    Word(
        "pixel",
        "pictures",
        _("pixel"),
        _(
            "A point of a picture: one number if it is grey, three (red, green, blue) if it is coloured. A "
            "network sees nothing but these numbers."
        ),
        place=ONE_STEP,
    ),
    Word(
        "grey-level",
        "pictures",
        _("grey level"),
        _(
            "A colour value in a file is a whole number from 0 to 255; from one to the next is one grey "
            "level. On the way into a network it is divided by 255."
        ),
        place=ONE_STEP,
    ),
    Word(
        "normalisation",
        "pictures",
        _("normalisation"),
        _(
            "The values of all pixels brought into one range, 0 to 1 or −1 to 1, so that no weight has to "
            "learn the scale first. Whoever uses the network later must do exactly the same: forgetting it "
            "raises no error, only wrong answers."
        ),
        options=("normalisation",),
        place=DATASET,
    ),
    Word(
        "standardisation",
        "pictures",
        _("standardisation"),
        _(
            "From each value the mean of the training pictures is taken, and what is left is divided by their"
            " standard deviation. The values then lie around 0, about as far as 1."
        ),
        place=DATASET,
    ),
    Word(
        "augmentation",
        "pictures",
        _("augmentation"),
        _(
            "Training pictures are shifted, turned, enlarged, mirrored or given noise at random before the "
            "network sees them, so that few pictures become many. Only changes that leave the meaning as it "
            "is help: a mirrored cat is a cat, a mirrored 2 is no 2."
        ),
        options=("shift", "rotation", "scale", "flip", "noise", "erasing"),
        place=DATASET,
    ),
    Word(
        "label",
        "pictures",
        _("label"),
        _(
            "What a picture shows, written beside it by somebody. A network learns from labels as they are, "
            "wrong ones too."
        ),
        place=DATASET,
    ),
    Word(
        "dataset",
        "pictures",
        _("dataset"),
        _(
            "Pictures with their labels, gathered for one question: which digit, which garment, which sign. "
            "They cost more than anything else in machine learning, because somebody had to look at each."
        ),
        options=("dataset",),
        place=DATASET,
    ),
    Word(
        "split",
        "pictures",
        _("training, validation and test set"),
        _(
            "Pictures to learn from (often 80 %), pictures kept aside once to compare settings (20 %), and "
            "pictures that are opened at the very end. What was used to choose can no longer judge."
        ),
        options=("validation_share",),
        place=DATASET,
    ),
)
