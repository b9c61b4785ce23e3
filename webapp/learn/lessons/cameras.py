"""Lesson 11: why it matters, and what can be done: a standard and a hardened network under one budget."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.parts import Formula, Text, Widget
from webapp.learn.record import Answer, Experiment, Lesson, Link, Question, Real, Source

DIGITS = {"subject": "digits"}
SIGNS = {"subject": "signs"}
STOP = {"hardened": False, "epsilon": 3}

LESSON = Lesson(
    slug="cameras",
    title=_("Cameras, and what can be done"),
    minutes=8,
    idea=_(
        "A network that learns from attacked pictures withstands that attack far more often. What it was not taught, "
        "it need not withstand."
    ),
    hook=_(
        "In 2017 a few stickers made a network take a real stop sign for a speed limit. So teach the network with "
        "attacked pictures: what does that bring, and what does it cost?"
    ),
    parts=(
        Widget(
            "cameras",
            _(
                "Two networks, taught alike except that one learnt from attacked pictures. Both get the first 200 test "
                "pictures and the same attacks; a thin line is the 95 % interval. The signs are drawn, and "
                "“photographed” by a program."
            ),
            DIGITS,
            wide=True,
        ),
        Text(
            heading=_("Why it matters"),
            paragraphs=(
                _(
                    "[Cameras in cars](cameras) hand their pictures to networks that are trained as those of this "
                    "course are. Eykholt and others stuck black and white stickers on a stop sign: in the laboratory "
                    "a network misread every picture of it, and from a moving car 84.8 % of the frames. It was a "
                    "network made for that experiment, not one out of a car."
                ),
                _(
                    "What you see here is smaller. Sixteen signs were drawn, and a program added light, angle and "
                    "background. An attack changes the finished picture, [knowing all weights](white-box); nobody "
                    "prints a sticker."
                ),
            ),
            note=_(
                "Not claimed: how a car would act. It sees many frames, other sensors and maps; none of that, no "
                "photograph and no printed sticker is measured here."
            ),
        ),
        Text(
            heading=_("Learning from the worst picture"),
            paragraphs=(
                _(
                    "[Hardening](hardening) puts two searches into each other. Inside, [PGD](pgd) looks for the change "
                    "within the budget that makes the loss largest. Outside, [gradient descent](gradient-descent) "
                    "moves the weights so that even this loss becomes small. Attacks are made anew in every step, for "
                    "the network as it is by then."
                ),
                _(
                    "The inner search is only a few steps long, 7 for these digits and 3 for these signs, and finds a "
                    "bad change, not the worst one. Each of them is another pass forwards and back: that is the price "
                    "in time."
                ),
            ),
        ),
        Formula(
            "min-max",
            _(
                "choose the weights *w* so that the loss *J*, on average over pictures *x* with labels *y*, is "
                "smallest where the change *δ*, no pixel of it above ε, makes it largest."
            ),
        ),
        Text(
            heading=_("Measured against a twin"),
            paragraphs=(
                _(
                    "What hardening costs can be said only beside [a twin](twin), taught the same way without attacks. "
                    "For digits it is 0.61 points of accuracy, on 10,000 test pictures. For the drawn signs no price "
                    "shows: 0.3 points, with an interval from −0.4 to 1.0, on 1,600. That does not mean that there "
                    "is none."
                ),
                _(
                    "[Accuracy under attack](attack-accuracy) is an upper bound: a better attack can only lower it. "
                    "Tramèr and others broke thirteen published defences with attacks made for each; Croce and Hein "
                    "therefore judge with several unlike attacks at once. And every figure belongs to "
                    "[one threat](threat-model): in another [norm](norm), or with a larger budget, it is another one."
                ),
            ),
            note=_(
                "A hardened network withstands some attacks more often; nothing here is proof against attacks. One "
                "pair of networks was measured of each kind: intervals are about the pictures, not about another "
                "training."
            ),
        ),
        Text(
            heading=_("One stop sign"),
            paragraphs=(
                _(
                    "This is what the lab does with anybody’s picture, done with one drawn sign: [PGD](pgd) looks for "
                    "a change within [ε](epsilon), the picture is saved as a file and read back, and only then "
                    "judged. Beside it stands a [change by chance](control), as large in every value."
                ),
            ),
        ),
        Widget(
            "stop-sign",
            _("Drawn, and photographed by a program: no photograph of a street. Choose the network, and move ε."),
            STOP,
            wide=True,
        ),
    ),
    experiments=(
        Experiment(
            "cameras",
            DIGITS,
            _(
                "PGD takes 20 steps and moves no pixel by more than 51 of 255 levels. How many of 200 digits does the "
                "standard network still read?"
            ),
            _("None. With random ± changes of the same size it read 199."),
            "standard-pgd",
            (0, 0),
        ),
        Experiment(
            "cameras",
            DIGITS,
            _("The hardened network, the same 20 steps, each aimed at this very network. How many now?"),
            _("196 of 200. It had learnt under a larger budget, 77 levels."),
            "hardened-pgd",
            (0.96, 0.985),
        ),
        Experiment(
            "cameras",
            DIGITS,
            _(
                "Now limit the length of the whole change instead of each pixel: at most 4, where FGSM’s at 51 levels "
                "is up to 5.6 long. Shorter, so easier to withstand?"
            ),
            _("No: 124 of 200 are left. A shorter change, put where it counts, was not in its lessons."),
            "hardened-pgd-l2",
            (0.57, 0.64),
        ),
        Experiment(
            "cameras",
            DIGITS,
            _("And without any attack: how much accuracy did hardening cost, on all 10,000 test digits?"),
            _("0.61 points: 9,883 right instead of 9,944. Small, and no accident: the interval stays above 0.4."),
            "price",
            (0.0055, 0.0067),
        ),
        Experiment(
            "cameras",
            SIGNS,
            _(
                "Drawn signs, photographed by a program: 8 of 255 levels, 20 steps. How many of 200 does the hardened "
                "network still know?"
            ),
            _("152 of 200. The standard network: none, and after one step (FGSM) only 5."),
            "hardened-pgd",
            (0.74, 0.78),
        ),
        Experiment(
            "cameras",
            SIGNS,
            _("Hardening cost digits 0.61 points. What did it cost the drawn signs?"),
            _(
                "0.3 points, but the interval reaches from −0.4 to 1.0: on 1,600 pictures no price shows. It could be "
                "nothing, or larger than that of the digits."
            ),
            "price",
            (0.003, 0.0033),
        ),
        Experiment(
            "stop-sign",
            STOP,
            _(
                "No value of this drawn stop sign moves by more than 3 of 255 levels. What will the standard network "
                "say?"
            ),
            _("It says “Pedestrians”. Moved as far by chance, it stays a stop sign."),
            "after",
            (12, 12),
        ),
        Experiment(
            "stop-sign",
            STOP | {"hardened": True, "epsilon": 8},
            _("The hardened network learnt with 8 levels. Move by 8: is it a stop sign still?"),
            _("Yes, and it is 89 % sure. The standard network had given way at less than half of that."),
            "after",
            (0, 0),
        ),
        Experiment(
            "stop-sign",
            STOP | {"hardened": True, "epsilon": 16},
            _("And with 16 levels, twice what it had learnt with?"),
            _("It says “Road works”. Hardening moved the level at which the sign breaks, and did not take it away."),
            "after",
            (14, 14),
        ),
    ),
    question=Question(
        _("After PGD at 51 levels a hardened network is still right on 196 of 200 pictures. What follows?"),
        (
            Answer(
                _("No change of at most 51 levels fools it on those 196."),
                _("PGD found none in 20 steps. That is no proof: a better search may find one."),
            ),
            Answer(
                _("Under this attack, with this budget, it is right far more often than its twin."),
                _("That, and no more. With changes measured in L2, 124 of the same 200 were left."),
                right=True,
            ),
            Answer(
                _("It withstands stickers as well."),
                _(
                    "A sticker changes few pixels, and those as far as it likes: another threat, which must be "
                    "measured by itself."
                ),
            ),
        ),
    ),
    real=Real(
        _(
            "A drawn stop sign in the lab, with PGD at 3 of 255 levels, on the standard network. Then choose the "
            "hardened one, and look for the level at which it, too, gives way."
        ),
        _("Attack the stop sign in the lab"),
        Link("lab_sample", ("sign-stop",), {"attack": "pgd", "epsilon": 3}),
    ),
    sources=(
        Source(
            "I. J. Goodfellow, J. Shlens, C. Szegedy",
            2014,
            "Explaining and Harnessing Adversarial Examples",
            "https://arxiv.org/abs/1412.6572",
        ),
        Source(
            "A. Madry, A. Makelov, L. Schmidt, D. Tsipras, A. Vladu",
            2017,
            "Towards Deep Learning Models Resistant to Adversarial Attacks",
            "https://arxiv.org/abs/1706.06083",
        ),
        Source(
            "K. Eykholt, I. Evtimov, E. Fernandes, B. Li, A. Rahmati, C. Xiao, A. Prakash, T. Kohno, D. Song",
            2017,
            "Robust Physical-World Attacks on Deep Learning Models",
            "https://arxiv.org/abs/1707.08945",
        ),
        Source(
            "F. Tramèr, N. Carlini, W. Brendel, A. Madry",
            2020,
            "On Adaptive Attacks to Adversarial Example Defenses",
            "https://arxiv.org/abs/2002.08347",
        ),
        Source(
            "F. Croce, M. Hein",
            2020,
            "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks",
            "https://arxiv.org/abs/2003.01690",
        ),
    ),
    needs=("noise",),
    words=("cameras", "hardening", "twin", "attack-accuracy", "threat-model", "pgd", "norm"),
)
