"""Lesson 8: what nobody learns for you: rate, momentum, epochs, first weights."""

from django.utils.translation import gettext_lazy as _

from webapp.learn import races
from webapp.learn.parts import Formula, Text, Widget
from webapp.learn.record import Answer, Experiment, Lesson, Link, Question, Real, Source

LESSON = Lesson(
    slug="settings",
    title=_("Settings that nobody learns for you"),
    minutes=12,
    idea=_(
        "Learning rate, momentum, number of epochs and first weights are set before learning begins, and decide "
        "whether it succeeds."
    ),
    hook=_(
        "The same network, the same 2,000 pictures, the same ten epochs: once it errs on 4 % of new digits, once on "
        "90 %. One number was different, and no gradient tells you which one is right."
    ),
    parts=(
        Widget(
            "race",
            _(
                "Real trainings of LeNet on MNIST. A lower curve is better; choose above what is raced. Whatever is "
                "not known yet is computed while you watch."
            ),
            races.settings("rates", "momentum", "epochs", "sigma", "zeros"),
            wide=True,
        ),
        Text(
            heading=_("What you have just seen"),
            paragraphs=(
                _(
                    "Backpropagation finds the network’s weights. A few numbers stand outside of it, because they say "
                    "how the search itself goes: the [hyper-parameters](hyper-parameter). You choose them, try, look "
                    "at pictures that were kept aside, and choose again."
                ),
                _(
                    "With a [learning rate](learning-rate) of 0.0005 the error falls, but ten epochs are too few. "
                    "With 0.05 it falls fast. With 0.2 the first steps throw the weights so far that the network gives "
                    "the same answer to every picture, and nothing leads back."
                ),
            ),
            note=_(
                "Kept aside means: never the pictures it learns from, and not the test pictures either. Who chooses "
                "settings by the test pictures has taught with them."
            ),
        ),
        Widget(
            "parabola",
            _(
                "A loss that can be reckoned in the head: ½ *λ* *x*², with *λ* = 4. Every point is a step; the large "
                "one is the last of 40."
            ),
            {"curvature": 4, "start": 2, "steps": 40, "rate": 0.1, "momentum": 0},
        ),
        Text(
            heading=_("Why there is an edge"),
            paragraphs=(
                _(
                    "On a parabola every step multiplies the distance from the bottom by 1 − *ηλ*. Between −1 and 1 "
                    "that shrinks it. At *η* = 1/*λ* one step is enough. At *η* = 2/*λ*, here 0.5, the ball jumps to "
                    "and fro for ever, and the least bit beyond it every jump is longer than the last."
                ),
                _(
                    "A network’s loss curves in thousands of directions at once, and the steepest one sets the limit "
                    "for all. That is why a rate is tried in factors: 0.0005, 0.005, 0.05."
                ),
            ),
            note=_(
                "*λ* is the curvature. In many dimensions it is the largest eigenvalue of the matrix of second "
                "derivatives, and it changes while the network learns."
            ),
        ),
        Formula(
            "step-on-a-parabola",
            _(
                "the next place is the place minus the rate times the gradient, which is one minus rate times "
                "curvature, times the place."
            ),
        ),
        Text(
            heading=_("Momentum: a step remembers the last ones"),
            paragraphs=(
                _(
                    "With [momentum](momentum) *β* each step adds *β* times the step before. Where all gradients "
                    "agree, steps grow up to 1/(1 − *β*) times as long: ten times for 0.9, a hundred times for 0.99."
                ),
                _(
                    "That helps a small rate along, and it makes the ball heavy. With 0.99 it rolls through the bottom "
                    "and up the other side, and needs hundreds of steps to come to rest."
                ),
            ),
        ),
        Formula(
            "momentum",
            _(
                "the velocity becomes momentum times velocity plus the gradient; the weights become the weights minus "
                "the rate times the velocity."
            ),
        ),
        Text(
            heading=_("When to stop"),
            paragraphs=(
                _(
                    "One [epoch](epoch) is every training picture once: with 2,000 pictures in batches of 32 that is "
                    "63 steps. More epochs make the loss on the pictures learnt from ever smaller. The loss on "
                    "pictures kept aside falls, too, and then it turns round."
                ),
                _(
                    "[Early stopping](early-stopping) looks at that second curve after every epoch and keeps the "
                    "weights from where it was lowest. It costs nothing but the pictures kept aside."
                ),
            ),
            note=_(
                "The share of errors turns later than the loss, or not at all: the network gets surer, also where it "
                "is wrong, and only the loss notices."
            ),
        ),
        Text(
            heading=_("Where it begins"),
            paragraphs=(
                _(
                    "Weights begin as small random numbers with mean 0. How large they are is the "
                    "[initialisation](initialisation), and it belongs to the layer: each unit adds up *n* products, "
                    "and the sum spreads √*n* times as far. If σ is too small for it, signals fade from layer to "
                    "layer. If it is too large, they grow: with σ = 1 the first loss is above 100,000."
                ),
                _(
                    "All zeros is worse than small. Units that begin alike get the same gradient, take the same step "
                    "and stay alike: ten units, one opinion. Chance is what makes them different."
                ),
            ),
            note=_(
                "σ = √(2/*n*) keeps the spread through layers with ReLU (He and others, 2015), √(2/(*n* + *m*)) "
                "through layers that are nearly linear (Glorot and Bengio, 2010); *m* counts the outputs."
            ),
        ),
        Formula(
            "initialisation",
            _("the standard deviation of the first weights is the square root of two over the number of inputs."),
        ),
    ),
    experiments=(
        Experiment(
            "race",
            {"race": "rates"},
            _("The rate 0.05 does well. Is a rate of 0.2 four times as fast? Guess its error after ten epochs."),
            _("It knows no more than somebody who guesses: nine of ten digits are wrong, and that will not change."),
            "last-3",
            (0.8, 1),
        ),
        Experiment(
            "race",
            {"race": "momentum"},
            _("The rate is 0.002, and the momentum 0, 0.9 or 0.99. Which error will 0.9 have?"),
            _(
                "About a third of the error without momentum, after as many steps. 0.99 overshoots, and comes in "
                "between."
            ),
            "last-2",
            (0.02, 0.09),
        ),
        Experiment(
            "race",
            {"race": "epochs"},
            _("200 pictures, 100 epochs. In which epoch is the loss on pictures kept aside lowest?"),
            _("Long before the end. From there on it learns the 200 pictures by heart, and the loss on others grows."),
            "lowest-epoch-2",
            (4, 45),
        ),
        Experiment(
            "race",
            {"race": "sigma"},
            _("First weights with σ 0.01, 0.1 and 1, or by the layer’s width. Guess the error with 0.01."),
            _("90 %: five layers multiply five small numbers, and next to no signal arrives. With 0.1 it is 4 %."),
            "last-1",
            (0.8, 1),
        ),
        Experiment(
            "race",
            {"race": "zeros"},
            _("A layer of ten units that all begin at zero. How many different units are there after 630 steps?"),
            _("One, ten times over. They have seen the same gradient at every step."),
            "units-2",
            (1, 1),
        ),
        Experiment(
            "parabola",
            {"rate": 0.51},
            _("The edge lies at 0.5. Take 0.51: how far from the bottom is the ball after 40 steps? It begins at 2."),
            _(
                "Almost five times as far as at the start, and each step makes it worse by 4 %. With 0.49 it would "
                "arrive."
            ),
            "distance",
            (9.5, 9.7),
        ),
        Experiment(
            "parabola",
            {"rate": 0.01, "momentum": 0.99},
            _("A rate of 0.01 with momentum 0.99. Is the ball nearer to the bottom after 40 steps than with 0.9?"),
            _("No: it is 0.41 away, having passed the bottom three times. With 0.9 it is 0.015 away."),
            "distance",
            (0.40, 0.42),
        ),
    ),
    question=Question(
        _("A training’s loss jumps up and down and does not fall. What do you try first?"),
        (
            Answer(
                _("More epochs."),
                _("Where steps are too long, more of them do not arrive. Beyond the edge each leads further away."),
            ),
            Answer(
                _("A smaller learning rate."),
                _(
                    "Jumping to and fro is what steps too long for the curvature look like. Take a third or a tenth, "
                    "and look again."
                ),
                right=True,
            ),
            Answer(
                _("More momentum."),
                _("Momentum makes steps longer where they agree, up to a hundred times. It would jump more."),
            ),
            Answer(
                _("All weights to zero, and once more."),
                _("From zeros the units of a layer never become different. It would not jump, and not learn either."),
            ),
        ),
    ),
    real=Real(
        _(
            "Here every race learns from 2,000 pictures or fewer. A training of the site learns from all that it does "
            "not keep aside, of MNIST usually 48,000, several times; its page shows the same two curves, the epoch "
            "that was kept, and what went wrong."
        ),
        _("See the site’s trainings"),
        Link("training_runs"),
    ),
    sources=(
        Source(
            "B. T. Polyak",
            1964,
            "Some methods of speeding up the convergence of iteration methods",
            "https://doi.org/10.1016/0041-5553(64)90137-5",
        ),
        Source(
            "L. Prechelt",
            1998,
            "Early Stopping — But When?",
            "https://doi.org/10.1007/3-540-49430-8_3",
        ),
        Source(
            "X. Glorot, Y. Bengio",
            2010,
            "Understanding the difficulty of training deep feedforward neural networks",
            "https://proceedings.mlr.press/v9/glorot10a.html",
        ),
        Source(
            "K. He, X. Zhang, S. Ren, J. Sun",
            2015,
            "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet Classification",
            "https://arxiv.org/abs/1502.01852",
        ),
    ),
    needs=("softmax",),
    words=("hyper-parameter", "learning-rate", "momentum", "epoch", "early-stopping", "initialisation"),
)
