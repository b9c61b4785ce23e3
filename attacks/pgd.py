"""Projected gradient descent: many small steps along the gradient's sign, from a random start (arXiv 1706.06083)."""

from typing import Any

import torch
from torch import Tensor, nn

from attacks.descent import Way, best_of_starts
from attacks.frozen import frozen
from attacks.rows import of
from attacks.shapes import Generators, OnStep, Watch
from attacks.starts import of_rows, random_start


def pgd(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float | Tensor,
    steps: int = 20,
    step_size: float | Tensor | None = None,
    restarts: int = 1,
    start: Tensor | None = None,
    until_fooled: bool = False,
    target: Tensor | None = None,
    generator: Generators = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the best of everything tried: one that fools, or else the one that came nearest to it.

    model: logits from pixels. images: float [0, 1], (N, C, H, W). labels: (N,) the class to leave; target: (N,) the
    class to reach instead. epsilon, step_size (default 2.5 epsilon / steps): in pixels, one or (N, 1, 1, 1). start:
    where to begin, within the ball and [0, 1]; without it every start is drawn evenly from the epsilon ball, then kept
    within [0, 1]. Raises ValueError without a step or a start.
    until_fooled: a picture that fools takes no further step and no further start; as many fool, in less time.
    """
    if steps < 1 or restarts < 1:
        raise ValueError("PGD needs at least one step and one start.")
    size = 2.5 * epsilon / steps if step_size is None else step_size
    low, high = ends(images, epsilon)

    def move(rows: Tensor, current: Tensor, gradient: Tensor, _losses: Tensor) -> Tensor:
        return stepped(current, gradient.sign_(), of(low, rows), of(high, rows), step_size=of(size, rows))

    def begin(_number: int, rows: Tensor) -> Way:
        drawn = start is None
        first = (
            random_start(of(images, rows), of(epsilon, rows), of_rows(generator, rows)) if drawn else of(start, rows)
        )
        return Way(first, move)

    with frozen(model), torch.inference_mode(False):
        return best_of_starts(
            model, images, labels, begin, starts=restarts, steps=steps, target=target, until_fooled=until_fooled,
            on_step=on_step, watch=watch,
        )  # fmt: skip


def ends(images: Tensor, epsilon: Any) -> tuple[Tensor, Tensor]:
    """(low, high), each like `images`: between them lies what is within the ball around `images` and within [0, 1]."""
    with torch.inference_mode(False):
        return (images - epsilon).clamp_(min=0), (images + epsilon).clamp_(max=1)


def stepped(current: Tensor, signs: Tensor, low: Tensor, high: Tensor, *, step_size: Any) -> Tensor:
    """One step along `signs`, brought back between `low` and `high`. One new picture, and three passes over memory."""
    if isinstance(step_size, Tensor):
        return torch.addcmul(current, signs, step_size).clamp_(low, high)
    return torch.add(current, signs, alpha=step_size).clamp_(low, high)
