"""Lesson 6: honest evaluation: the exam one has seen before."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.parts import Formula, Text, Widget
from webapp.learn.record import Answer, Experiment, Lesson, Link, Question, Real, Source

LESSON = Lesson(
    slug="exam",
    title=_("The exam one has seen before"),
    minutes=8,
    idea=_("Whoever is examined with the exercises of the lesson need not have understood anything."),
    hook=_(
        "A network names 500 digits without one mistake. Its labels were drawn by chance, so there was nothing to "
        "understand: what has it learnt?"
    ),
    parts=(
        Widget(
            "exam",
            _(
                "Real trainings of LeNet on a few pictures of MNIST, until no picture learnt from is wrong or for 60 "
                "epochs. The full line: errors on the pictures it learns from. The dashed one: on 1,000 others."
            ),
            {"labels": "true", "pictures": 500, "prepared": 500},
        ),
        Text(
            heading=_("What you have just seen"),
            paragraphs=(
                _(
                    "There are two [error rates](error-rate). One is counted on the pictures that the network learnt "
                    "from, the other on pictures that it never saw. With true labels the first falls to 0 within a "
                    "few [epochs](epoch), and the second ends at about 10 %: that is the gap."
                ),
                _(
                    "With labels drawn by chance the first falls to 0 all the same. It takes two to three times "
                    "as long, and it is worth nothing: on unseen pictures the network is as good as "
                    "[guessing](guessing), nine wrong in ten. It knows 500 answers by heart."
                ),
                _(
                    "So an error of 0 on what was learnt tells nothing. Only pictures that were kept aside tell "
                    "whether a network [generalises](generalise)."
                ),
            ),
            note=_(
                "By chance means: each label is drawn evenly from the ten digits, for the unseen pictures, too. "
                "No rule foresees those: but for luck, nine in ten are wrong."
            ),
        ),
        Formula(
            "error-rate",
            _(
                "the error rate *e* is the number of wrong answers over *n*, all of them; Wilson’s interval is *e* "
                "plus *z* squared over 2 *n*, plus or minus *z* times the root of *e* times one minus *e* over *n* "
                "plus *z* squared over 4 *n* squared, all over one plus *z* squared over *n*."
            ),
        ),
        Text(
            heading=_("An error rate is a measurement"),
            paragraphs=(
                _(
                    "One thousand other pictures would give a slightly different figure. The [interval](interval) "
                    "below the error rate says how different: with *z* = 1.96 it covers the true share in about 95 "
                    "of 100 such measurements. A difference much smaller than that may be luck."
                ),
            ),
            note=_(
                "The error on pictures learnt from has no interval. They were not drawn for judging: the network was "
                "made to fit them."
            ),
        ),
        Text(
            heading=_("Three sets, each for one thing"),
            paragraphs=(
                _(
                    "The [training set](split) teaches the weights. The validation set is for you: you compare "
                    "settings on it, and stop by it. Often 80 % are learnt from and 20 % kept aside, once, before "
                    "anything begins. It is not drawn anew each round: then every picture would sooner or later have "
                    "been learnt from."
                ),
                _(
                    "Who tries fifty settings and keeps the best has chosen by the validation set, and its error comes "
                    "out a little too low. That is what the test set is for. It is opened at the end, once, and "
                    "nothing is changed after it."
                ),
            ),
            note=_(
                "MNIST has 60,000 pictures to learn from and 10,000 to test with, of different writers. It has been "
                "opened by thousands of papers."
            ),
        ),
        Text(
            heading=_("And outside of the exam room?"),
            paragraphs=(
                _(
                    "Even an honest exam examines one kind of exercise. A new test set for ImageNet was collected as "
                    "exactly like the old one as its makers could; networks were right 11 to 14 points less often on "
                    "it. Their order hardly changed."
                ),
                _(
                    "A test error holds for pictures that are drawn like the test pictures. Photographs from another "
                    "camera are not, and pictures that somebody has changed on purpose are even less so."
                ),
            ),
        ),
    ),
    experiments=(
        Experiment(
            "exam",
            {"labels": "random"},
            _("Take labels drawn by chance. What will be the error on the 500 pictures learnt from?"),
            _("0: every one by heart. A network of 61,706 weights has room for 500 answers that follow no rule."),
            "seen",
            (0, 0),
        ),
        Experiment(
            "exam",
            {"labels": "random"},
            _("The same network, which made no mistake: what is its error on 1,000 pictures that it has not seen?"),
            _("About 90 %, as if it had guessed. The error on what was learnt had promised 0."),
            "unseen",
            (0.87, 0.93),
        ),
        Experiment(
            "exam",
            {"labels": "true"},
            _("Now true labels. The error on what was learnt is 0 again: and on unseen pictures?"),
            _("About 10 %. Both networks have the same error on what they learnt, and only one has understood."),
            "unseen",
            (0.08, 0.13),
        ),
        Experiment(
            "exam",
            {"labels": "random"},
            _("True labels are known by heart after about 10 epochs. How many do labels by chance take?"),
            _("About 20 to 30, by the seed: two to three times as many. It is slower, but nothing stops it."),
            "epoch",
            (18, 34),
        ),
    ),
    question=Question(
        _("What may a test set be used for?"),
        (
            Answer(
                _("To choose the best of twenty settings."),
                _("Then it has helped to teach, and its error comes out too low. Choose on the validation set."),
            ),
            Answer(
                _("To learn from, when the training set is small."),
                _("What was learnt from can be known by heart, even without any rule. It cannot judge any more."),
            ),
            Answer(
                _("To tell, at the end and once, how often the network will err on such pictures."),
                _("Nothing was chosen by it, so nothing flatters it. State the interval with it."),
                right=True,
            ),
            Answer(
                _("To decide after which epoch to stop."),
                _("That is a choice, too: where the test error is lowest by luck, it would end there."),
            ),
        ),
    ),
    real=Real(
        _(
            "A training of the site keeps validation pictures aside, chooses its epoch by them, and is judged on the "
            "test pictures at its end. Its page shows both errors, epoch by epoch."
        ),
        _("See the site’s trainings"),
        Link("training_runs"),
    ),
    sources=(
        Source(
            "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner",
            1998,
            "Gradient-Based Learning Applied to Document Recognition",
            "https://doi.org/10.1109/5.726791",
        ),
        Source(
            "C. Zhang, S. Bengio, M. Hardt, B. Recht, O. Vinyals",
            2016,
            "Understanding deep learning requires rethinking generalization",
            "https://arxiv.org/abs/1611.03530",
        ),
        Source(
            "B. Recht, R. Roelofs, L. Schmidt, V. Shankar",
            2019,
            "Do ImageNet Classifiers Generalize to ImageNet?",
            "https://arxiv.org/abs/1902.10811",
        ),
        Source(
            "E. B. Wilson",
            1927,
            "Probable Inference, the Law of Succession, and Statistical Inference",
            "https://doi.org/10.1080/01621459.1927.10502953",
        ),
    ),
    needs=("softmax",),
    words=("error-rate", "generalise", "split", "guessing", "interval"),
)
