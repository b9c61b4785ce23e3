"""What can be done against it, and what that costs."""

from django.utils.translation import gettext_lazy as _

from webapp.learn.word import HARDENED, TRAININGS, Word

WORDS = (
    Word(
        "hardening",
        "defence",
        _("hardening, adversarial training"),
        _(
            "The network learns from attacked pictures, made anew in each step. Under the attacks tried here "
            "it is right far more often, and it pays with time and some accuracy on unattacked pictures."
        ),
        options=("adversarial", "attack_steps"),
        place=HARDENED,
    ),
    Word(
        "attack-accuracy",
        "defence",
        _("accuracy under attack"),
        _(
            "The share of pictures that are still judged right after an attack of a stated strength and "
            "number of steps. It is an upper bound: a better attack can only lower it."
        ),
        options=("robust_pictures",),
        place=HARDENED,
    ),
    Word(
        "overfitting-to-attacks",
        "defence",
        _("robust overfitting"),
        _(
            "In adversarial training, the accuracy under attack on new pictures begins to fall while that on "
            "training pictures still rises. Stopping early is what helps."
        ),
        place=TRAININGS,
    ),
    Word(
        "twin",
        "defence",
        _("twin"),
        _(
            "A network trained exactly as the hardened one, but without the attacks. Only beside it can be "
            "said what hardening costs and brings."
        ),
        place=HARDENED,
    ),
    Word(
        "cameras",
        "defence",
        _("cameras in cars"),
        _(
            "A car’s camera hands its pictures to networks that are trained as these here are. Stickers on "
            "stop signs and changes of a few grey levels have fooled such networks in published experiments."
        ),
        place=HARDENED,
    ),
)
