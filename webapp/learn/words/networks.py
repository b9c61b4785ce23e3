"""What a network is made of: weights, layers, and how they begin."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.word import DIGITS, TRAININGS, Word

WORDS = (
    Word(
        "network",
        "networks",
        _("neural network"),
        _(
            "A chain of layers, each of which makes numbers of numbers: pixels go in, one score for each "
            "class comes out. What it does is decided by its weights, and those are learnt."
        ),
        options=("network",),
        place=DIGITS,
    ),
    Word(
        "weight",
        "networks",
        _("weight"),
        _(
            "A number by which an input is multiplied; a network’s weights are all that it has learnt. LeNet "
            "has 61,706 of them, the biases included."
        ),
        place=TRAININGS,
    ),
    Word(
        "layer",
        "networks",
        _("layer"),
        _(
            "One step of a network: convolution, pooling, fully connected, activation. The first see edges "
            "and strokes, the last see classes."
        ),
        place=DIGITS,
    ),
    Word(
        "convolution",
        "networks",
        _("convolution"),
        _(
            "A small pattern of weights, the kernel, slides over the picture and gives at each place how well"
            " it fits. The same few weights serve everywhere, so a stroke is found wherever it lies."
        ),
        formula="convolution",
        place=DIGITS,
    ),
    Word(
        "channel",
        "networks",
        _("channel"),
        _(
            "One map of numbers among several that lie over each other: red, green and blue at the beginning,"
            " one for each kernel later. The width of a network says how many there are."
        ),
        options=("width",),
        place=DIGITS,
    ),
    Word(
        "receptive-field",
        "networks",
        _("receptive field"),
        _("The part of the picture that one number of a later layer can see. It grows from layer to layer."),
        place=DIGITS,
    ),
    Word(
        "pooling",
        "networks",
        _("pooling"),
        _(
            "Of each two by two values one is kept, the largest, or their mean. The map becomes a quarter as "
            "large, and small shifts matter less; against overfitting it helps little."
        ),
        options=("pooling",),
        place=TRAININGS,
    ),
    Word(
        "one-by-one",
        "networks",
        _("1×1 convolution"),
        _(
            "A convolution that sees one place alone and mixes its channels. It has a ninth of the weights "
            "and multiplications of a 3×3, which is not nothing."
        ),
        options=("one_by_one",),
        place=TRAININGS,
    ),
    Word(
        "fully-connected",
        "networks",
        _("fully connected layer"),
        _(
            "A layer whose every output is a weighted sum of all its inputs, plus a bias. It makes as many "
            "numbers as one wants: at a network’s end one for each class."
        ),
        place=DIGITS,
    ),
    Word(
        "activation",
        "networks",
        _("activation function"),
        _(
            "What bends between two layers: ReLU cuts off what is negative, sigmoid and tanh press everything"
            " into a range. Without it, all layers together would be no more than one."
        ),
        formula="relu",
        options=("activation",),
        place=TRAININGS,
    ),
    Word(
        "batch-norm",
        "networks",
        _("batch normalisation"),
        _(
            "A layer that standardises each channel over the batch, then scales it by learnt numbers. It lets"
            " a training take larger steps."
        ),
        place=TRAININGS,
    ),
    Word(
        "dropout",
        "networks",
        _("dropout"),
        _(
            "While learning, a share *p* of the activations, drawn anew in each step, is set to 0 and the "
            "rest divided by 1 − *p*, as in a team that must cope with whoever is absent. When the network is"
            " used, all of them take part."
        ),
        formula="dropout",
        options=("dropout",),
        place=TRAININGS,
    ),
    Word(
        "lenet",
        "networks",
        _("LeNet"),
        _(
            "Yann LeCun’s network for handwritten digits of 1998: convolution, pooling, convolution, pooling,"
            " then three fully connected layers. 78 % of its 61,706 weights lie in the first of those three."
        ),
        place=DIGITS,
    ),
    Word(
        "initialisation",
        "networks",
        _("initialisation"),
        _(
            "The weights with which a training begins: random, around 0, with a spread that belongs to the "
            "layer’s width. If it is too small, signals die from layer to layer, if too large, they blow up; "
            "with zeros all units of a layer stay twins for ever."
        ),
        formula="initialisation",
        options=("initialisation", "sigma"),
        place=TRAININGS,
    ),
    Word(
        "bias",
        "networks",
        _("bias"),
        _("A number that is added to a weighted sum, learnt like the weights. It says where a unit begins to answer."),
        place=TRAININGS,
    ),
)
