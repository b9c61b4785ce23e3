"""Targeted Auto-PGD: towards one class after the other, with a loss that no scale hides from (arXiv 2003.01690)."""

import torch
from torch import Tensor, nn

from attacks.apgd import AutoSteps
from attacks.descent import Loss, Way, best_of_starts
from attacks.frozen import frozen
from attacks.losses import climbed, cross_entropy, targeted_dlr
from attacks.rows import of
from attacks.shapes import Generators, OnStep, Watch
from attacks.starts import of_rows, random_start

DLR_CLASSES = 4  # with fewer the ratio is not defined


def apgd_t(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float | Tensor,
    steps: int = 20,
    targets: int = 9,
    until_fooled: bool = False,
    target: Tensor | None = None,
    generator: Generators = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the best of everything tried: one that fools, or else the one that came nearest to it.

    `steps` steps (`AutoSteps`) towards each of the `targets` likeliest other classes in turn, each from a random start,
    for the pictures that nothing has fooled yet; the loss is the difference of logits ratio, or with fewer than four
    classes the target's cross-entropy. With `target`, towards that class alone, away from whichever else is ahead.
    Raises ValueError without a step or a target.
    """
    if steps < 1 or targets < 1:
        raise ValueError("APGD-T needs at least one step and one target.")
    with frozen(model), torch.inference_mode(False):
        aims, classes = _aims(model, images, labels, targets, target)

        def begin(number: int, rows: Tensor) -> Way:
            start = random_start(of(images, rows), of(epsilon, rows), of_rows(generator, rows))
            raised, told = _losses(labels, aims[number], classes, alone=target is not None)
            return Way(start, AutoSteps(images, epsilon, steps), raised, told)

        return best_of_starts(
            model, images, labels, begin, starts=len(aims), steps=steps, target=target, until_fooled=until_fooled,
            only_open=True, on_step=on_step, watch=watch,
        )  # fmt: skip


def _aims(
    model: nn.Module, images: Tensor, labels: Tensor, targets: int, target: Tensor | None
) -> tuple[list[Tensor], int]:
    """(classes to go for in turn, each (N,); how many classes there are)."""
    with torch.no_grad():
        logits = model(images)
    classes = logits.shape[1]
    if target is not None:
        return [target], classes
    others = logits.scatter(1, labels[:, None], -torch.inf).topk(min(targets, classes - 1), dim=1).indices
    return list(others.unbind(1)), classes


def _losses(labels: Tensor, aim: Tensor, classes: int, *, alone: bool) -> tuple[Loss, Loss]:
    """(what is raised, what papers write): both the ratio; with too few classes, log odds and cross-entropy."""

    def ratio(logits: Tensor, rows: Tensor) -> Tensor:
        wanted = of(aim, rows)
        ahead = logits.detach().scatter(1, wanted[:, None], -torch.inf).argmax(1) if alone else of(labels, rows)
        return targeted_dlr(logits, ahead, wanted)

    if classes >= DLR_CLASSES:
        return ratio, ratio
    return (
        lambda logits, rows: climbed(logits, of(labels, rows), of(aim, rows)),
        lambda logits, rows: cross_entropy(logits, of(labels, rows), of(aim, rows)),
    )
