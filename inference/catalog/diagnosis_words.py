"""The sentences of the verdict on a training: templates to be translated, then filled. Imports no torch."""

from collections.abc import Mapping
from types import MappingProxyType

from attacks.words import gettext_noop as _

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "too_early": _("Too early to tell"),
        "not_learning": _("Not learning"),
        "collapse": _("FGSM far above PGD"),
        "robust_overfitting": _("Robust overfitting"),
        "overfitting": _("Overfitting"),
        "underfitting": _("Underfitting"),
        "good_fit": _("Good fit"),
    }
)
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "one_epoch": _("One epoch has nothing before it to compare with."),
        "guessing": _(
            "It is wrong on %(validation)s %% of the pictures kept aside; guessing is wrong on %(guessing)s %%."
        ),
        "collapsed": _(
            "Right under one large step (FGSM): %(fgsm)s %%; under ten small ones (PGD-10): %(pgd)s %%, at best "
            "%(best)s %%. That is consistent with catastrophic overfitting to one step: FGSM says little here."
        ),
        "masked": _(
            "Right under one large step (FGSM): %(fgsm)s %%; under ten small ones (PGD-10): %(pgd)s %%, although no "
            "attack was trained against. That is consistent with gradients that lead one step astray."
        ),
        "apart": _(
            "It is wrong on %(training)s %% of the pictures it learns from and on %(validation)s %% of those kept "
            "aside: it remembers pictures where it should have learnt what they have in common."
        ),
        "turned": _(
            "The loss on the pictures kept aside was lowest in epoch %(epoch)d (%(low)s) and has risen to %(high)s, "
            "while on those it learns from it fell on."
        ),
        "robust_turned": _(
            "Right under PGD-10 was at best %(high)s %%, in epoch %(epoch)d, and is now %(low)s %%, while the attacked "
            "pictures it learns from were learnt better and better: robust overfitting."
        ),
        "robust_apart": _(
            "It is wrong on %(training)s %% of the attacked pictures it learns from, and under PGD-10 on %(pgd)s %% of "
            "those kept aside: robust overfitting, it remembers pictures."
        ),
        "many": _(
            "It is wrong on %(training)s %% of the very pictures it learns from, and on %(validation)s %% of those "
            "kept aside."
        ),
        "many_attacked": _(
            "It is wrong on %(training)s %% of the attacked pictures it learns from; unattacked, on %(validation)s %% "
            "of those kept aside. Guessing is wrong on %(guessing)s %%."
        ),
        "falling": _("The last epoch still took the loss on the pictures kept aside from %(before)s to %(after)s."),
        "alike": _(
            "It is wrong on %(training)s %% of the pictures it learns from and on %(validation)s %% of those kept "
            "aside; with %(classes)d classes guessing is wrong on %(guessing)s %%."
        ),
        "alike_attacked": _(
            "It is wrong on %(training)s %% of the attacked pictures it learns from. Of those kept aside it is wrong "
            "on %(pgd)s %% under PGD-10 and on %(validation)s %% unattacked: other pictures, other attacks, yet no "
            "sign of learning by heart."
        ),
    }
)
ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "second": _("A second epoch tells more."),
        "not_zeros": _("Its first weights are all zero, so all channels of a layer stay alike. Choose Kaiming."),
        "smaller_steps": _(
            "Try another learning rate (a smaller one if the loss jumps, a larger one if it hardly moves) or other "
            "first weights, and see that the labels are right."
        ),
        "several_steps": _("Train with PGD of several steps, and let “best” mean the highest accuracy under PGD-10."),
        "more_steps": _("Train with more steps of PGD, and let “best” mean the highest accuracy under PGD-10."),
        "look_again": _("Judge it by PGD with many steps and by searches without gradients, never by FGSM alone."),
        "more_pictures": _(
            "The best epoch is kept. More pictures help most; then changed pictures (shift, rotation), dropout, weight "
            "decay, a narrower network or fewer epochs."
        ),
        "stop_by_pgd": _(
            "Stop early: let “best” mean the highest accuracy under PGD-10, so that its epoch is kept, and give "
            "patience a few epochs."
        ),
        "learn_more": _("Try more epochs, a larger learning rate, a wider network, or less dropout and weight decay."),
        "attacked_longer": _(
            "Try more epochs, a longer warm-up or a wider network: attacked pictures take more learning."
        ),
        "longer": _("Train for more epochs: it was not done."),
        "nothing": _("Nothing needs to change. Now see how it does under attack."),
    }
)
FEW_PICTURES: Mapping[bool, str] = MappingProxyType(  # by whether the network has learnt from other pictures before
    {
        True: _("It learns from only %(pictures)d pictures, about %(each)d of a class: more pictures help most."),
        False: _(
            "It learns from only %(pictures)d pictures, about %(each)d of a class: more pictures help most, or a "
            "network that has learnt from many others before, of which only the last layer is new."
        ),
    }
)
