"""What a training came to, in words: from the figures of its epochs alone. Imports no torch.

The rules in their order; the first that fits is the verdict. Thresholds are relative to the task: to what guessing errs
with so many classes, and for a hardened network to its own figures under attack. They are the constants below, set on
trainings on MNIST and tried on others (docs/decisions/0007-robustness.md; tests/data/runs). All judge the last epoch.

    too_early     fewer than two epochs
    not_learning  it errs nearly as often as guessing would, on what it learnt from and on what was kept aside
    collapse      accuracy under FGSM is far above that under PGD, or stays while that falls (arXiv 2001.03994)
    robust_overfitting
                  adversarial training only: accuracy under PGD has fallen from its best while attacked pictures were
                  learnt better, or is far below that on the attacked pictures learnt from (arXiv 2002.11569)
    overfitting   without attacks: errors on what was kept aside are far more than on what was learnt from, or its loss
                  has turned
    underfitting  many errors on what was learnt from itself, or both losses still falling fast
    good_fit      none of these
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inference.catalog.configuration import TrainingConfig
from inference.catalog.datasets import DATASETS
from inference.catalog.diagnosis_words import ADVICE, FEW_PICTURES, NAMES, REASONS
from inference.catalog.networks import NETWORKS

__all__ = ["ADVICE", "FEW_PICTURES", "NAMES", "REASONS", "Message", "Verdict", "verdict"]

Figures = Mapping[str, Any]  # inference.training.loop.Epoch.figures()

# Shares of errors are told as shares of the errors that guessing makes, so that they mean the same with any classes.
GUESSING = 0.85  # this share is not learning
FAR = 0.2  # collapse: accuracy under FGSM this far above that under PGD, whatever the rest
FALLEN, STAYED = 0.2, 0.1  # ... or that under PGD fell by this since its best while that under FGSM fell less
MASKED, LOST = 0.8, 0.6  # ... without attacks in training: and FGSM leaves this much of the clean accuracy, PGD less
APART, TIMES = 0.04, 1.5  # overfitting: this share lies between the errors, and this factor
TURNED, APART_AT_LEAST = 1.25, 0.01  # ... or the loss rose by this factor from its lowest, with this share between
ROBUST_TURNED = 0.1  # robust overfitting: accuracy under PGD lost this share of its best
ROBUST_APART, ROBUST_TIMES = 0.2, 2  # ... or errors under attack this far apart, and by this factor
MANY = 0.2  # underfitting: this share
ATTACKED_MANY = 0.6  # ... on attacked pictures, which are harder: CIFAR-10 is usually learnt to 0.4 to 0.5
STILL_FALLING, SOME = 0.9, 0.05  # ... or in one epoch the loss fell to this share, with more errors than this
FEW = 100  # pictures of a class: with fewer, their number is named first


@dataclass(frozen=True)
class Message:
    """A sentence as a translatable template and its values: translate `message`, then apply `% params`."""

    message: str
    params: Mapping[str, str | int]

    def __str__(self) -> str:
        return self.message % self.params


@dataclass(frozen=True)
class Verdict:
    """`code` is a key of NAMES."""

    code: str
    reason: Message
    advice: Message
    few: Message | None = None  # how few pictures there are, where that may be the reason: to be told before the advice


def verdict(
    epochs: Sequence[Figures], config: TrainingConfig, *, classes: int | None = None, pictures: int | None = None
) -> Verdict:
    """What the epochs so far say.

    classes: of the dataset; needed for one that DATASETS does not have. pictures: learnt from, if that is known.
    """
    if len(epochs) < 2:
        return _verdict("too_early", "one_epoch", "second")
    classes = classes or len(DATASETS[config.dataset].labels)
    found = _judged(epochs, config, 1 - 1 / classes)
    return replace(found, few=_few(found, config, classes, pictures))


def _judged(epochs: Sequence[Figures], config: TrainingConfig, guessing: float) -> Verdict:
    attacked = _at_full_strength(epochs, config)
    return (
        _not_learning(epochs, config, guessing)
        or _collapse(attacked, config)
        or _masked(epochs[-1], config)
        or _robust_overfitting(attacked, config)
        or (None if attacked else _overfitting(epochs, guessing))
        or _underfitting(epochs, config, guessing)
        or _good_fit(epochs[-1], attacked, guessing)
    )


def _few(found: Verdict, config: TrainingConfig, classes: int, pictures: int | None) -> Message | None:
    """Nobody need be told of few pictures where the network came to fit, or cannot learn at all."""
    fine = found.code in ("too_early", "good_fit") or found.advice.message == ADVICE["not_zeros"]
    if fine or pictures is None or pictures >= FEW * classes:
        return None
    pretrained = bool(NETWORKS[config.network].pretrained)
    return Message(FEW_PICTURES[pretrained], {"pictures": pictures, "each": round(pictures / classes)})


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
    params = {"validation": _percent(last["validation_error"]), "guessing": _percent(guessing)}
    return _verdict("not_learning", "guessing", "not_zeros" if zeros else "smaller_steps", **params)


def _collapse(attacked: Sequence[Figures], config: TrainingConfig) -> Verdict | None:
    if not attacked:
        return None
    last, best = attacked[-1], _most_robust(attacked)
    fgsm, pgd = last["fgsm_accuracy"], last["pgd_accuracy"]
    fell = best["pgd_accuracy"] - pgd >= FALLEN and best["fgsm_accuracy"] - fgsm <= STAYED
    if fgsm - pgd < FAR and not fell:
        return None
    one_step = config.adversarial == "one-step" or config.attack_steps == 1
    params = {"fgsm": _percent(fgsm), "pgd": _percent(pgd), "best": _percent(best["pgd_accuracy"])}
    return _verdict("collapse", "collapsed", "several_steps" if one_step else "more_steps", **params)


def _masked(last: Figures, config: TrainingConfig) -> Verdict | None:
    """Without attacks in training PGD is expected to find much more than FGSM: only the implausible is told."""
    fgsm, pgd = last["fgsm_accuracy"], last["pgd_accuracy"]
    if config.adversarial != "off" or pgd is None or fgsm - pgd < FAR:
        return None
    if fgsm < MASKED * (1 - last["validation_error"]) or pgd > LOST * (1 - last["validation_error"]):
        return None
    return _verdict("collapse", "masked", "look_again", fgsm=_percent(fgsm), pgd=_percent(pgd))


def _robust_overfitting(attacked: Sequence[Figures], config: TrainingConfig) -> Verdict | None:
    if not attacked:
        return None
    last, best = attacked[-1], _most_robust(attacked)
    fell = best["pgd_accuracy"] - last["pgd_accuracy"]
    chance = _standard_error(best["pgd_accuracy"], config.robust_pictures)
    if fell >= max(ROBUST_TURNED * best["pgd_accuracy"], chance) and last["training_loss"] < best["training_loss"]:
        params = {"high": _percent(best["pgd_accuracy"]), "low": _percent(last["pgd_accuracy"])}
        return _verdict("robust_overfitting", "robust_turned", "stop_by_pgd", epoch=best["number"], **params)
    known, new = last["training_error"], 1 - last["pgd_accuracy"]
    if new - known >= ROBUST_APART and new >= ROBUST_TIMES * known:
        return _verdict("robust_overfitting", "robust_apart", "stop_by_pgd", **_errors(last), pgd=_percent(new))
    return None


def _overfitting(epochs: Sequence[Figures], guessing: float) -> Verdict | None:
    last, best = epochs[-1], min(epochs, key=lambda epoch: epoch["validation_loss"])
    known, new = last["training_error"], last["validation_error"]
    if new - known >= APART * guessing and new > TIMES * known:
        return _verdict("overfitting", "apart", "more_pictures", **_errors(last))
    turned = (
        last["training_loss"] < best["training_loss"] and last["validation_loss"] > TURNED * best["validation_loss"]
    )
    if turned and new - known > APART_AT_LEAST * guessing:
        losses = {"low": _short(best["validation_loss"]), "high": _short(last["validation_loss"])}
        return _verdict("overfitting", "turned", "more_pictures", epoch=best["number"], **losses)
    return None


def _underfitting(epochs: Sequence[Figures], config: TrainingConfig, guessing: float) -> Verdict | None:
    before, last = epochs[-2:]
    hardened = config.adversarial != "off"
    # Dropout and changed pictures make learning harder than judging; attacked pictures are the task itself.
    wrong = last["training_error"] if hardened else min(last["training_error"], last["validation_error"])
    if wrong >= (ATTACKED_MANY if hardened else MANY) * guessing:
        reason, advice = ("many_attacked", "attacked_longer") if hardened else ("many", "learn_more")
        return _verdict("underfitting", reason, advice, **_errors(last), guessing=_percent(guessing))
    if wrong > SOME and all(last[loss] < STILL_FALLING * before[loss] for loss in ("training_loss", "validation_loss")):
        losses = {"before": _short(before["validation_loss"]), "after": _short(last["validation_loss"])}
        return _verdict("underfitting", "falling", "longer", **losses)
    return None


def _good_fit(last: Figures, attacked: Sequence[Figures], guessing: float) -> Verdict:
    if attacked:
        pgd = _percent(1 - last["pgd_accuracy"])
        return _verdict("good_fit", "alike_attacked", "nothing", **_errors(last), pgd=pgd)
    classes = round(1 / (1 - guessing))
    return _verdict("good_fit", "alike", "nothing", **_errors(last), guessing=_percent(guessing), classes=classes)


def _verdict(code: str, reason: str, advice: str, **params: str | int) -> Verdict:
    return Verdict(code, Message(REASONS[reason], params), Message(ADVICE[advice], {}))


def _errors(epoch: Figures) -> dict[str, str]:
    return {"training": _percent(epoch["training_error"]), "validation": _percent(epoch["validation_error"])}


def _most_robust(epochs: Sequence[Figures]) -> Figures:
    return max(epochs, key=lambda epoch: epoch["pgd_accuracy"])


def _standard_error(share: float, count: int) -> float:
    return math.sqrt(share * (1 - share) / max(1, count))


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _short(loss: float) -> str:
    return f"{loss:.3g}"
