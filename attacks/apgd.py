"""Auto-PGD: steps with momentum that are halved, from the best place so far, where they stop helping (2003.01690)."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from attacks.pgd import ends, stepped
from attacks.rows import picked

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

    Called with (rows, current, gradient, losses) once a step; pictures may leave, and none comes back. images
    (N, C, H, W) in [0, 1], epsilon in pixels, one or (N, 1, 1, 1); the first steps are 2 epsilon long.
    """

    def __init__(self, images: Tensor, epsilon: float | Tensor, steps: int) -> None:
        count, device = len(images), images.device
        low, high = ends(images, epsilon)
        lowest = torch.full((count,), -torch.inf, dtype=images.dtype, device=device)
        self.step, self.checked, self.checkpoints = 0, 0, checkpoints(steps)
        self.kept = _Kept(
            rows=torch.arange(count, device=device),
            low=low,
            high=high,
            size=(2 * torch.as_tensor(epsilon).to(images)).expand(count, 1, 1, 1).clone(),
            previous=images,
            top=images,
            top_gradient=images,
            loss=lowest,
            top_loss=lowest,
            checked_loss=lowest,
            rises=torch.zeros(count, dtype=torch.int64, device=device),
            halved=torch.ones(count, dtype=torch.bool, device=device),
        )

    def __call__(self, rows: Tensor, current: Tensor, gradient: Tensor, losses: Tensor) -> Tensor:
        if len(rows) < len(self.kept.rows):
            self.kept = self.kept.only(torch.isin(self.kept.rows, rows))
        self._remember(current, gradient, losses)
        if self.step in self.checkpoints:
            current, gradient = self._checked(current, gradient)
        kept = self.kept
        moved = stepped(current, gradient.sign(), kept.low, kept.high, step_size=kept.size)
        if self.step:
            carried = (current - kept.previous).mul_(1 - MOMENTUM)
            moved = moved.sub_(current).mul_(MOMENTUM).add_(current).add_(carried).clamp_(kept.low, kept.high)
        kept.previous = current
        self.step += 1
        return moved

    def _remember(self, current: Tensor, gradient: Tensor, losses: Tensor) -> None:
        kept = self.kept
        if self.step:
            kept.rises = kept.rises + (losses > kept.loss)
        else:
            kept.checked_loss = losses
        higher = losses > kept.top_loss
        kept.top, kept.top_gradient = picked(higher, current, kept.top), picked(higher, gradient, kept.top_gradient)
        kept.top_loss, kept.loss = torch.where(higher, losses, kept.top_loss), losses

    def _checked(self, current: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
        """Where too few steps raised the loss, or none did and steps were not halved: halved, and back to the top."""
        kept = self.kept
        few = kept.rises <= RISING * (self.step - self.checked)
        stuck = ~kept.halved & (kept.checked_loss >= kept.top_loss)
        back = few | stuck
        kept.halved, kept.checked_loss, kept.rises = back, kept.top_loss, torch.zeros_like(kept.rises)
        self.checked = self.step
        kept.size = torch.where(back.view(-1, 1, 1, 1), kept.size / 2, kept.size)
        return picked(back, kept.top, current), picked(back, kept.top_gradient, gradient)


@dataclass
class _Kept:
    """Of n pictures. No tensor is written into: it may be what somebody else reads."""

    rows: Tensor  # (n,) which of the batch
    low: Tensor  # (n, C, H, W), as are the next four but for `size`
    high: Tensor
    size: Tensor  # (n, 1, 1, 1) of a step
    previous: Tensor
    top: Tensor  # where the loss was highest,
    top_gradient: Tensor
    loss: Tensor  # (n,) of the last step
    top_loss: Tensor  # (n,)
    checked_loss: Tensor  # (n,) the highest at the last checkpoint
    rises: Tensor  # (n,) how often the loss rose since then
    halved: Tensor  # (n,) bool: at the last checkpoint

    def only(self, some: Tensor) -> "_Kept":
        return _Kept(*(getattr(self, part.name)[some] for part in fields(self)))
