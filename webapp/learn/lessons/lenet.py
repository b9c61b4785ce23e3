"""Lesson 5: LeNet layer by layer, what one unit sees, and where along the way an attack takes hold."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.digits import sample_digits
from webapp.learn.parts import Formula, Text, Widget
from webapp.learn.record import Answer, Experiment, Lesson, Link, Question, Real, Source

EIGHT = {"digit": 8, "epsilon": 0, "layer": "convolution-2", "channel": 0, "row": 4, "column": 4}
FIRST_UNIT = {"layer": "connected-1", "channel": 0, "row": 0, "column": 0}
SEVEN = {"digit": 7, "across": 2}

LESSON = Lesson(
    slug="lenet",
    title=_("Inside LeNet"),
    minutes=9,
    idea=_("Small filters slide over the picture, pooling shrinks what they find, and three connected layers decide."),
    hook=_(
        "A digit goes in as 784 numbers and comes out as ten. In between lie eight steps, and each of them can be "
        "looked at while it works."
    ),
    parts=(
        Widget(
            "inside",
            _(
                "Choose a digit, or draw one. Press any place in any layer, or choose it above: the frame in the "
                "picture is all that this unit sees. ε attacks the picture in one step (FGSM)."
            ),
            {"digits": sample_digits(), **EIGHT},
            wide=True,
        ),
        Text(
            heading=_("From strokes to an answer"),
            paragraphs=(
                _(
                    "The first layer is a [convolution](convolution): six small patterns of 5 × 5 [weights](weight) "
                    "slide over the picture, and each draws a map of where it fits. What is negative is cut off "
                    "([ReLU](activation)). [Pooling](pooling) keeps the largest of each two by two values. Sixteen "
                    "patterns of the second convolution then look at all six [maps](channel) at once, and pooling "
                    "shrinks theirs."
                ),
                _(
                    "A unit sees more of the picture with each layer: 5 × 5 pixels, then 6 × 6, 14 × 14, 16 × 16. "
                    "That is its [receptive field](receptive-field). After that the 400 numbers are laid in a row, "
                    "and three [fully connected layers](fully-connected) make 120, 84 and ten [scores](score) of them, "
                    "which [softmax](softmax) turns into probabilities."
                ),
                _(
                    "The two convolutions have 4 % of the weights and do 86 % of the multiplications, because the same "
                    "few weights are used at every place. With the first connected layer it is the other way round: "
                    "48,120 weights, each used once."
                ),
            ),
            note=_(
                "Here [LeNet](lenet) has ReLU and keeps the largest when it pools. In LeCun’s of 1998, curves like "
                "tanh and means stood there."
            ),
        ),
        Formula(
            "convolution",
            _(
                "the value *y* at row *r* and column *c* is the bias *b* plus the sum of all weights *w* times the "
                "pixels *x* below them."
            ),
        ),
        Widget(
            "shifted",
            _(
                "The upper, grey half of a bar compares each number with the one at the same place; the lower half "
                "with the one that lies as far to the side as the digit was moved. 1 is the same."
            ),
            {"digits": sample_digits(), **SEVEN},
        ),
        Text(
            heading=_("The same filter, elsewhere"),
            paragraphs=(
                _(
                    "Move the digit, and the maps of the convolutions move along: the same filters are lit at other "
                    "places. Nobody had to teach that, it follows from sliding. After pooling it holds only "
                    "for moves by 2 pixels, after the second pooling by 4, since one of its steps is that wide."
                ),
                _(
                    "The connected layers keep no places. For them a digit that was moved is another row of 400 "
                    "numbers, and whether they call it the same they must have learnt from examples."
                ),
            ),
        ),
        Text(
            heading=_("Which layer is fooled first?"),
            paragraphs=(
                _(
                    "A layer in the middle has no answer. But one can ask its neighbours: which nine of 1,000 training "
                    "digits have the most similar numbers in this layer, and what are they? If they were eights before "
                    "the [attack](fgsm) and are twos after it, the layer is fooled; the first from which all later "
                    "ones are fooled too is marked."
                ),
                _(
                    "Of 300 test digits, at 51 of 255 levels, 173 were fooled; for 57 of them, more than for any other "
                    "layer, it began in the first connected one. On the way the change grows, "
                    "from 0.48 of the picture to 0.80 of the second connected layer. [Random "
                    "signs](control) of the same size shrink on the same way from 0.47 to 0.31."
                ),
            ),
            note=_(
                "Neighbours are a witness and no judge: in the first convolution they are right for 83 of 100 digits "
                "only, before any attack. A layer that was wrong before is passed over."
            ),
        ),
    ),
    experiments=(
        Experiment(
            "inside",
            EIGHT,
            _("A unit of the second convolution looks at 5 × 5 places. How many pixels a side does it see?"),
            _("14. Each of its places has seen 6 × 6 pixels, and two places lie 2 pixels apart: 6 + 4 · 2."),
            "field",
            (14, 14),
        ),
        Experiment(
            "inside",
            EIGHT | FIRST_UNIT,
            _("LeNet has 61,706 weights in five layers. What share has the first connected one?"),
            _("78 %: 48,120, 120 units with 400 weights and a bias each. Both convolutions have 2,572."),
            "share",
            (0.779, 0.781),
        ),
        Experiment(
            "inside",
            EIGHT | FIRST_UNIT | {"epsilon": 25},
            _("Attack the 8 with 25 of 255 levels. From which layer on is it a 2?"),
            _(
                "From the first connected one, the sixth of eight. To the convolutions and poolings it is still an 8: "
                "the strokes are there, but they are summed up to something else."
            ),
            "fooled",
            (6, 6),
        ),
        Experiment(
            "inside",
            EIGHT | FIRST_UNIT | {"digit": 7, "epsilon": 77},
            _("Now a 7, three times as strongly, with 77 levels. Which layer falls first?"),
            _(
                "None for good. Some layers in the middle waver, yet the last three and LeNet itself go on saying 7. "
                "One step was taken; many small ones may do more."
            ),
            "fooled",
            (-1, -1),
        ),
        Experiment(
            "shifted",
            SEVEN | {"across": 3},
            _("Move the 7 by 3 pixels. In place the first maps hardly agree, at 0.27. And moved along by 3?"),
            _("1.00: the same filters are lit, 3 places further. After pooling, 3 is no whole number of steps: 0.85."),
            "moved-convolution-1",
            (0.995, 1),
        ),
        Experiment(
            "shifted",
            SEVEN | {"digit": 3, "across": 4},
            _("Move the 3 by 4 pixels. All maps move along, by 0.97 and more. What does LeNet say?"),
            _(
                "2. The convolutions found all that they had found before, but the connected layers had learnt it at "
                "other places. LeNet is not indifferent to where a digit lies."
            ),
            "after",
            (2, 2),
        ),
    ),
    question=Question(
        _("Why do LeNet’s convolutions manage with so few weights?"),
        (
            Answer(
                _("Because they compute less than the connected layers."),
                _("They compute more: 357,600 of 416,520 multiplications."),
            ),
            Answer(
                _("Because the same few weights are used at every place."),
                _(
                    "25 weights and a bias make a whole map of 784 numbers. A connected layer has a weight of its own "
                    "for each pair of an input and an output."
                ),
                right=True,
            ),
            Answer(
                _("Because pooling throws most of them away."),
                _("Pooling has no weights, and throws away values, three of four, not weights."),
            ),
        ),
    ),
    real=Real(
        _(
            "In the lab the same network judges the same digit, and the attack can be followed level by level, until "
            "the answer changes."
        ),
        _("Attack a 3 in the lab"),
        Link("lab_sample", ("digit-3",), {"attack": "fgsm", "epsilon": 51}),
    ),
    sources=(
        Source(
            "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner",
            1998,
            "Gradient-Based Learning Applied to Document Recognition",
            "https://doi.org/10.1109/5.726791",
        ),
        Source(
            "N. Papernot, P. McDaniel",
            2018,
            "Deep k-Nearest Neighbors: Towards Confident, Interpretable and Robust Deep Learning",
            "https://arxiv.org/abs/1803.04765",
        ),
        Source(
            "A. Araujo, W. Norris, J. Sim",
            2019,
            "Computing Receptive Fields of Convolutional Neural Networks",
            "https://doi.org/10.23915/distill.00021",
        ),
    ),
    needs=("softmax",),
    words=(
        "lenet",
        "layer",
        "convolution",
        "channel",
        "receptive-field",
        "pooling",
        "fully-connected",
        "activation",
        "bias",
    ),
)
