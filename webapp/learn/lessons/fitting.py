"""Lesson 7: underfitting and overfitting, on a parabola."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.parts import Formula, Text, Widget
from webapp.learn.record import Answer, Experiment, Lesson, Link, Question, Real, Source

LESSON = Lesson(
    slug="fitting",
    title=_("Too simple, too clever"),
    minutes=8,
    idea=_(
        "A model that is too simple misses what is there; one that is too free learns the noise by heart. Only points "
        "kept aside tell which."
    ),
    hook=_(
        "Here is a curve that goes through all ten points and misses none. Why is it the worst guess of all for the "
        "eleventh?"
    ),
    parts=(
        Widget(
            "polynomial",
            _(
                "Lower the degree until the curve is right. Large dots: the points it is fitted to. Small ones: 100 "
                "others, kept aside. Dashed: the parabola from which all of them come."
            ),
            {"degree": 9, "count": 10, "noise": 0.2, "seed": 8},
        ),
        Text(
            heading=_("What you have just done"),
            paragraphs=(
                _(
                    "Every point lies on a parabola, moved up or down by a little noise that nobody can "
                    "foresee. The degree says how often the curve may bend: a line cannot bend at all, a polynomial of "
                    "degree 9 has ten numbers to set, and ten numbers go through any ten points."
                ),
                _(
                    "There are two errors. The training error is what the curve misses of the points that it was "
                    "fitted to; it only ever falls when the degree rises. The validation error is what it misses of "
                    "points [kept aside](split); it falls, and then it rises. Only the second one is of any use to "
                    "somebody who wants to know the eleventh point."
                ),
            ),
            note=_(
                "Both errors are the root of the mean square, in the unit of the points. The parabola itself misses "
                "them by the noise, and nothing can do better than that for long."
            ),
        ),
        Formula(
            "least-squares",
            _(
                "find the numbers *c* for which the squares of all misses, summed over the *n* points, are least; a "
                "miss is the polynomial of degree *d* at *x*, minus *y*."
            ),
        ),
        Text(
            heading=_("Two ways to be wrong"),
            paragraphs=(
                _(
                    "[Underfitting](underfitting): even the training error is high. The line cannot say what a "
                    "parabola is. With a network it may also have learnt too short, too slowly, or too constrained; a "
                    "lack of depth is only one reason."
                ),
                _(
                    "[Overfitting](overfitting): the training error is low, the validation error far higher. The curve "
                    "has learnt the noise of its ten points by heart, and between them it swings."
                ),
                _(
                    "There are two cures. A simpler model is one. More points are the other: a hundred of them tame "
                    "degree 9 without a change to it, because a curve with ten numbers cannot follow the noise of a "
                    "hundred."
                ),
            ),
            note=_(
                "Large networks have more weights than pictures and could learn all of them by heart; often they "
                "[generalise](generalise) all the same. Why the second error falls once more far to the right is still "
                "a question of research (Belkin and others, 2019)."
            ),
        ),
    ),
    experiments=(
        Experiment(
            "polynomial",
            {"degree": 1, "count": 200},
            _("A line, and two hundred points instead of ten. Do more points help it?"),
            _("No: three times the noise, as before. What underfits lacks freedom, not data."),
            "validation",
            (0.58, 0.66),
        ),
        Experiment(
            "polynomial",
            {"degree": 9, "count": 10},
            _("Degree 9 through ten points. How large is the training error?"),
            _(
                "Nothing at all, and the validation error is 2.4, twelve times the noise. Draw other points a few "
                "times: it can be thousands."
            ),
            "training",
            (0, 1e-9),
        ),
        Experiment(
            "polynomial",
            {"degree": 2, "count": 10},
            _("A parabola through the same ten points. Its training error is higher. And the other one?"),
            _("Down from 2.4 to 0.21, next to the noise of 0.2. The curve that misses more knows more."),
            "validation",
            (0.205, 0.215),
        ),
        Experiment(
            "polynomial",
            {"degree": 9, "count": 100},
            _("Degree 9 again, the same model, but with a hundred points."),
            _("Tame: 0.197, as good as the parabola. More data cured it, and nobody touched the model."),
            "validation",
            (0.19, 0.2),
        ),
        Experiment(
            "polynomial",
            {"degree": 9, "count": 10, "noise": 0},
            _("Degree 9, ten points, but without noise. Is it still wild?"),
            _("No, it is the parabola itself. It was never the bends that did harm, it was the noise they followed."),
            "validation",
            (0, 1e-9),
        ),
    ),
    question=Question(
        _("Your training error is 1 %, your validation error 20 %. What do you try first?"),
        (
            Answer(
                _("A larger network."),
                _("It knows its training pictures nearly by heart already. More freedom would close the wrong gap."),
            ),
            Answer(
                _("More pictures, or changed copies of those there are."),
                _("The gap between the two errors is overfitting; more pictures leave less to learn by heart."),
                right=True,
            ),
            Answer(
                _("More epochs."),
                _("That lowers the training error, which is low. The other one usually rises meanwhile."),
            ),
            Answer(
                _("Nothing: 1 % is very good."),
                _("That is the exam one has seen before. On new pictures every fifth answer is wrong."),
            ),
        ),
    ),
    real=Real(
        _(
            "Each training in Gibbon draws these two errors, epoch by epoch, for a real network. Where the dotted "
            "curve and the teal one part, it begins to learn by heart."
        ),
        _("Look at the trainings"),
        Link("training_runs"),
    ),
    sources=(
        Source(
            "S. Geman, E. Bienenstock, R. Doursat",
            1992,
            "Neural Networks and the Bias/Variance Dilemma",
            "https://doi.org/10.1162/neco.1992.4.1.1",
        ),
        Source(
            "C. M. Bishop",
            2006,
            "Pattern Recognition and Machine Learning, section 1.1",
            "https://www.microsoft.com/en-us/research/publication/pattern-recognition-machine-learning/",
        ),
        Source(
            "M. Belkin, D. Hsu, S. Ma, S. Mandal",
            2019,
            "Reconciling modern machine-learning practice and the classical bias–variance trade-off",
            "https://arxiv.org/abs/1812.11118",
        ),
    ),
    words=("underfitting", "overfitting", "generalise"),
)
