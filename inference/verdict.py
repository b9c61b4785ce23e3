"""What a training came to, in words: from the figures of its epochs alone. Imports no torch.

The rules in their order; the first that fits is the verdict. The thresholds are the constants below, set on trainings
on MNIST and tried on others (docs/decisions/0007-robustness.md; tests/data/runs). All judge the last epoch.

    too_early     fewer than two epochs
    not_learning  it errs nearly as often as guessing would, on what it learnt from and on what was kept aside
    collapse      adversarial training only: accuracy under FGSM stays while under PGD it falls (arXiv 2001.03994)
    overfitting   errors on what was kept aside are far more than on what was learnt from, or its loss has turned,
                  or, in adversarial training, accuracy under PGD has (arXiv 2002.11569)
    underfitting  many errors on what was learnt from itself, or both losses still falling fast
    good_fit      none of these
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from attacks.words import gettext_noop as _
from inference.catalog_datasets import DATASETS
from inference.configuration import TrainingConfig

Figures = Mapping[str, Any]  # inference.train.Epoch.figures()

GUESSING = 0.85  # this share of the errors that guessing makes is not learning
HELD, LOST = 0.7, 0.5  # collapse: FGSM leaves this share of the clean accuracy, PGD less than this share of that
FALLEN, STAYED = 0.2, 0.1  # ... or accuracy under PGD fell by this since its best while that under FGSM fell less
APART, TIMES = 0.05, 1.5  # overfitting: errors differ by more than this, and by this factor
TURNED, APART_AT_LEAST = 1.25, 0.01  # ... or the loss rose by this factor from its lowest, with errors this far apart
ROBUST_TURNED = 0.08  # ... or accuracy under PGD fell by this from its best
MANY = 0.2  # underfitting: this share of the errors that guessing makes
STILL_FALLING, SOME = 0.9, 0.05  # ... or in one epoch the loss fell to this share, with more errors than this

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "too_early": _("Too early to tell"),
        "not_learning": _("Not learning"),
        "collapse": _("Collapse under attack"),
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
        "masked": _(
            "It withstands one large step (%(fgsm)s %% right under FGSM) and not several small ones (%(pgd)s %% under "
            "PGD, at best %(best)s %%): it has learnt to hide from the attack it was trained with."
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
            "Accuracy under PGD was highest in epoch %(epoch)d (%(high)s %%) and has fallen to %(low)s %%, while the "
            "attacked pictures it learns from were learnt better and better."
        ),
        "many": _(
            "It is wrong on %(training)s %% of the very pictures it learns from, and on %(validation)s %% of those "
            "kept aside."
        ),
        "many_attacked": _(
            "It is wrong on %(training)s %% of the attacked pictures it learns from; unattacked, on %(validation)s %% "
            "of those kept aside."
        ),
        "falling": _("The last epoch still took the loss on the pictures kept aside from %(before)s to %(after)s."),
        "alike": _(
            "It is wrong on %(training)s %% of the pictures it learns from and on %(validation)s %% of those kept "
            "aside: few, or nearly the same."
        ),
    }
)
ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "wait": _("Wait for the second epoch."),
        "not_zeros": _("Its first weights are all zero, so all channels of a layer stay alike. Choose Kaiming."),
        "smaller_steps": _("Try a smaller learning rate or other first weights, and see that the labels are right."),
        "several_steps": _("Train with PGD of several steps, and let “best” mean the highest accuracy under PGD."),
        "more_steps": _(
            "Train with more steps of PGD or a smaller ε, and let “best” mean the highest accuracy under PGD."
        ),
        "more_pictures": _(
            "The best epoch is kept. More pictures help most; then changed pictures (shift, rotation), dropout, weight "
            "decay, a narrower network or fewer epochs."
        ),
        "stop_by_pgd": _(
            "Let “best” mean the highest accuracy under PGD, so that its epoch is kept; then train for fewer epochs."
        ),
        "learn_more": _("Try more epochs, a larger learning rate, a wider network, or less dropout and weight decay."),
        "attacked_longer": _(
            "Try more epochs, a longer warm-up, a wider network or a smaller ε: attacked pictures take more learning."
        ),
        "longer": _("Train for more epochs: it was not done."),
        "nothing": _("Nothing needs to change. Now see how it does under attack."),
    }
)


@dataclass(frozen=True)
class Told:
    """A sentence as a translatable template and its values: translate `message`, then apply `% params`."""

    message: str
    params: Mapping[str, str | int]

    def __str__(self) -> str:
        return self.message % self.params


@dataclass(frozen=True)
class Verdict:
    """`code` is a key of NAMES."""

    code: str
    reason: Told
    advice: Told


def verdict(epochs: Sequence[Figures], config: TrainingConfig, *, classes: int | None = None) -> Verdict:
    """What the epochs so far say. classes: of the dataset; needed for one that DATASETS does not have."""
    if len(epochs) < 2:
        return _verdict("too_early", "one_epoch", "wait")
    guessing = 1 - 1 / (classes or len(DATASETS[config.dataset].labels))
    attacked = _at_full_strength(epochs, config)
    return (
        _not_learning(epochs, config, guessing)
        or _collapse(attacked, config)
        or _overfitting(epochs)
        or _robust_overfitting(attacked)
        or _underfitting(epochs, config, guessing)
        or _verdict("good_fit", "alike", "nothing", **_errors(epochs[-1]))
    )


def _at_full_strength(epochs: Sequence[Figures], config: TrainingConfig) -> list[Figures]:
    """The epochs of an adversarial training after its warm-up whose accuracy under attack was measured."""
    if config.adversarial == "off":
        return []
    return [epoch for epoch in epochs if epoch["number"] > config.warmup and epoch["pgd_accuracy"] is not None]


def _not_learning(epochs: Sequence[Figures], config: TrainingConfig, guessing: float) -> Verdict | None:
    last = epochs[-1]
    if min(last["training_error"], last["validation_error"]) < GUESSING * guessing:
        return None
    zeros = config.network == "lenet" and config.initialisation == "zeros"
    told = {"validation": _percent(last["validation_error"]), "guessing": _percent(guessing)}
    return _verdict("not_learning", "guessing", "not_zeros" if zeros else "smaller_steps", **told)


def _collapse(attacked: Sequence[Figures], config: TrainingConfig) -> Verdict | None:
    if not attacked:
        return None
    last, best = attacked[-1], _most_robust(attacked)
    fgsm, pgd = last["fgsm_accuracy"], last["pgd_accuracy"]
    masked = fgsm >= HELD * (1 - last["validation_error"]) and pgd <= LOST * fgsm
    fell = best["pgd_accuracy"] - pgd >= FALLEN and best["fgsm_accuracy"] - fgsm <= STAYED
    if not masked and not fell:
        return None
    one_step = config.adversarial == "one-step" or config.attack_steps == 1
    told = {"fgsm": _percent(fgsm), "pgd": _percent(pgd), "best": _percent(best["pgd_accuracy"])}
    return _verdict("collapse", "masked", "several_steps" if one_step else "more_steps", **told)


def _overfitting(epochs: Sequence[Figures]) -> Verdict | None:
    last, best = epochs[-1], min(epochs, key=lambda epoch: epoch["validation_loss"])
    known, new = last["training_error"], last["validation_error"]
    if new - known > APART and new > TIMES * known:
        return _verdict("overfitting", "apart", "more_pictures", **_errors(last))
    learning_on = last["training_loss"] < best["training_loss"]
    if learning_on and last["validation_loss"] > TURNED * best["validation_loss"] and new - known > APART_AT_LEAST:
        losses = {"low": _short(best["validation_loss"]), "high": _short(last["validation_loss"])}
        return _verdict("overfitting", "turned", "more_pictures", epoch=best["number"], **losses)
    return None


def _robust_overfitting(attacked: Sequence[Figures]) -> Verdict | None:
    if not attacked:
        return None
    last, best = attacked[-1], _most_robust(attacked)
    if best["pgd_accuracy"] - last["pgd_accuracy"] < ROBUST_TURNED or last["training_loss"] >= best["training_loss"]:
        return None
    told = {"high": _percent(best["pgd_accuracy"]), "low": _percent(last["pgd_accuracy"])}
    return _verdict("overfitting", "robust_turned", "stop_by_pgd", epoch=best["number"], **told)


def _underfitting(epochs: Sequence[Figures], config: TrainingConfig, guessing: float) -> Verdict | None:
    before, last = epochs[-2:]
    hardened = config.adversarial != "off"
    # Dropout and changed pictures make learning harder than judging; attacked pictures are the task itself.
    wrong = last["training_error"] if hardened else min(last["training_error"], last["validation_error"])
    if wrong >= MANY * guessing:
        reason, advice = ("many_attacked", "attacked_longer") if hardened else ("many", "learn_more")
        return _verdict("underfitting", reason, advice, **_errors(last))
    if wrong > SOME and all(last[loss] < STILL_FALLING * before[loss] for loss in ("training_loss", "validation_loss")):
        losses = {"before": _short(before["validation_loss"]), "after": _short(last["validation_loss"])}
        return _verdict("underfitting", "falling", "longer", **losses)
    return None


def _verdict(code: str, reason: str, advice: str, **params: str | int) -> Verdict:
    return Verdict(code, Told(REASONS[reason], params), Told(ADVICE[advice], {}))


def _errors(epoch: Figures) -> dict[str, str]:
    return {"training": _percent(epoch["training_error"]), "validation": _percent(epoch["validation_error"])}


def _most_robust(epochs: Sequence[Figures]) -> Figures:
    return max(epochs, key=lambda epoch: epoch["pgd_accuracy"])


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _short(loss: float) -> str:
    return f"{loss:.3g}"
