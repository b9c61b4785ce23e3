"""Auto-PGD: steps with momentum that are halved, from the best place so far, where they stop helping (2003.01690)."""

import torch
from torch import Tensor

from attacks.descent import of
from attacks.pgd import stepped, within

MOMENTUM = 0.75  # share of the new step; the rest goes on with the last one
RISING = 0.75  # where at most this share of the steps raised the loss, they are too long
FIRST, SHORTER, SHORTEST = 0.22, 0.03, 0.06  # shares of all steps: the first stretch, each next so much less, the least


def checkpoints(steps: int) -> tuple[int, ...]:
    """After how many steps the step's length is looked at: 22, 41, 57, 70, 80, 87, 93, 99 of 100."""
    stretch, less, least = (max(int(share * steps), 1) for share in (FIRST, SHORTER, SHORTEST))
    found, at = [], stretch
    while at <= steps:
        found.append(at)
        stretch = max(stretch - less, least)
        at += stretch
    return tuple(found)


class AutoSteps:
    """How APGD moves in L∞, and what it remembers of each picture of one start: algorithm 1 of arXiv 2003.01690.

    Called with (rows, current, gradient, losses) once a step. images (N, C, H, W) in [0, 1], epsilon in pixels, one or
    (N, 1, 1, 1); the first steps are 2 epsilon long.
    """

    def __init__(self, images: Tensor, epsilon: float | Tensor, steps: int) -> None:
        count, device = len(images), images.device
        self.images, self.epsilon = images, epsilon
        self.size = (2 * torch.as_tensor(epsilon).to(images)).expand(count, 1, 1, 1).clone()
        self.previous, self.top, self.top_gradient = (torch.empty_like(images) for _ in range(3))
        self.loss, self.top_loss, self.checked_loss = (
            torch.full((count,), -torch.inf, dtype=images.dtype, device=device) for _ in range(3)
        )
        self.rises = torch.zeros(count, dtype=torch.int64, device=device)
        self.halved = torch.ones(count, dtype=torch.bool, device=device)  # at the last checkpoint
        self.step, self.checked, self.checkpoints = 0, 0, checkpoints(steps)

    def __call__(self, rows: Tensor, current: Tensor, gradient: Tensor, losses: Tensor) -> Tensor:
        self._remember(rows, current, gradient, losses)
        if self.step in self.checkpoints:
            current, gradient = self._checked(rows, current, gradient)
        images, epsilon = of(self.images, rows), of(self.epsilon, rows)
        moved = stepped(current, gradient, images, epsilon=epsilon, step_size=of(self.size, rows))
        if self.step:
            carried = (1 - MOMENTUM) * (current - of(self.previous, rows))
            moved = within(current + MOMENTUM * (moved - current) + carried, images, epsilon)
        self.previous[rows] = current
        self.step += 1
        return moved

    def _remember(self, rows: Tensor, current: Tensor, gradient: Tensor, losses: Tensor) -> None:
        if self.step:
            self.rises[rows] += losses > of(self.loss, rows)
        self.loss[rows] = losses
        higher = losses > of(self.top_loss, rows)
        chosen = rows[higher]
        self.top[chosen], self.top_gradient[chosen] = current[higher], gradient[higher]
        self.top_loss[chosen] = losses[higher]
        if not self.step:
            self.checked_loss[rows] = losses

    def _checked(self, rows: Tensor, current: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
        """Where too few steps raised the loss, or none did and steps were not halved: halved, and back to the top."""
        top_loss = of(self.top_loss, rows)
        few = of(self.rises, rows) <= RISING * (self.step - self.checked)
        stuck = ~of(self.halved, rows) & (of(self.checked_loss, rows) >= top_loss)
        back = few | stuck
        self.halved[rows], self.checked_loss[rows], self.rises[rows] = back, top_loss, 0
        self.checked = self.step
        self.size[rows[back]] /= 2
        there = back.view(-1, 1, 1, 1)
        return (
            torch.where(there, of(self.top, rows), current),
            torch.where(there, of(self.top_gradient, rows), gradient),
        )
