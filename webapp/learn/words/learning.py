"""How a network learns: the loss, its gradient, and the settings of a training."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.word import TRAININGS, Word

WORDS = (
    Word(
        "loss",
        "learning",
        _("loss"),
        _(
            "One number for how wrong an answer is; learning means making it smaller. For classes it is "
            "usually the cross-entropy."
        ),
        place=TRAININGS,
    ),
    Word(
        "cross-entropy",
        "learning",
        _("cross-entropy"),
        _(
            "The loss of an answer: minus the logarithm of the probability that the true class was given. It "
            "is 0 for certainty that is right, and grows without bound for certainty that is wrong."
        ),
        formula="cross-entropy",
        place=TRAININGS,
    ),
    Word(
        "slope",
        "learning",
        _("slope (derivative)"),
        _(
            "How fast the loss rises when one weight does: 0 on level ground, negative where it falls. It is found "
            "by nudging and dividing, or exactly by backpropagation."
        ),
        formula="slope",
        place=TRAININGS,
    ),
    Word(
        "gradient",
        "learning",
        _("gradient"),
        _(
            "How steeply the loss changes with each weight: one slope for each, all of them together a "
            "direction. It points uphill; learning goes the other way."
        ),
        formula="gradient",
        place=TRAININGS,
    ),
    Word(
        "backpropagation",
        "learning",
        _("backpropagation"),
        _(
            "The chain rule, applied layer by layer from the loss back to the first weight. One run back "
            "gives the slopes of all weights at once."
        ),
        place=TRAININGS,
    ),
    Word(
        "gradient-descent",
        "learning",
        _("gradient descent"),
        _(
            "Every weight takes a small step against its slope, the slopes are computed anew, and so on. With"
            " steps that are small enough, the loss falls each time."
        ),
        formula="descent",
        place=TRAININGS,
    ),
    Word(
        "sgd",
        "learning",
        _("stochastic gradient descent (SGD)"),
        _(
            "Gradient descent in which each step asks a few pictures, drawn at random, instead of all. Their "
            "gradient is right on average, and so much cheaper that its noise is worth it."
        ),
        options=("optimiser",),
        place=TRAININGS,
    ),
    Word(
        "batch",
        "learning",
        _("batch, batch size"),
        _(
            "The pictures that one step learns from. Drawn evenly, a batch’s gradient is right on average; "
            "its noise falls with the square root of the batch’s size, while its cost grows with the size "
            "itself."
        ),
        options=("batch_size",),
        place=TRAININGS,
    ),
    Word(
        "step",
        "learning",
        _("step, iteration"),
        _(
            "One batch forwards, backwards, and one change of all weights. 48,000 pictures in batches of 64 "
            "are 750 steps."
        ),
        place=TRAININGS,
    ),
    Word(
        "epoch",
        "learning",
        _("epoch"),
        _("Every training picture seen once, in as many steps as it takes. It is not one step."),
        options=("epochs",),
        place=TRAININGS,
    ),
    Word(
        "learning-rate",
        "learning",
        _("learning rate"),
        _(
            "The factor between slope and step. Too small, and nothing comes of it for a long time; beyond a "
            "limit that the steepest curve sets, each step lands higher than the one before."
        ),
        options=("learning_rate",),
        place=TRAININGS,
    ),
    Word(
        "schedule",
        "learning",
        _("schedule, warm-up"),
        _(
            "How the learning rate changes during a training: small at first (warm-up), then large, and small"
            " again at the end. The last small steps let the weights settle."
        ),
        options=("schedule", "warmup"),
        place=TRAININGS,
    ),
    Word(
        "momentum",
        "learning",
        _("momentum"),
        _(
            "A part of the last step’s direction is kept, as a rolling ball keeps its way: 0.9 keeps nine "
            "tenths. It carries across flat places and smooths noise; 0.99 rolls far past the goal. Attacks "
            "of many steps use it, too."
        ),
        formula="momentum",
        options=("momentum", "decay", "nesterov"),
        place=TRAININGS,
    ),
    Word(
        "weight-decay",
        "learning",
        _("weight decay"),
        _(
            "Each step also pulls every weight a little towards 0. Smaller weights make smoother answers, "
            "which is a help against overfitting."
        ),
        options=("weight_decay",),
        place=TRAININGS,
    ),
    Word(
        "early-stopping",
        "learning",
        _("early stopping"),
        _(
            "The training ends when the validation error has not fallen for a number of epochs, and the best "
            "epoch is kept. It costs nothing and helps against overfitting."
        ),
        options=("patience", "metric"),
        place=TRAININGS,
    ),
    Word(
        "hyper-parameter",
        "learning",
        _("hyper-parameter"),
        _(
            "What a person chooses before a training: learning rate, momentum, batch size, epochs, "
            "initialisation. Weights are learnt, hyper-parameters are tried."
        ),
        place=TRAININGS,
    ),
    Word(
        "seed",
        "learning",
        _("seed"),
        _(
            "The number from which all chance of a run is drawn. The same seed on the same machine gives the "
            "same run again."
        ),
        options=("seed",),
        place=TRAININGS,
    ),
    Word(
        "fine-tuning",
        "learning",
        _("transfer, fine-tuning"),
        _(
            "A network that was trained on many pictures learns a new question from few: its last layer anew,"
            " or all of it with small steps. What the first layers have learnt to see serves again."
        ),
        options=("transfer",),
        place=TRAININGS,
    ),
)
