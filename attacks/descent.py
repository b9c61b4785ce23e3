"""What iterative gradient attacks share: gradient, step, and the best of everything tried."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from attacks.losses import climbed, cross_entropy, margin
from attacks.shapes import OnStep, Seen, Watch

Loss = Callable[[Tensor, Tensor, Tensor | None], Tensor]  # (logits, labels, target) -> (N,)
Move = Callable[[Tensor, Tensor, Tensor], Tensor]  # (rows, their pictures, their gradient) -> their next pictures


class Best:
    """For each picture the best of everything tried: one that fools, or else the one that came nearest to it."""

    def __init__(self, images: Tensor) -> None:
        self.images = images.detach().clone()
        self.margin = torch.full((len(images),), -torch.inf, device=images.device)  # of what was tried, as `margin`

    def offer(self, rows: Tensor, tried: Tensor, ahead: Tensor) -> None:
        """rows: (n,) which pictures these attempts (n, C, H, W) are of; ahead: (n,) their margins."""
        better = ahead > self.margin[rows]
        chosen = rows[better]
        self.images[chosen], self.margin[chosen] = tried[better], ahead[better]

    def open(self) -> Tensor:
        """Which pictures nothing fools yet."""
        return (self.margin <= 0).nonzero().flatten()


def descend(
    model: nn.Module,
    labels: Tensor,
    *,
    start: Tensor,
    steps: int,
    move: Move,
    best: Best,
    target: Tensor | None = None,
    rows: Tensor | None = None,
    from_originals: bool = False,
    until_fooled: bool = False,
    restart: int = 0,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> None:
    """`steps` moves of the pictures `rows` (all, if None) from `start`, each judged; what is better goes to `best`.

    start: (n, C, H, W), of `rows`; `labels`, `target` and `best` are of all pictures. from_originals: the start is no
    attempt. until_fooled: a picture that fools takes no further step. restart: how often it was begun before, for
    `watch`. The last move is judged without a gradient.
    """
    rows, current = torch.arange(len(labels), device=labels.device) if rows is None else rows, start
    for step in range(steps + 1):
        own, aim = of(labels, rows), None if target is None else of(target, rows)
        logits, gradient = logits_and_gradient(model, current, own, aim, needed=step < steps)
        ahead = margin(logits, own, aim)
        if step or not from_originals:
            best.offer(rows, current, ahead)
        if watch:
            watch(Seen(rows, current, logits, cross_entropy(logits, own, aim), restart))
        if on_step:
            on_step(step + 1, steps + 1)
        if until_fooled and not (left := ahead <= 0).all():
            rows, current, gradient = rows[left], current[left], gradient[left]
        if step == steps or not len(rows):
            break
        current = move(rows, current, gradient)


def best_of_starts(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    start: Callable[[], Tensor],
    steps: int,
    restarts: int,
    move: Move,
    target: Tensor | None = None,
    until_fooled: bool = False,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """(N, C, H, W), the best of `restarts` descents, each from what `start` draws for all pictures.

    until_fooled: as for `descend`, and a picture that fools takes no further start.
    """
    best = Best(images)
    for restart in range(restarts):
        first, rows = start(), best.open() if until_fooled and restart else None
        descend(
            model, labels, start=first if rows is None else of(first, rows), steps=steps, move=move, best=best,
            target=target, rows=rows, until_fooled=until_fooled, restart=restart,
            on_step=part(on_step, restart, restarts), watch=watch,
        )  # fmt: skip
    return best.images


def logits_and_gradient(
    model: nn.Module,
    pixels: Tensor,
    labels: Tensor,
    target: Tensor | None,
    *,
    loss: Loss = climbed,
    needed: bool = True,
) -> tuple[Tensor, Tensor]:
    """(logits, gradient of the loss with respect to the pixels), detached; where it is not needed, all zero."""
    with torch.set_grad_enabled(needed):
        leaf = pixels.detach().clone().requires_grad_(needed)
        logits = model(leaf)
        if not needed:
            return logits, torch.zeros_like(leaf)
        (gradient,) = torch.autograd.grad(loss(logits, labels, target).sum(), leaf)
    return logits.detach(), gradient


def input_gradient(model: nn.Module, pixels: Tensor, labels: Tensor, target: Tensor | None = None) -> Tensor:
    """Of the loss with respect to the pixels, in the direction that helps the attacker."""
    return logits_and_gradient(model, pixels, labels, target)[1]


def of(value: Any, rows: Tensor) -> Any:
    """The rows of a value that each picture has its own of."""
    if not isinstance(value, Tensor) or not value.ndim or len(value) == len(rows):
        return value
    return value[rows]


def part(on_step: OnStep | None, done: int, parts: int) -> OnStep | None:
    """Tells of one of so many equal parts of the work, after `done` of them."""
    return (lambda step, steps: on_step(done * steps + step, parts * steps)) if on_step else None
