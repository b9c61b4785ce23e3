"""How a network is fooled: changes, their size, and how they are found."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.word import HARDENED, MANY_STEPS, ONE_STEP, Word

WORDS = (
    Word(
        "adversarial-example",
        "attacks",
        _("adversarial example"),
        _(
            "A picture that was changed on purpose, by little, so that a network answers something else. It "
            "is no accident: random noise of the same size does next to nothing on photographs."
        ),
        place=ONE_STEP,
    ),
    Word(
        "perturbation",
        "attacks",
        _("perturbation"),
        _(
            "The difference between the attacked picture and the original. The lab shows it magnified, "
            "because as it is it is hard to see."
        ),
        place=ONE_STEP,
    ),
    Word(
        "input-gradient",
        "attacks",
        _("gradient with respect to the picture"),
        _(
            "The same slopes as in learning, but for each pixel instead of each weight: how the loss changes "
            "when this pixel changes. Learning moves the weights and leaves the picture, an attack does the "
            "reverse."
        ),
        formula="input-gradient",
        place=ONE_STEP,
    ),
    Word(
        "epsilon",
        "attacks",
        _("strength ε (epsilon)"),
        _(
            "How far a change may go. In the norm L∞ no value of any pixel moves by more than ε, which is "
            "counted in grey levels: 2/255 are two of them."
        ),
        options=("epsilon",),
        place=ONE_STEP,
    ),
    Word(
        "norm",
        "attacks",
        _("norm: L∞, L2, L0"),
        _(
            "A way to say how large a change is: by its largest value (L∞), by its length as an arrow (L2), "
            "by the number of pixels it touches (L0). An attack is bounded in one of them, and figures in "
            "different norms cannot be compared."
        ),
        formula="norms",
        options=("radius", "pixels", "distortion"),
        place=MANY_STEPS,
    ),
    Word(
        "threat-model",
        "attacks",
        _("threat model"),
        _(
            "What an attacker may change, how much, and what they know. A figure under attack means something"
            " only together with it."
        ),
        place=ONE_STEP,
    ),
    Word(
        "white-box",
        "attacks",
        _("white box, black box"),
        _(
            "In a white box the attacker knows the network’s weights and follows its gradient; in a black box"
            " they only ask and see the answers. Both are in the lab."
        ),
        options=("queries",),
        place=MANY_STEPS,
    ),
    Word(
        "fgsm",
        "attacks",
        _("FGSM"),
        _(
            "The attack of one step: each pixel moves by ε, up or down, as the sign of its slope says. It "
            "needs one gradient, and stands in Goodfellow, Shlens and Szegedy’s paper of 2015."
        ),
        formula="lab/formulas/fgsm",
        place=ONE_STEP,
    ),
    Word(
        "pgd",
        "attacks",
        _("PGD"),
        _(
            "Many small steps of that kind, each followed by going back into the budget ε. It finds far more "
            "than one step does."
        ),
        formula="lab/formulas/pgd",
        options=("steps",),
        place=MANY_STEPS,
    ),
    Word(
        "step-size",
        "attacks",
        _("step size"),
        _(
            "How far one step of an attack moves each value. Small steps follow a bent way, too small ones do"
            " not arrive."
        ),
        options=("step_size",),
        place=MANY_STEPS,
    ),
    Word(
        "random-start",
        "attacks",
        _("random start"),
        _(
            "An attack of many steps may begin at a random place within ε instead of the picture itself, and "
            "several times. The best of all starts is kept."
        ),
        options=("restarts",),
        place=MANY_STEPS,
    ),
    Word(
        "projection",
        "attacks",
        _("projection, clipping"),
        _(
            "After each step every value goes back to within ε of the original (projection), and into 0 to 1,"
            " since nothing is blacker than black (clipping). What is saved is then rounded to whole grey "
            "levels."
        ),
        place=MANY_STEPS,
    ),
    Word(
        "targeted",
        "attacks",
        _("targeted, untargeted"),
        _(
            "An untargeted attack wants any other answer, a targeted one wants a class that somebody chose. "
            "The second is harder and takes more steps."
        ),
        options=("target",),
        place=MANY_STEPS,
    ),
    Word(
        "control",
        "attacks",
        _("control (random noise)"),
        _(
            "Noise of the same size, drawn at random, beside every attack. Without it nobody knows whether "
            "the attack’s direction mattered or only the size of the change."
        ),
        place=ONE_STEP,
    ),
    Word(
        "decision-boundary",
        "attacks",
        _("decision boundary"),
        _(
            "The surface in the space of all pictures on one side of which a network says one thing and on "
            "the other another. From most pictures it is surprisingly near, in the right direction."
        ),
        options=("overshoot",),
        place=MANY_STEPS,
    ),
    Word(
        "transfer-attack",
        "attacks",
        _("transfer attack"),
        _(
            "A picture made to fool one network is shown to another, which is often fooled as well. So an "
            "attacker need not know the network that is attacked."
        ),
        place=ONE_STEP,
    ),
    Word(
        "masked-gradients",
        "attacks",
        _("masked gradients"),
        _(
            "A network whose gradients mislead looks hard to attack and is not: attacks that ask without "
            "gradients still break it. Gibbon checks for that before it believes a figure."
        ),
        place=HARDENED,
    ),
    Word(
        "linearity",
        "attacks",
        _("many pixels, small steps"),
        _(
            "To a linear model with weights *w* a change of ε in every pixel adds up to ε times the sum of "
            "all |*w*|. It grows with the number of pixels, though none moves more than ε."
        ),
        formula="linear",
        place=ONE_STEP,
    ),
)
