"""Lesson 2: downhill step by step, asking all pictures or a few."""

from django.utils.translation import gettext_lazy as _

from webapp.learn import races
from webapp.learn.parts import Formula, Text, Widget
from webapp.learn.record import Answer, Experiment, Lesson, Link, Question, Real, Source

SIZES = (1, 4, 16, 32, 64, 128)  # of batches whose noise is measured (inference.course.descent)
START = {"tilt": -2.4, "height": -1.4, "size": 1, "steps": 16, "fair": "steps", "seed": 0}

LESSON = Lesson(
    slug="descent",
    title=_("Downhill, a few pictures at a time"),
    minutes=10,
    needs=("slope",),
    idea=_(
        "A few pictures drawn at random give the slope well enough: steps become cheap, and many rough ones beat few "
        "exact ones."
    ),
    hook=_(
        "Before each small step downhill, a network could ask all 60,000 pictures which way is down. It asks a few "
        "dozen, gets a rough answer, and arrives much earlier."
    ),
    parts=(
        Widget(
            "descending",
            _(
                "Press or drag on the map to choose where both start, then move the steps. The full line asks all "
                "points before each step, the dashed one a few. Small dots: where the arrows of other batches would "
                "end."
            ),
            START,
        ),
        Text(
            heading=_("What you have just done"),
            paragraphs=(
                _(
                    "A line is to be laid through 48 points. Its two [weights](weight) are tilt and height, the "
                    "[loss](loss) is half the mean square of what it misses, and the map shows that loss from above. "
                    "[Gradient descent](gradient-descent) takes the slope at hand, goes a little way against it, and "
                    "asks again."
                ),
                _(
                    "The full line asks all 48 points before each step. The dashed one asks a few of them, the "
                    "[batch](batch). Its arrow is an estimate: sometimes too long, sometimes askew, but no direction "
                    "is favoured. That is [stochastic gradient descent](sgd)."
                ),
                _(
                    "One batch, one change of the weights: that is a [step](step). Every point once, in as many steps "
                    "as it takes, is an [epoch](epoch). For all at once an epoch is one step; for batches of one it "
                    "is 48."
                ),
            ),
            note=_(
                "Here every epoch goes through all points in an order drawn anew, as trainings do. The step is "
                "always a quarter of the slope, and it is never made smaller: that is why single points do not come "
                "to rest."
            ),
        ),
        Formula(
            "descent",
            _("the weights become the weights minus the rate times the gradient of the loss by the weights."),
        ),
        Widget(
            "batch-noise",
            _(
                "The same question on LeNet with its first weights: how far is a batch’s gradient from that of 500 "
                "digits? The dashed line is what theory foretells, the cross is batches of one class."
            ),
            {"sizes": SIZES, "size": 1},
        ),
        Text(
            heading=_("Right on average, and how far off"),
            paragraphs=(
                _(
                    "If every picture is drawn as readily as any other, the mean over all batches that could be drawn "
                    "is the exact gradient. Such an estimate is called unbiased, and that holds for a batch of 1 as "
                    "for one of 128. What differs is the noise: it falls with the square root of the size. Four times "
                    "the pictures, half the noise."
                ),
                _(
                    "The price grows with the size itself. The first few pictures are a bargain, the later ones are "
                    "not: from 64 to 256 costs four times as much and halves a noise that was small already."
                ),
                _(
                    "All of it rests on the draw. A batch of a single class is asked about that class only, and "
                    "its gradient leads elsewhere, however many pictures it has."
                ),
            ),
            note=_(
                "Noise is the root of the mean square of what the batch’s gradient is off, as a share of the exact "
                "one’s length. At 200 % the error is twice as long as what it is an error of."
            ),
        ),
        Formula(
            "batch-gradient",
            _(
                "the gradient of a batch is the mean of its *n* pictures’ gradients; on average it is the gradient of "
                "the loss; it is off by sigma over the square root of *n*."
            ),
        ),
        Widget(
            "race",
            _(
                "LeNet learns from real digits of MNIST: 500 in batches of 1, 32, 64, 128 and all; 2,000 shuffled and "
                "sorted. Choose what is raced, and what the axis below counts."
            ),
            races.settings("steps", "batches", "sorted"),
            wide=True,
        ),
        Text(
            heading=_("Who is faster depends on what you count"),
            paragraphs=(
                _(
                    "In steps, batches of 1 are far behind, and beyond 32 more pictures hardly help. In pictures "
                    "looked at, small ones are ahead: batches of 1 move the network at every picture. In seconds a "
                    "picture is dear in batches of 1, for a processor multiplies for many at once, and cheap but of "
                    "little use where all move the network a single time. Those in between are down first; hence the "
                    "32, 64 or 128 that are usual."
                ),
                _(
                    "Sorted pictures are the surprise. While only zeros pass by, saying zero to everything is right, "
                    "and the loss of the batches falls. Then ones come, and the zeros are unlearnt. The loss "
                    "of the batches looks fine, and on pictures of all classes the network is mostly wrong."
                ),
            ),
            note=_(
                "So do not trust a training’s own loss alone. Shuffle before every epoch, and look at pictures kept "
                "aside. What is said here was so with three seeds; so was that batches of 1 end lowest, if one waits "
                "for them: with 500 pictures, noise even helps."
            ),
        ),
    ),
    experiments=(
        Experiment(
            "descending",
            {"size": 1, "steps": 48, "fair": "points"},
            _(
                "Every point is looked at once: one step for all 48, or 48 steps of one. Both begin 3.60 above the "
                "lowest loss. How far above it do the small steps end?"
            ),
            _(
                "0.012 above it, where the single large step is still at 2.50. Of 500 other draws none ended above "
                "0.2: they all win."
            ),
            "above-batch",
            (0.0121, 0.0123),
        ),
        Experiment(
            "descending",
            {"size": 1, "steps": 96},
            _("Now 96 steps each, whatever they cost. All points at once have arrived. Have the single ones?"),
            _(
                "No, they wander about the lowest place and do not come to rest. All at once are within 0.0001 of it, "
                "for 4,608 looks instead of 96."
            ),
            "above-batch",
            (0.0123, 0.0126),
        ),
        Experiment(
            "batch-noise",
            {"size": 64},
            _("64 pictures instead of one. Is the noise a 64th of a single picture’s, an eighth, a half?"),
            _("An eighth, because √64 is 8. 63 of 64 pictures’ work buys only that."),
            "ratio",
            (0.11, 0.14),
        ),
        Experiment(
            "batch-noise",
            {"size": "class"},
            _("64 pictures again, but all of one class. Drawn fairly their gradient agrees by 0.9 or more. And now?"),
            _("By less than half: it leads elsewhere, and more pictures of that class would not mend it."),
            "cosine",
            (0.35, 0.47),
        ),
        Experiment(
            "race",
            {"race": "steps"},
            _(
                "50 steps each, at a rate of 0.05. All 500 pictures at once err on 12 to 18 % in the end, by the "
                "processor. And batches of 64?"
            ),
            _(
                "On 16 to 17 %, for an eighth of the pictures. Batches of 1 have seen 50 pictures by then, and err on "
                "78 %."
            ),
            "last-3",
            (0.1, 0.24),
        ),
        Experiment(
            "race",
            {"race": "batches"},
            _(
                "The rate is 0.01 now. All at once see 25,000 pictures, and err on 22 %. Batches of 1 see 3,000. What "
                "do they err on?"
            ),
            _("On less than 10 %, for an eighth of the pictures: they have moved 3,000 times, the others 50 times."),
            "last-1",
            (0.04, 0.13),
        ),
        Experiment(
            "race",
            {"race": "batches", "over": "seconds"},
            _("The same curves over seconds. How many times as long does a picture take in batches of 1?"),
            _(
                "Fifteen to thirty times as long as all at once, where we measured. Quick in pictures is slow in "
                "seconds."
            ),
            "pace-1",
            (5, 80),
        ),
        Experiment(
            "race",
            {"race": "sorted"},
            _(
                "In every epoch all zeros come first, then all ones, and so on. The loss of those batches begins above "
                "1; where does it end?"
            ),
            _(
                "At about 0.3, which looks like learning. On pictures kept aside the loss is near 2, where shuffled "
                "batches come to 0.25."
            ),
            "last-3",
            (0.15, 0.5),
        ),
        Experiment(
            "race",
            {"race": "sorted", "measures": ["validation_error"]},
            _("The same two trainings, by their errors. Shuffled, the network errs on 7 %. And sorted?"),
            _("On more than half, after the same 630 steps with the same pictures. Only their order was different."),
            "last-2",
            (0.4, 0.75),
        ),
    ),
    question=Question(
        _("You make the batches four times as large, 64 instead of 16. What becomes of each step?"),
        (
            Answer(
                _("It is a quarter as noisy and costs twice as much."),
                _("The other way round: the noise falls with the root, the cost grows with the size itself."),
            ),
            Answer(
                _("It is half as noisy and costs about four times as much."),
                _(
                    "√4 is 2. In practice it costs a little less than four times, because larger batches keep the "
                    "processor busier."
                ),
                right=True,
            ),
            Answer(
                _("Only now is its gradient right on average."),
                _("It was so before. A fair draw is right on average at every size, even at 1; a sorted one at none."),
            ),
            Answer(
                _("It becomes an epoch."),
                _("An epoch is every picture once. With 48,000 pictures it takes 750 steps of 64, or 3,000 of 16."),
            ),
        ),
    ),
    real=Real(
        _(
            "Choose batch, rate and number of pictures yourself and race them: your own training joins the chart "
            "beside those of this page."
        ),
        _("Race a batch of your own"),
        Link("race"),
    ),
    sources=(
        Source(
            "H. Robbins, S. Monro",
            1951,
            "A Stochastic Approximation Method",
            "https://doi.org/10.1214/aoms/1177729586",
        ),
        Source(
            "L. Bottou, F. E. Curtis, J. Nocedal",
            2018,
            "Optimization Methods for Large-Scale Machine Learning",
            "https://arxiv.org/abs/1606.04838",
        ),
        Source(
            "S. McCandlish, J. Kaplan, D. Amodei, OpenAI Dota Team",
            2018,
            "An Empirical Model of Large-Batch Training",
            "https://arxiv.org/abs/1812.06162",
        ),
    ),
    words=("gradient-descent", "sgd", "batch", "step", "epoch"),
)
