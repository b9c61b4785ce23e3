"""Lesson 9: what is said to help against overfitting: dropout, pooling, 1×1 convolutions."""

from django.utils.translation import gettext_lazy as _

from inference.catalog.course import VARIANTS
from webapp.learn.parts import Formula, Text, Widget
from webapp.learn.record import Answer, Experiment, Lesson, Link, Question, Real, Source

STROKE = [[int(column == 2 and 1 <= row <= 6) for column in range(8)] for row in range(8)]
DEEP = {"before": 256, "after": 256, "side": 14}

LESSON = Lesson(
    slug="overfitting",
    title=_("Against learning by heart"),
    minutes=10,
    idea=_(
        "Dropout makes learning harder and the result a little better; pooling and 1×1 convolutions are good for "
        "other things."
    ),
    hook=_(
        "In every step send some of the staff home, drawn by lot, and the network makes more mistakes while it "
        "learns. On digits that it has never seen it then makes fewer."
    ),
    parts=(
        Widget(
            "absent",
            _(
                "Twelve units feed one. Press “Draw once”: whoever is struck out is absent, and the others count more. "
                "The bars show how often each sum came out."
            ),
            {
                "values": [1.4, 0.3, -0.6, 0.9, 0.2, 1.1, -0.4, 0.7, 1.6, 0.5, -0.2, 0.5],
                "p": 0.5,
                "scaled": True,
                "times": 1,
                "seed": 1,
            },
        ),
        Text(
            heading=_("Staff who may be absent"),
            paragraphs=(
                _(
                    "A team in which everybody may be missing tomorrow cannot leave anything to one person. "
                    "[Dropout](dropout) does that to a layer: in every step, a share *p* of its "
                    "activations is set to 0, drawn anew each time. No unit can rely on a certain other one to "
                    "put right what it does wrong."
                ),
                _(
                    "It is the activations that stay away, not the weights. All weights are there in every step; those "
                    "behind a unit that is absent have no influence and get no gradient this time."
                ),
                _(
                    "Those that are there are divided by 1 − *p*. So the next unit’s sum is the same as ever on "
                    "average, though any one draw misses it. When the network is judged or used, dropout is off: all "
                    "take part, and nothing is divided."
                ),
            ),
            note=_(
                "The paper of 2012 did not divide, but halved the weights when judging; for one sum that comes to the "
                "same. For a whole network with its bends neither is exact: the mean of all draws’ answers is near "
                "to the answer of all units, not equal to it."
            ),
        ),
        Formula(
            "dropout",
            _(
                "what is left of the activation *a* is *m* times *a*, divided by one minus *p*, where *m* is 0 with "
                "probability *p*, and 1 otherwise."
            ),
        ),
        Widget(
            "pooled",
            _("Move the stroke, one place at a time, and see what pooling makes of it. Press cells to draw."),
            {"map": STROKE, "across": 0, "down": 0},
        ),
        Text(
            heading=_("Pooling makes maps small"),
            paragraphs=(
                _(
                    "[Pooling](pooling) keeps one number of each two by two: the largest, or the mean. The map "
                    "becomes a quarter as large, and so does the work of all layers behind it. The largest value says "
                    "that something is there, the mean says how much of it."
                ),
                _(
                    "It also makes small moves matter less, if they stay within a square of two by two. Across its "
                    "edge they count in full. And it has no weights, so there is nothing in it that learns less by "
                    "heart: below, the two kinds of pooling are held against each other on a network that overfits."
                ),
            ),
        ),
        Widget("kernels", _("Choose how many maps go in and come out, and how large they are."), DEEP),
        Text(
            heading=_("1×1 is cheap, not free"),
            paragraphs=(
                _(
                    "A [1×1 convolution](one-by-one) sees one place, and no neighbours. What it does see is all the "
                    "channels there, and it mixes them. It has a ninth of the weights and multiplications of a 3×3, "
                    "and with many channels that is still a lot."
                ),
                _(
                    "Its use is another one: it makes many channels into few, lets a larger kernel work there, "
                    "and makes them many again. That saves most of the cost, and networks of more than a hundred "
                    "layers are built from such blocks."
                ),
            ),
        ),
        Formula(
            "convolution-cost",
            _(
                "with *c* channels in, *d* out, a kernel of *k* by *k*, and a map of *s* by *s*: *d* times, *k* "
                "squared *c* plus one, parameters; *d* *k* squared *c* *s* squared multiplications."
            ),
        ),
        Widget(
            "variants",
            _(
                "Five LeNets, each taught on the same 200 pictures of MNIST for 60 epochs: real trainings. Below an "
                "error on pictures kept aside stands the difference from the first network’s. Seed 0 is known already; "
                "the others are computed while you watch."
            ),
            {
                "variants": {slug: dict(options) for slug, options in VARIANTS.items()},
                "seed": 0,
                "measure": "validation",
            },
            wide=True,
        ),
        Text(
            heading=_("What helped, and how much"),
            paragraphs=(
                _(
                    "With dropout the error while learning is higher, because the network is never complete: that is "
                    "its point. On pictures kept aside a dropout of 0.25 had the lower error with each of the three "
                    "seeds, by 1.1, 1.2 and 2.7 points."
                ),
                _(
                    "Whether the largest values or the means are kept made no clear difference: the sign changed with "
                    "the seed. 1×1 convolutions gave the network 314 more weights and did not help at all here."
                ),
                _(
                    "None of it comes near to what more pictures do. Who has few should first make changed copies of "
                    "them: moved by a few pixels, they brought the error of such a network on 300 pictures "
                    "down from about 14 % to about 10 %."
                ),
            ),
            note=_(
                "An error on 1,000 pictures is uncertain by about two points, and another seed moves it by as much. "
                "So no single pair of numbers tells anything; three pairs with the same sign are a hint, no proof."
            ),
        ),
    ),
    experiments=(
        Experiment(
            "absent",
            {"times": 1000},
            _(
                "A thousand draws, half of the staff absent in each. The whole team’s sum is 6. What is the mean of "
                "the sums?"
            ),
            _("Next to 6: nothing is lost on average. But a single draw is off by 2.9, as a rule."),
            "mean",
            (5.7, 6.3),
        ),
        Experiment(
            "absent",
            {"times": 1000, "scaled": False},
            _("The same, but nobody counts more because others are missing. What is the mean now?"),
            _(
                "About 3. When judging, all are there, and the next layer would be given twice what it is used to: "
                "that is why one divides by 1 − *p*."
            ),
            "mean",
            (2.85, 3.15),
        ),
        Experiment(
            "pooled",
            {"across": 1},
            _("Move the stroke to the right by one. 12 cells of the map change. How many of the 16 largest values?"),
            _("None, nor any mean: it stayed within its squares of two by two."),
            "max",
            (0, 0),
        ),
        Experiment(
            "pooled",
            {"across": -1},
            _("To the left by one instead, just as far. How many of the 16 now?"),
            _("Eight, half of them: it crossed an edge. Pooling forgives some moves, and not the others."),
            "max",
            (8, 8),
        ),
        Experiment(
            "kernels",
            DEEP,
            _("“A 1×1 convolution costs nearly nothing.” Take 256 channels in and out: how many parameters has it?"),
            _("65,792, more than all of LeNet, which has 61,706."),
            "parameters-1",
            (65_792, 65_792),
        ),
        Experiment(
            "kernels",
            DEEP,
            _(
                "A 3×3 from 256 to 256 channels has 590,080. Squeeze: 1×1 down to 64, 3×3 there, 1×1 back up. How "
                "many have the three together?"
            ),
            _("70,016, less than an eighth, although there are three layers now."),
            "parameters-squeezed",
            (70_016, 70_016),
        ),
        Experiment(
            "variants",
            {"seed": 0, "measure": "learning"},
            _(
                "200 pictures are soon known by heart: the plain network’s error while learning is 0. What is it with "
                "a dropout of 0.5?"
            ),
            _("About a tenth, to the end. Switch dropout off, and hardly one of the same 200 pictures is wrong."),
            "learning-half",
            (0.04, 0.16),
        ),
        Experiment(
            "variants",
            {"seed": 0, "measure": "validation"},
            _("It learns worse. How many points better is a dropout of 0.25 on pictures that were kept aside?"),
            _("About one point, and lower in each of three seeds. That is what dropout brings here: something."),
            "difference-quarter",
            (-0.03, -0.001),
        ),
        Experiment(
            "variants",
            {"seed": 0, "measure": "validation"},
            _("“Pooling prevents overfitting.” How much does it matter whether the largest are kept or the means?"),
            _("Next to nothing, and with another seed the sign is another. The gap is as wide as before."),
            "difference-average",
            (-0.02, 0.02),
        ),
        Experiment(
            "variants",
            {"seed": 0, "measure": "validation"},
            _("A 1×1 convolution after each pooling: how many parameters has LeNet then, instead of 61,706?"),
            _(
                "314 more. It is cheap, and against overfitting it did nothing: the error was higher in each of three "
                "seeds."
            ),
            "parameters-mixed",
            (62_020, 62_020),
        ),
    ),
    question=Question(
        _("A network was taught with a dropout of 0.5. Somebody forgets to switch it off when judging. What happens?"),
        (
            Answer(
                _("Nothing: dividing by 1 − *p* has made up for it."),
                _("On average over many draws. But each answer comes from one draw, and that one misses."),
            ),
            Answer(
                _("The answers depend on chance, and more of them are wrong."),
                _(
                    "Each look at a picture draws other units. On new pictures it errs more often than with all of "
                    "them there, and says something else the next time."
                ),
                right=True,
            ),
            Answer(
                _("All answers are half as sure: half of the weights are missing."),
                _("Activations are missing, not weights, and those that are left count twice."),
            ),
            Answer(
                _("It overfits again."),
                _("Overfitting happens while learning, and learning is over. Only the judging is disturbed."),
            ),
        ),
    ),
    real=Real(
        _(
            "In the races stand two networks, with and without dropout, on 200 pictures for 100 epochs, with both "
            "errors of each. Lay a third one beside them, with more pictures."
        ),
        _("Race dropout"),
        Link("race", query={"race": "dropout"}),
    ),
    sources=(
        Source(
            "G. E. Hinton, N. Srivastava, A. Krizhevsky, I. Sutskever, R. R. Salakhutdinov",
            2012,
            "Improving neural networks by preventing co-adaptation of feature detectors",
            "https://arxiv.org/abs/1207.0580",
        ),
        Source(
            "N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov",
            2014,
            "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
            "https://jmlr.org/papers/v15/srivastava14a.html",
        ),
        Source("M. Lin, Q. Chen, S. Yan", 2013, "Network In Network", "https://arxiv.org/abs/1312.4400"),
        Source(
            "K. He, X. Zhang, S. Ren, J. Sun",
            2015,
            "Deep Residual Learning for Image Recognition",
            "https://arxiv.org/abs/1512.03385",
        ),
        Source(
            "R. Zhang",
            2019,
            "Making Convolutional Networks Shift-Invariant Again",
            "https://arxiv.org/abs/1904.11486",
        ),
    ),
    needs=("exam", "fitting"),
    words=("dropout", "pooling", "one-by-one"),
)
