"""What a network answers: scores, shares, and how the truth is written."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.word import DIGITS, Word

WORDS = (
    Word(
        "class",
        "answers",
        _("class"),
        _(
            "One of the answers that a network can give: ten digits, or a thousand kinds of things. A picture"
            " of anything else gets one of them all the same."
        ),
        place=DIGITS,
    ),
    Word(
        "score",
        "answers",
        _("score (logit)"),
        _(
            "The number that the last layer gives each class, before softmax: any number, negative too. The "
            "class with the highest score is the network’s answer."
        ),
        place=DIGITS,
    ),
    Word(
        "softmax",
        "answers",
        _("softmax"),
        _(
            "A function that turns scores into numbers between 0 and 1 that add up to 1: each score becomes "
            "its exponential, and is divided by the sum of all. Only differences between scores count."
        ),
        formula="softmax",
    ),
    Word(
        "probability",
        "answers",
        _("probability"),
        _(
            "Here: what softmax makes of a score, the share that a network gives to a class. Whether a "
            "network that says 90 % is right nine times out of ten is another question, calibration."
        ),
        place=DIGITS,
    ),
    Word(
        "temperature",
        "answers",
        _("temperature"),
        _(
            "A number that all scores are divided by before softmax. Below 1 it makes the answer surer, above"
            " 1 more even; which class leads stays as it was."
        ),
    ),
    Word(
        "argmax",
        "answers",
        _("argmax"),
        _(
            "The place of the largest number in a list: of the ten scores, the class that is answered. It is "
            "not one-hot, which is how the right answer is written down."
        ),
    ),
    Word(
        "one-hot",
        "answers",
        _("one-hot"),
        _(
            "The right answer written as a list with one place for each class: 1 for the true class, 0 for "
            "all others. Cross-entropy compares the probabilities with it."
        ),
    ),
    Word(
        "calibration",
        "answers",
        _("calibration"),
        _(
            "Whether the numbers that softmax gives are honest: of all answers given with 90 %, are nine in "
            "ten right? Large networks are often too sure; a temperature, fitted on pictures kept aside, "
            "mends much of it."
        ),
    ),
)
