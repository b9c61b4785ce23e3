"""Projected gradient descent in L2: steps along the gradient itself, all of one length (arXiv 1706.06083)."""

import torch
from torch import Tensor, nn

from attacks import projections
from attacks.descent import Way, best_of_starts
from attacks.frozen import frozen
from attacks.rows import of
from attacks.shapes import Generators, OnStep, Watch
from attacks.starts import of_rows, random_start_l2


def pgd_l2(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    radius: float | Tensor,
    steps: int = 20,
    step_size: float | Tensor | None = None,
    restarts: int = 1,
    until_fooled: bool = False,
    target: Tensor | None = None,
    generator: Generators = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the best of everything tried: one that fools, or else the one that came nearest to it.

    As `pgd`, but that no change is longer than `radius` (one or (N, 1, 1, 1), in pixels of [0, 1]): starts are drawn
    evenly from the L2 ball, each step is step_size (default 2.5 radius / steps) along the gradient, and what leaves
    the ball is drawn back towards the picture. No length is spent on what [0, 1] would take back: of the gradient of a
    value that is 0 or 1 only what leads inwards counts. Raises ValueError without a step or a start.
    """
    if steps < 1 or restarts < 1:
        raise ValueError("PGD needs at least one step and one start.")
    size, longest = 2.5 * radius / steps if step_size is None else step_size, torch.as_tensor(radius).to(images)

    def move(rows: Tensor, current: Tensor, gradient: Tensor, _losses: Tensor) -> Tensor:
        gradient = inwards(gradient, current)
        length = gradient.flatten(1).norm(dim=1).view(-1, 1, 1, 1).clamp(min=projections.TINY)
        moved = gradient.mul_(of(size, rows)).div_(length).add_(current)
        return projections.l2(moved, of(images, rows), of(longest, rows)).clamp_(0, 1)

    def begin(_number: int, rows: Tensor) -> Way:
        return Way(random_start_l2(of(images, rows), of(radius, rows), of_rows(generator, rows)), move)

    with frozen(model), torch.inference_mode(False):
        return best_of_starts(
            model, images, labels, begin, starts=restarts, steps=steps, target=target, until_fooled=until_fooled,
            on_step=on_step, watch=watch,
        )  # fmt: skip


def inwards(gradient: Tensor, current: Tensor) -> Tensor:
    """The gradient, without what would lead a value that is 0 below it, or one that is 1 above."""
    outwards = ((current <= 0) & (gradient < 0)) | ((current >= 1) & (gradient > 0))
    return gradient.masked_fill(outwards, 0)
