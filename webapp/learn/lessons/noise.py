"""Lesson 10: from the slope by a weight to the slope by a pixel, and why small changes add up."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.digits import sample_digits
from webapp.learn.parts import Formula, Text, Widget
from webapp.learn.record import Answer, Experiment, Lesson, Link, Question, Real, Source

EIGHT = {"digit": 8, "epsilon": 25, "row": 21, "column": 14}

LESSON = Lesson(
    slug="noise",
    title=_("Noise made on purpose"),
    minutes=9,
    idea=_(
        "Ask for the slope of each pixel instead of each weight, and a small step along its sign fools the network."
    ),
    hook=_(
        "LeNet reads 99 of 100 test digits, and random specks hardly disturb it. Now let each pixel move no further "
        "than "
        "the specks did, but choose up or down for each."
    ),
    parts=(
        Widget(
            "pixels",
            _(
                "Press a pixel, in any of the three pictures, and read its numbers. Then move ε. At 25/255 the grain "
                "can be seen, and the 8 is still an 8."
            ),
            {"digits": sample_digits(), **EIGHT},
            wide=True,
        ),
        Text(
            heading=_("The same slope, asked of something else"),
            paragraphs=(
                _(
                    "While a network learns, the picture is given and the weights move: each gets a slope, and goes a "
                    "little way down, so that the [loss](loss) falls. Now turn it round. The weights stay as they are, "
                    "and each of the 784 pixels gets [a slope of its own](input-gradient): how much more wrong the "
                    "answer becomes if this pixel becomes lighter."
                ),
                _(
                    "[Backpropagation](backpropagation) gives all 784 at once, at the price of one pass forwards and "
                    "one back. Only the sign is used: where the slope is above zero the pixel becomes lighter by ε, "
                    "where it is below, darker. What falls below 0 or rises above 255 is clamped, for no pixel can be "
                    "blacker than black."
                ),
            ),
            note=_(
                "The slopes shown are of the log odds that the answer is wrong. They have the signs of the "
                "[cross-entropy](cross-entropy)’s, and do not vanish where the network is very sure."
            ),
        ),
        Formula(
            "input-gradient",
            _(
                "the gradient of the loss *J* with respect to the weights *w* becomes that with respect to the "
                "picture *x*."
            ),
        ),
        Formula(
            "pixel-step",
            _("each pixel of *x* moves by ε in the direction of the sign of its slope, and is clamped to 0 to 255."),
        ),
        Text(
            heading=_("Chance is not enough"),
            paragraphs=(
                _(
                    "[Random signs](control) change every pixel by as much. But one pixel’s push is undone by the next "
                    "one’s: on average they cancel. The signs of the slopes all push the same way."
                ),
            ),
        ),
        Widget("crowd", _("The first 500 test digits. Choose how far each pixel may move."), {"epsilon": 25}),
        Text(
            heading=_("Why small steps add up"),
            paragraphs=(
                _(
                    "Take the simplest model there is: each [score](score) is a sum of pixels times weights. Its "
                    "answer "
                    "is how far the right score leads, again such a sum, with weights *w*. If every pixel moves by ε "
                    "along the sign of its weight, all 784 terms add up: the answer moves by ε times the sum of all "
                    "|*w*|."
                ),
                _(
                    "Below, three such models were taught on the same digits, shrunk to 7 × 7, to 14 × 14, and as they "
                    "are. No pixel moves further in the large picture, and still the answer moves further, because "
                    "there "
                    "are more pixels to push. Random signs grow with the root of the sum of squares instead: with four "
                    "times the pixels at half the weight, not at all."
                ),
            ),
            note=_(
                "That is Goodfellow’s explanation of 2014: not that networks are too bent, but that they are too "
                "straight. "
                "A photograph has 150,528 values; a few levels are enough there."
            ),
        ),
        Formula(
            "linear",
            _(
                "*w* times the picture moved by ε along the sign of *w* is *w* times the picture, plus ε times the "
                "sum of "
                "the amounts of all weights."
            ),
        ),
        Widget(
            "linear",
            _("Softmax regression on MNIST, a mean over 2,000 test digits. Move ε."),
            {"epsilon": 5},
        ),
    ),
    experiments=(
        Experiment(
            "pixels",
            EIGHT,
            _("Move every pixel of this 8 by 25 of 255 levels, each along its sign. What will LeNet say?"),
            _("It says 2, and is 93 % sure. Of the 8 it was more than 99.9 % sure."),
            "label",
            (2, 2),
        ),
        Experiment(
            "pixels",
            EIGHT,
            _("The same 25 levels, but up or down by chance, 20 times anew. How often does the answer change?"),
            _("Not once for this 8. As large, and as good as harmless."),
            "changed",
            (0, 1),
        ),
        Experiment(
            "pixels",
            EIGHT | {"row": 22, "column": 14},
            _("This pixel is black, and its slope is below zero: it should become darker still. Where does it end?"),
            _(
                "At 0. Half of the black pixels are stuck like that, so that a third of the push is lost: 28.6 points "
                "without clamping, 19.1 with it. The network, which is not linear, rose by 17.4."
            ),
            "result",
            (0, 0),
        ),
        Experiment(
            "crowd",
            {"epsilon": 51},
            _(
                "Let pixels move by 51. Random signs cost next to nothing. How many of 500 are still right along the "
                "slopes?"
            ),
            _("About 207, fewer than half. One step was taken; many small ones find more."),
            "attacked",
            (0.39, 0.44),
        ),
        Experiment(
            "linear",
            {"epsilon": 5},
            _(
                "On 784 pixels the right answer leads by 3.7 points. Each pixel may move by 5 of 255 levels. Is that "
                "enough?"
            ),
            _("Yes: 4.6 points, more than the lead. By random signs it moves by 0.24."),
            "worst-28",
            (4.5, 4.85),
        ),
        Experiment(
            "linear",
            {"epsilon": 5},
            _("The same 5 levels on 49 pixels, a sixteenth of them. A sixteenth of the push?"),
            _("No, 1.4, a bit less than a third: with fewer pixels each weight is larger. It grows with the side."),
            "worst-7",
            (1.3, 1.42),
        ),
    ),
    question=Question(
        _("A picture of twice as many pixels a side is shown to a linear model. How strong is the worst change now?"),
        (
            Answer(
                _("As strong as before: no pixel moves further than ε."),
                _("Each pixel moves no further, but four times as many of them push in the same direction."),
            ),
            Answer(
                _("Stronger: the answer moves by ε times the sum of the amounts of all weights."),
                _(
                    "And that sum has four times as many terms. Weights become smaller with more pixels, so here it "
                    "doubled and did not quadruple: from 11.8 to 23.2 points at 25 levels."
                ),
                right=True,
            ),
            Answer(
                _("Weaker: with more pixels a single one matters less."),
                _("A single one does. But the worst change moves all of them, and their pushes add up."),
            ),
        ),
    ),
    real=Real(
        _("The lab takes this very step on digits and on photographs, saves the picture, and judges the saved one."),
        _("Attack an 8 in the lab"),
        Link("lab_sample", ("digit-8",), {"attack": "fgsm", "epsilon": 25}),
    ),
    sources=(
        Source(
            "I. J. Goodfellow, J. Shlens, C. Szegedy",
            2014,
            "Explaining and Harnessing Adversarial Examples",
            "https://arxiv.org/abs/1412.6572",
        ),
        Source(
            "C. Szegedy, W. Zaremba, I. Sutskever, J. Bruna, D. Erhan, I. Goodfellow, R. Fergus",
            2013,
            "Intriguing properties of neural networks",
            "https://arxiv.org/abs/1312.6199",
        ),
    ),
    needs=("slope", "softmax"),
    words=("input-gradient", "epsilon", "fgsm", "projection", "control", "linearity", "adversarial-example"),
)
