"""Lesson 3: pictures are dear, changed ones are free, and what is done to their values has to be done ever after."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from inference.catalog.datasets import MNIST
from inference.images import LONG_SIDE
from webapp.learn.digits import sample_digits
from webapp.learn.parts import Formula, Text, Widget
from webapp.learn.record import Answer, Experiment, Lesson, Link, Question, Real, Source

FOUR = {"digit": 4, "way": "standard"}
WAYS = {  # what is subtracted, and what is divided by, in levels
    "unit": {"mean": 0, "deviation": 255},
    "symmetric": {"mean": 127.5, "deviation": 127.5},
    "standard": {"mean": MNIST.mean[0], "deviation": MNIST.std[0]},
}
LANES: dict[str, dict[str, Any]] = {
    "shift": {"change": "shift"},
    "rotation": {"change": "rotation"},
    "flip": {"change": "flip"},
    "more": {"pictures": 600},
}

LESSON = Lesson(
    slug="pictures",
    title=_("Data costs money"),
    minutes=9,
    idea=_(
        "Changed copies of labelled pictures teach at no price if they keep their meaning, and what is done to "
        "the values of pixels before learning must be done ever after."
    ),
    hook=_(
        "Somebody has to look at every picture that a network learns from, and say what it shows. Shift it by two "
        "pixels, and the network has another picture to learn from, for nothing."
    ),
    parts=(
        Widget(
            "moving",
            _(
                "Drag the digit on the right, turn it, mirror it. Below, the values of its pixels: the bars’ "
                "heights are logarithmic, for most pixels are black."
            ),
            {"digits": sample_digits(), "ways": WAYS, **FOUR},
        ),
        Text(
            heading=_("What you have just seen"),
            paragraphs=(
                _(
                    "To you it is the same digit. To the network it is 784 other numbers: this 4, moved by two "
                    "pixels, lies further from itself than from another writer’s 9."
                ),
                _(
                    "[Augmentation](augmentation) lives on that. In every [epoch](epoch) each training picture is "
                    "changed a little, by chance, and keeps its [label](label). The network hardly ever sees "
                    "quite the same picture twice, and learns what the changes leave as it is."
                ),
            ),
            note=_(
                "How far apart two pictures are is here the root of the mean square of the differences of their "
                "pixels, in grey levels. Where a digit moves away black comes in, as it is at every digit’s rim."
            ),
        ),
        Widget(
            "augmented",
            _(
                "What a training draws: by up to three pixels, by up to 15 degrees, by up to 20 % in size, with "
                "grain of 24 levels; half of the pictures mirrored, or with a grey patch."
            ),
            {"change": "rotation", "side": LONG_SIDE},
        ),
        Text(
            heading=_("What a label costs"),
            paragraphs=(
                _(
                    "A picture is soon taken. It is the label that costs: somebody looks, decides, and somebody "
                    "else looks again. So a [dataset](dataset) is dear, and small where experts are needed: a "
                    "doctor’s hour buys few labels."
                ),
                _(
                    "Below, LeNet learns from 300 digits only, for 40 epochs. Whatever it has learnt is judged on "
                    "1,000 digits that it never saw, and those are never changed."
                ),
            ),
        ),
        Widget(
            "augmentation",
            _(
                "Errors on the 1,000 others, for two trainings that differ in nothing else. The full line: 300 "
                "digits as they are."
            ),
            {"lanes": LANES, "lane": "shift"},
        ),
        Text(
            heading=_("A change must leave the meaning"),
            paragraphs=(
                _(
                    "Mirroring is free, too, and it hurts. A mirrored 2 is no 2, and yet it keeps the label 2: "
                    "the network is taught something that is not so, and much of what it sees is of no use to it."
                ),
                _(
                    "Whether a change is allowed is not in the pictures. It is what you know of the world: a bear "
                    "that walks to the left is a bear, a sign that points to the left is another sign."
                ),
            ),
        ),
        Widget(
            "mirrored",
            _(
                "Networks as they come with Gibbon, asked about mirrored pictures: LeNet, and EfficientNet-Lite0 "
                "on the sample photographs whose class is known."
            ),
            {"subject": "digits", "computations": {"digits": "mirrored-digits", "photos": "mirrored-photos"}},
        ),
        Text(
            heading=_("One range for all values"),
            paragraphs=(
                _(
                    "In a file the values are levels from 0 to 255. Before learning they are brought into a range "
                    "that suits, so that no weight has to learn the scale first: that is "
                    "[normalisation](normalisation). Divide by 255, and it is 0 to 1. Subtract 127.5 and divide "
                    "by it, and it is −1 to 1. Take the mean and the deviation of the training pictures, and the "
                    "values lie around 0, about as far as 1: that is [standardisation](standardisation)."
                ),
                _(
                    "It is one formula with two numbers. For MNIST they are 33.3 and 78.6 levels, measured once, "
                    "over the training pictures; a single digit then has a mean near 0, not at 0."
                ),
            ),
            note=_("Test pictures take no part in the two numbers: what judges is not looked at before."),
        ),
        Formula(
            "normalisation",
            _("the normalised value *z* is the value *x* minus the mean *m*, divided by the standard deviation *s*."),
        ),
        Text(
            heading=_("Forget it, and nothing happens"),
            paragraphs=(
                _(
                    "The two numbers belong to the network like its weights. Whoever uses it without them gets no "
                    "error: every number is allowed, and an answer comes out. Below, other values enter in place "
                    "of those that the network was taught with."
                ),
            ),
            note=_(
                "LeNet hardly minds a wrong scale: its [activations](activation) bend at zero and its "
                "[biases](bias) are small, so that with values twice as large all scores are about twice as "
                "large, and the same one leads. That is this network’s luck, and no rule."
            ),
        ),
        Widget(
            "forgotten",
            _("The first row is what should be done. No row raises an error."),
            {"subject": "photos", "computations": {"digits": "unnormalised-digits", "photos": "unnormalised-photos"}},
        ),
    ),
    experiments=(
        Experiment(
            "moving",
            FOUR | {"right": 2},
            _(
                "Shift this 4 two pixels to the right. Which lies nearer to it now: the 4 as it was, or one of "
                "the other nine digits?"
            ),
            _("The 9, at 76.4 levels. From itself the 4 is 83.4 levels away: to a network that is another picture."),
            "nearest",
            (76.2, 76.6),
        ),
        Experiment(
            "moving",
            FOUR,
            _("Normalise to mean 0 and deviation 1. A black pixel had the value 0: what has it now?"),
            _(
                "−0.42, and a white one 2.82. Black is no longer nothing: a network that gets 0 there gets dark "
                "grey, of level 33."
            ),
            "low",
            (-0.43, -0.42),
        ),
        Experiment(
            "augmentation",
            {"lane": "shift"},
            _(
                "As they are, 300 digits leave an error of about 14 %. Shift each by up to three pixels, anew in "
                "every epoch. What is left?"
            ),
            _("About 10 %, without one more label. In each of three repetitions it was lower, by 4 to 6 points."),
            "changed",
            (0.065, 0.105),
        ),
        Experiment(
            "augmentation",
            {"lane": "more"},
            _("The other way to more pictures: pay for 300 further labels. How much does that bring?"),
            _(
                "About 7 %, in three repetitions 6.5 to 7.5; shifting left 7 to 10. A new picture is worth "
                "more than a changed one, but changes bring most of the way, and cost nothing."
            ),
            "changed",
            (0.06, 0.08),
        ),
        Experiment(
            "augmentation",
            {"lane": "flip"},
            _("Mirror half of the digits, drawn anew in every epoch. That makes more pictures, too. Does it help?"),
            _("No: about 20 %, worse than without. More pictures that say something false are not more data."),
            "changed",
            (0.15, 0.21),
        ),
        Experiment(
            "mirrored",
            {"subject": "digits"},
            _("LeNet names 989 of 1,000 test digits rightly. How many of them, mirrored?"),
            _("386. Left are those that look alike in a mirror: 0, 1, 8, and most 4s; of 116 twos it is two."),
            "mirrored",
            (0.38, 0.392),
        ),
        Experiment(
            "mirrored",
            {"subject": "photos"},
            _("Now photographs. What does mirroring cost there?"),
            _(
                "Nothing: 7 of 8 both ways. Eight are few, as the interval says, and this does not show that "
                "learning from mirrored photographs helps: no network was taught here."
            ),
            "mirrored",
            (0.87, 0.88),
        ),
        Experiment(
            "forgotten",
            {"subject": "photos"},
            _(
                "Give the photographs’ network levels from 0 to 255, as they stand in the file. How many of 8 are "
                "right?"
            ),
            _("1, and no error is raised. With 0 to 1, which is not what it was taught with either, it is 7."),
            "bytes",
            (0.12, 0.13),
        ),
        Experiment(
            "forgotten",
            {"subject": "digits"},
            _("The same for LeNet: values up to 255, where it knows them up to 2.82. How many of 1,000?"),
            _("988, one fewer than as it was taught. So a test that all is well need not notice what was forgotten."),
            "bytes",
            (0.982, 0.992),
        ),
        Experiment(
            "forgotten",
            {"subject": "digits"},
            _("And with dark and light swapped, as a digit is on white paper? The values are those from 0 to 1."),
            _("409. The range is right, and more than half of the answers are wrong."),
            "inverted",
            (0.4, 0.418),
        ),
    ),
    question=Question(
        _("A network is to read letters. Which change must its training not make?"),
        (
            Answer(
                _("Shift them by up to two pixels."),
                _("A shifted letter is the same letter. This is the change that helped most above."),
            ),
            Answer(
                _("Mirror half of them."),
                _("Right: a mirrored b is a d, and it would be learnt under the label b."),
                right=True,
            ),
            Answer(
                _("Turn them by up to ten degrees."),
                _(
                    "Letters are written a little askew anyway. By 180 degrees it would be another matter: n and "
                    "u, 6 and 9."
                ),
            ),
            Answer(
                _("Divide their values by 255."),
                _("That is normalisation, and it does no harm, as long as it is done whenever the network is asked."),
            ),
        ),
    ),
    real=Real(
        _(
            "The page of each dataset shows how a training can change its pictures; for digits mirroring is not "
            "among the proposals. Who may start trainings finds “Train on this” there, with a group of settings "
            "for augmentation."
        ),
        _("See MNIST and its changed pictures"),
        Link("dataset", ("mnist",)),
    ),
    sources=(
        Source(
            "Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller",
            1998,
            "Efficient BackProp",
            "https://doi.org/10.1007/3-540-49430-8_2",
        ),
        Source(
            "P. Y. Simard, D. Steinkraus, J. C. Platt",
            2003,
            "Best Practices for Convolutional Neural Networks Applied to Visual Document Analysis",
            "https://doi.org/10.1109/ICDAR.2003.1227801",
        ),
        Source(
            "J. Deng, W. Dong, R. Socher, L.-J. Li, K. Li, L. Fei-Fei",
            2009,
            "ImageNet: A Large-Scale Hierarchical Image Database",
            "https://doi.org/10.1109/CVPR.2009.5206848",
        ),
        Source(
            "C. Shorten, T. M. Khoshgoftaar",
            2019,
            "A survey on Image Data Augmentation for Deep Learning",
            "https://doi.org/10.1186/s40537-019-0197-0",
        ),
    ),
    words=("dataset", "label", "augmentation", "grey-level", "normalisation", "standardisation"),
)
