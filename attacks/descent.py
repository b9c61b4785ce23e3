"""What iterative gradient attacks share: gradient, step, and the best of everything tried."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from attacks.losses import climbed, cross_entropy, margin
from attacks.rows import Kept, of
from attacks.shapes import OnStep, Seen, Watch

Loss = Callable[[Tensor, Tensor], Tensor]  # (logits, rows: which pictures they are of) -> (n,)
Move = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]  # (rows, pictures, gradients, losses) -> the next pictures


class Way(NamedTuple):
    """How one descent goes: where it begins, how a step moves, what it raises, and what papers say that it raises."""

    start: Tensor  # (n, C, H, W)
    move: Move
    loss: Loss | None = None  # None: that the label is left, or the target reached
    told: Loss | None = None  # for `watch`; None: the cross-entropy


class Best:
    """For each picture the best of everything tried: one that fools, or else the one that came nearest to it.

    margin: (N,), of what was tried, as `losses.margin` says it.
    """

    def __init__(self, images: Tensor) -> None:
        self._kept = Kept(images)
        self.margin = torch.full((len(images),), -torch.inf, dtype=images.dtype, device=images.device)

    @property
    def images(self) -> Tensor:
        """(N, C, H, W)."""
        return self._kept.images

    def offer(self, rows: Tensor, tried: Tensor, ahead: Tensor) -> None:
        """rows: (n,) which pictures these attempts (n, C, H, W) are of; ahead: (n,) their margins."""
        better = ahead > of(self.margin, rows)
        self._kept.put(rows, better, tried)
        self.margin[rows[better]] = ahead[better]

    def open(self) -> Tensor:
        """Which pictures nothing fools yet."""
        return (self.margin <= 0).nonzero().flatten()


def descend(
    model: nn.Module,
    labels: Tensor,
    way: Way,
    *,
    steps: int,
    best: Best,
    target: Tensor | None = None,
    rows: Tensor | None = None,
    from_originals: bool = False,
    until_fooled: bool = False,
    restart: int = 0,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> None:
    """`steps` moves of the pictures `rows` (all, if None), each judged; what is better goes to `best`.

    The way's start is of `rows`; `labels`, `target` and `best` are of all pictures. from_originals: the start is no
    attempt. until_fooled: a picture that fools takes no further step. restart: how often it was begun before, for
    `watch`. The last move is judged without a gradient.
    """
    loss = way.loss or (lambda logits, rows: climbed(logits, of(labels, rows), of(target, rows)))
    told = way.told or (lambda logits, rows: cross_entropy(logits, of(labels, rows), of(target, rows)))
    rows, current = torch.arange(len(labels), device=labels.device) if rows is None else rows, way.start.clone()
    for step in range(steps + 1):
        logits, losses, gradient = judged(model, current, loss, rows, with_gradient=step < steps)
        ahead = margin(logits, of(labels, rows), of(target, rows))
        if step or not from_originals:
            best.offer(rows, current, ahead)
        if watch:
            watch(Seen(rows, current, logits, told(logits, rows), restart))
        if on_step:
            on_step(step + 1, steps + 1)
        if until_fooled and not (left := ahead <= 0).all():
            rows, current, losses, gradient = rows[left], current[left], losses[left], gradient[left]
        if step == steps or not len(rows):
            break
        current = way.move(rows, current, gradient, losses)


def best_of_starts(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    begin: Callable[[int, Tensor], Way],
    *,
    starts: int,
    steps: int,
    target: Tensor | None = None,
    until_fooled: bool = False,
    only_open: bool = False,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """(N, C, H, W), the best of so many descents; `begin` tells the way of each (number, rows).

    until_fooled: a picture that fools takes no further step and no further start. only_open: no further start, but it
    goes on from this one.
    """
    best, rows = Best(images), torch.arange(len(images), device=images.device)
    for number in range(starts):
        descend(
            model, labels, begin(number, rows), steps=steps, best=best, target=target, rows=rows,
            until_fooled=until_fooled, restart=number, on_step=part(on_step, number, starts), watch=watch,
        )  # fmt: skip
        if until_fooled or only_open:
            rows = best.open()
        if not len(rows):
            break
    return best.images


def judged(
    model: nn.Module, pixels: Tensor, loss: Loss, rows: Tensor, *, with_gradient: bool = True
) -> tuple[Tensor, Tensor, Tensor]:
    """(logits, losses, gradient of the losses with respect to the pixels, without one all zero), detached."""
    with torch.set_grad_enabled(with_gradient):
        leaf = pixels.clone() if pixels.is_inference() else pixels.detach()
        logits = model(leaf.requires_grad_(with_gradient))
        losses = loss(logits, rows)
        if with_gradient:  # for whoever gets it to write into: it may be one number, expanded
            gradient = torch.autograd.grad(losses.sum(), leaf)[0].contiguous()
        else:
            gradient = leaf.new_zeros(()).expand_as(leaf)
    return logits.detach(), losses.detach(), gradient


def input_gradient(model: nn.Module, pixels: Tensor, labels: Tensor, target: Tensor | None = None) -> Tensor:
    """Of the loss with respect to the pixels, in the direction that helps the attacker."""
    return judged(model, pixels, lambda logits, _rows: climbed(logits, labels, target), labels)[2]


def part(on_step: OnStep | None, done: int, parts: int) -> OnStep | None:
    """Tells of one of so many equal parts of the work, after `done` of them."""
    return (lambda step, steps: on_step(done * steps + step, parts * steps)) if on_step else None
