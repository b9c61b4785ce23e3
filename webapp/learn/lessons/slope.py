"""Lesson 1: the slope of a curve, the gradient of a loss, and how both are found."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.parts import Formula, Text, Widget
from webapp.learn.record import Answer, Experiment, Lesson, Link, Question, Real, Source

LESSON = Lesson(
    slug="slope",
    title=_("Which way is down"),
    minutes=9,
    idea=_("A network learns by feeling its way downhill: a slope for each weight, all of them together the gradient."),
    hook=_(
        "A network with 61,706 adjustable numbers gets an answer wrong. Which of them should be turned, which way, and "
        "how does it find out without trying each?"
    ),
    parts=(
        Widget(
            "slope-curve",
            _("Drag the weight. The full line is the true slope; the dashed one goes through two points, h apart."),
            {"w": -1, "h": 0.5, "both": False},
        ),
        Text(
            heading=_("What you have just done"),
            paragraphs=(
                _(
                    "The curve is a [loss](loss): it says how wrong a network is when one of its [weights](weight) has "
                    "the value below. You stood on it and asked one thing: does it go up or down from here, and how "
                    "steeply? That is the [slope](slope). Where it is positive, a smaller weight is better; where it "
                    "is negative, a larger one; where it is 0, no small change helps."
                ),
                _(
                    "A slope can be felt: nudge the weight by *h*, see how far the loss moves, and divide. That is a "
                    "slope by nudging, or numeric gradient. The two lines agree as soon as *h* is small enough for the "
                    "curve to look straight."
                ),
            ),
            note=_(
                "Nudging to both sides and taking the difference cancels the bend of the curve: the error then "
                "shrinks with *h*², not with *h*. On this curve that shows once *h* is well below 1."
            ),
        ),
        Formula(
            "slope",
            _(
                "the slope of the loss *J* by the weight *w* is about the loss at *w* plus *h*, minus the loss at *w* "
                "minus *h*, over 2 *h*."
            ),
        ),
        Widget(
            "slope-surface",
            _("Two weights at once, seen from above. Drag the point: the arrow is steepest, the dashes lead home."),
            {"x": 2, "y": -0.5},
        ),
        Text(
            heading=_("Two weights, two slopes"),
            paragraphs=(
                _(
                    "With two weights the loss is a landscape, and the lines join places of equal loss. There are two "
                    "slopes now, one for each weight while the other stands still. Together they are the "
                    "[gradient](gradient), an arrow that points up the steepest way; against it is the steepest way "
                    "down, and it always crosses the line at a right angle."
                ),
                _(
                    "It looks only at the ground below its feet. In a long valley it points at the opposite wall, "
                    "past the lowest place. The next lesson walks down all the same, in many small steps."
                ),
            ),
        ),
        Formula(
            "gradient",
            _("the gradient of *J* lists its slopes by each weight: by the first, by the second, and so on."),
        ),
        Widget(
            "nudged",
            _(
                "Five real weights of the network that reads digits here. Choose one, and make the nudge smaller: when "
                "is the slope best?"
            ),
            {"weight": 0, "step": 2},
        ),
        Text(
            heading=_("On a real network"),
            paragraphs=(
                _(
                    "Here the loss is that of LeNet on fifty handwritten digits, and each weight is one of its "
                    "61,706. Two errors fight. With a large *h* the curve bends in between; with a tiny one the two "
                    "losses agree in almost every digit, and what is left of their difference is rounding. Hence the "
                    "V: the best *h* is neither large nor tiny."
                ),
                _(
                    "[Backpropagation](backpropagation) computes the slopes exactly, by the chain rule from the last "
                    "layer to the first. It nudges nothing and divides by nothing small."
                ),
                _(
                    "And it is cheap. Nudging to both sides takes two passes through the network for each weight: "
                    "123,412 of them for one gradient. Backpropagation takes one pass forwards and one back, for all "
                    "weights together."
                ),
            ),
            note=_(
                "Nudging is still good for something: whoever writes backpropagation by hand compares a few weights, "
                "as here. It is called a gradient check."
            ),
        ),
    ),
    experiments=(
        Experiment(
            "slope-curve",
            {"w": 1.47, "h": 0.001},
            _("Go to the floor of the right-hand valley. The left one is deeper. What does the slope say?"),
            _("That you have arrived: it is as good as 0. A slope knows what is near and nothing of a deeper valley."),
            "slope",
            (0.0005, 0.0007),
        ),
        Experiment(
            "slope-curve",
            {"w": 1.47, "h": 1},
            _("Stay on that level floor and nudge by 1. How steep does it seem?"),
            _("As steep as 1.5, on level ground: the nudge reaches up the wall. So *h* must be small."),
            "nudged",
            (1.48, 1.49),
        ),
        Experiment(
            "slope-surface",
            {"x": 3, "y": 1},
            _("Go to (3, 1). How far does the steepest way down miss the lowest place?"),
            _(
                "By 55 degrees. The valley is ten times as steep across as along, and the gradient obeys the steep "
                "side."
            ),
            "astray",
            (54.8, 54.9),
        ),
        Experiment(
            "nudged",
            {"weight": 0, "step": 8},
            _("From 0.001, where the 32-bit slope is right to 1 part in 10,000, to *h* = 0.00001. Better still?"),
            _("A hundred times worse. Two losses that hardly differ are subtracted, and rounding is what remains."),
            "central32",
            (0.001, 0.05),
        ),
        Experiment(
            "nudged",
            {"weight": 0, "step": 14},
            _("Now *h* = 0.00000001, in 32 bits. What slope comes out?"),
            _("0, an error of 100 %: the weight plus *h* is, in 32 bits, the same number. Nothing was nudged at all."),
            "central32",
            (1, 1),
        ),
    ),
    question=Question(
        _("Why is no network trained by nudging its weights?"),
        (
            Answer(
                _("Because slopes by nudging are too inexact."),
                _("With 64 bits and a good *h* nine digits are right. Training would need far fewer."),
            ),
            Answer(
                _("Because it takes two passes a weight for each single step."),
                _(
                    "For LeNet that is 123,412 passes where backpropagation takes one forwards and one back; for a "
                    "network of a hundred million weights, two hundred million."
                ),
                right=True,
            ),
            Answer(
                _("Because the loss of a network has no slope."),
                _(
                    "It has one almost everywhere. Exactly at the kink of a ReLU there is none, and the convention is "
                    "to take 0 there; it does no harm."
                ),
            ),
        ),
    ),
    real=Real(
        _(
            "The weights can stand still, and the slope be taken by each pixel of the picture instead. That is how the "
            "lab finds its changes; below each result, “How it was made” shows one pixel’s numbers."
        ),
        _("See a picture’s gradient in the lab"),
        Link("lab_sample", ("panda",)),
    ),
    sources=(
        Source(
            "D. E. Rumelhart, G. E. Hinton, R. J. Williams",
            1986,
            "Learning representations by back-propagating errors",
            "https://doi.org/10.1038/323533a0",
        ),
        Source(
            "J. Nocedal, S. J. Wright",
            2006,
            "Numerical Optimization, section 8.1",
            "https://doi.org/10.1007/978-0-387-40065-5",
        ),
        Source(
            "A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind",
            2018,
            "Automatic Differentiation in Machine Learning: a Survey",
            "https://arxiv.org/abs/1502.05767",
        ),
    ),
    words=("weight", "slope", "gradient", "backpropagation"),
)
