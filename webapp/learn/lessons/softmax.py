"""Lesson 4: from scores to probabilities, and how wrong they are."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.parts import Formula, Text, Widget
from webapp.learn.record import Answer, Experiment, Lesson, Link, Question, Real, Source

SCORES = [-3, 1, 2, 3, -2, 0, -4, 1.5, 0.5, -1]

LESSON = Lesson(
    slug="softmax",
    title=_("From scores to probabilities"),
    minutes=8,
    idea=_("A network gives each class a score. Softmax makes of ten scores ten shares that add up to 1."),
    hook=_(
        "A network’s last layer gives ten numbers, and some are below zero. How does −2.1 become “3 %”, and who says "
        "that 3 % is true?"
    ),
    parts=(
        Widget(
            "scores",
            _("Drag a score. The bars share out 100 % anew; the score that leads keeps the largest."),
            {"scores": SCORES},
        ),
        Text(
            heading=_("What you have just done"),
            paragraphs=(
                _(
                    "You took the place of a network’s last layer. It is a [fully connected layer](fully-connected) "
                    "with ten outputs because there are ten digits, and what it gives is a [score](score) for each: "
                    "any number, above zero or below."
                ),
                _(
                    "[Softmax](softmax) raises e to the power of each score. That makes every number positive, and a "
                    "score that is higher by 1 weighs *e* ≈ 2.7 times as much, wherever the two scores lie. Then each "
                    "is divided by the sum of all, so that together they make 1."
                ),
            ),
            note=_(
                "The answer itself needs no softmax: the class with the highest score, the [argmax](argmax), is the "
                "class with the largest share."
            ),
        ),
        Formula(
            "softmax",
            _(
                "the share of class *i* is e to the power of its score divided by the temperature, over the sum of "
                "the same for every class *j*."
            ),
        ),
        Text(
            heading=_("Only differences count"),
            paragraphs=(
                _(
                    "Add the same number to all ten scores: above and below the line of the fraction stands the same "
                    "factor, and it cancels. Scores 1, 2, 3 and scores 1001, 1002, 1003 are the same answer."
                ),
                _(
                    "That is how it can be computed at all. Networks compute with 32-bit numbers, which end near "
                    "3.4 × 10³⁸, and e to the 89th is beyond that. So the largest score is subtracted from all of "
                    "them first. Untick the box, and you see what happens without."
                ),
                _(
                    "The [temperature](temperature) *T* divides all scores before that. It changes how sure the "
                    "answer sounds, never which class leads."
                ),
            ),
            note=_(
                "Ten numbers that add up to 1 are not yet honest [probabilities](probability). Networks that say 90 % "
                "were right less often than that when Guo and others checked in 2017; one temperature, fitted on "
                "pictures kept aside, mended most of it."
            ),
        ),
        Widget(
            "cross-entropy",
            _("Choose what the picture shows, and change the score of class 3. The point moves along −ln *p*."),
            {"scores": SCORES, "truth": 3, "own": 3},
        ),
        Text(
            heading=_("How wrong is an answer?"),
            paragraphs=(
                _(
                    "To learn, a network needs one number that says how wrong it was, the [loss](loss). The truth is "
                    "written as [one-hot](one-hot): ten places, a 1 for the class that is right, 0 for all others. "
                    "One-hot does not pick the largest score; that is argmax. It says what should have come out."
                ),
                _(
                    "[Cross-entropy](cross-entropy) multiplies each place of it by minus the logarithm of the share. "
                    "Nine places are multiplied by 0. What stays is minus the logarithm of the share that the true "
                    "class was given."
                ),
            ),
            note=_("Guessing among ten classes costs ln 10 ≈ 2.303. A loss above that is worse than knowing nothing."),
        ),
        Formula(
            "cross-entropy",
            _(
                "the loss *J* is minus the sum, over all classes, of one-hot times the logarithm of the share; which "
                "is minus the logarithm of the true class’s share."
            ),
        ),
    ),
    experiments=(
        Experiment(
            "scores",
            {"constant": 1000},
            _("Add 1000 to every score: 1, 2 and 3 become 1001, 1002 and 1003. What happens to the largest share?"),
            _("Nothing, to the last digit. Softmax sees differences only."),
            "top",
            (0.5299, 0.5301),
        ),
        Experiment(
            "scores",
            {"temperature": 0.1},
            _("Divide all scores by a temperature of 0.1. The leader is one point ahead. How sure will it be?"),
            _("As good as certain: its lead of 1 has become a lead of 10, and e to the 10th is 22,026."),
            "top",
            (0.9999, 1),
        ),
        Experiment(
            "scores",
            {"temperature": 10},
            _("Now a temperature of 10. Does another class win?"),
            _("No: the order never changes. But the leader is left with 13 %, where guessing would give each 10 %."),
            "top",
            (0.13, 0.14),
        ),
        Experiment(
            "scores",
            {"constant": 1000, "shifted": False},
            _("Add 1000 again, and do not subtract the largest score first. What is the sum of the exponentials?"),
            _(
                "More than a 32-bit number can hold: infinity. Each share is infinity divided by infinity, which is "
                "“not a number”, NaN. The network has no answer any more."
            ),
            "total",
            (float("inf"), float("inf")),
        ),
        Experiment(
            "cross-entropy",
            {"truth": 7, "own": 10},
            _("Be very sure of class 3 (score 10) when the picture shows a 7. Guessing would cost 2.303. And this?"),
            _(
                "8.5, nearly four times what guessing costs. Each further point of wrong confidence costs another "
                "point of loss, without end."
            ),
            "loss",
            (8.50, 8.51),
        ),
    ),
    question=Question(
        _("You double all ten scores. What happens to the probabilities?"),
        (
            Answer(
                _("Nothing: only differences count."),
                _("Doubling is not adding. The differences double too: a lead of 1 becomes a lead of 2."),
            ),
            Answer(
                _("The leader gains, the order stays."),
                _("Doubling is a temperature of ½: every lead grows, and no class overtakes another."),
                right=True,
            ),
            Answer(
                _("They double too, and are divided by 2 again."),
                _(
                    "The shares come from powers of e, and those are squared when the scores double. The sum of all "
                    "shares is 1 in any case."
                ),
            ),
        ),
    ),
    real=Real(
        _(
            "The bars below every picture in the lab are this softmax, there on a real network’s scores. Draw a digit "
            "that is hard to read and see how the shares spread."
        ),
        _("Draw a digit in the lab"),
        Link("lab_with", ("digits",)),
    ),
    sources=(
        Source(
            "J. S. Bridle",
            1990,
            "Probabilistic Interpretation of Feedforward Classification Network Outputs, with Relationships to "
            "Statistical Pattern Recognition",
            "https://doi.org/10.1007/978-3-642-76153-9_28",
        ),
        Source(
            "C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger",
            2017,
            "On Calibration of Modern Neural Networks",
            "https://arxiv.org/abs/1706.04599",
        ),
        Source(
            "I. Goodfellow, Y. Bengio, A. Courville",
            2016,
            "Deep Learning, sections 4.1 and 6.2.2.3",
            "https://www.deeplearningbook.org/",
        ),
    ),
    words=(
        "score",
        "softmax",
        "probability",
        "temperature",
        "argmax",
        "one-hot",
        "loss",
        "cross-entropy",
        "calibration",
    ),
)
