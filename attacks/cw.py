"""Carlini and Wagner's attack in L2: Adam weighs the length of the change against the margin (arXiv 1608.04644)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from attacks.descent import part
from attacks.frozen import frozen
from attacks.losses import margin
from attacks.nearest import Nearest
from attacks.projections import TINY
from attacks.rows import per_picture
from attacks.shapes import OnStep, Seen, Watch

GUARD = 0.999999  # so that pixels of exactly 0 or 1 have a finite place, as the authors' code does
FIRST_BETA, SECOND_BETA = 0.9, 0.999  # Adam's
PARTS = 10  # after each tenth of the steps it looks whether a picture still gains
STILL_GAINS = 0.9999  # of the loss a tenth before


def cw(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    binary_steps: int = 4,
    steps: int = 100,
    learning_rate: float = 0.1,
    initial_c: float = 1.0,
    confidence: float = 0.0,
    target: Tensor | None = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the nearest success (L2) of all that was tried, or else the best attempt.

    Section V: x' = (tanh w + 1) / 2 cannot leave [0, 1]; Adam lowers |x' - x|² + c max(-margin, -confidence), where
    the margin is how far the wanted outcome is ahead, in logits (f6). Each of the `binary_steps` begins anew at x, with
    the next c of each picture's own search: ten times as large, or a tenth, until it has both failed and succeeded,
    then half way between. A success is a margin above `confidence`. Whichever picture has gained nothing in a tenth of
    the `steps` is done with its c.
    model: logits from pixels. images: float [0, 1], (N, C, H, W). labels: (N,) the class to leave; target: (N,) the
    class to reach instead. ValueError without a step.
    """
    if binary_steps < 1 or steps < 1:
        raise ValueError("C&W needs at least one step of either kind.")
    with frozen(model), torch.inference_mode(False):
        nearest, every = Nearest(images), torch.arange(len(images), device=images.device)
        with torch.no_grad():
            as_it_is = margin(model(images), labels, target)
        rows = every[~nearest.offer(every, nearest.originals, as_it_is, least=confidence)]  # others need no change
        c = torch.full((len(rows),), initial_c, device=images.device)
        low, high = torch.zeros_like(c), torch.full_like(c, torch.inf)
        for search in range(binary_steps if len(rows) else 0):
            goal = Goal(labels[rows], None if target is None else target[rows], c, confidence)
            success = _descend(
                model, nearest, rows, goal, steps=steps, learning_rate=learning_rate,
                on_step=part(on_step, search, binary_steps),
                watch=_of_start(watch, search),
            )  # fmt: skip
            low, high = torch.where(success, low, c), torch.where(success, c, high)
            c = torch.where(high.isinf(), 10 * c, torch.where(low > 0, (low + high) / 2, c / 10))
    return nearest.images


class Goal(NamedTuple):
    """What each of n pictures is to come to."""

    labels: Tensor  # (n,)
    target: Tensor | None  # (n,)
    c: Tensor  # (n,) what a missing logit counts beside the squared length
    confidence: float

    def of(self, left: Tensor) -> "Goal":
        """Of some of the pictures."""
        target = None if self.target is None else self.target[left]
        return self._replace(labels=self.labels[left], target=target, c=self.c[left])


def _of_start(watch: Watch | None, start: int) -> Watch | None:
    """The watcher, told which beginning it sees."""
    return (lambda seen: watch(seen._replace(start=start))) if watch else None


def _descend(
    model: nn.Module,
    nearest: Nearest,
    rows: Tensor,
    goal: Goal,
    *,
    steps: int,
    learning_rate: float,
    on_step: OnStep | None,
    watch: Watch | None,
) -> Tensor:
    """(n,) bool, which of the pictures `rows` (n,) succeeded with their c; what is near goes to `nearest`."""
    images = nearest.originals[rows]
    place = ((2 * images - 1) * GUARD).atanh()  # w
    first, second = torch.zeros_like(place), torch.zeros_like(place)
    lowest = before = torch.full_like(goal.c, torch.inf)  # loss so far, and a tenth of the steps ago
    success, going = torch.zeros_like(rows, dtype=torch.bool), torch.arange(len(rows), device=rows.device)
    for step in range(1, steps + 1):
        tried = place.tanh().add_(1).div_(2)
        logits, missing, slope = _missing(model, tried, goal)
        change = tried - images
        loss = change.flatten(1).square().sum(1) + goal.c * missing
        if watch:
            watch(Seen(rows[going], tried, logits, loss))
        ahead = margin(logits, goal.labels, goal.target)
        success[going] |= nearest.offer(rows[going], tried, ahead, least=goal.confidence, change=change)
        if on_step:
            on_step(step, steps)
        # 2 (x' - x) + c times the slope, and dx'/dw = 2 x' (1 - x')
        gradient = slope.mul_(per_picture(goal.c)).add_(change, alpha=2).mul_(2).mul_(tried)
        gradient.mul_(torch.neg(tried, out=change).add_(1))
        _step(place, gradient, first, second, step, learning_rate, spare=change)
        lowest = torch.minimum(lowest, loss)
        if step % max(steps // PARTS, 1) == 0:
            left = lowest < STILL_GAINS * before
            if not left.any():
                break
            lowest = before = lowest[left]
            going, goal = going[left], goal.of(left)
            images, place, first, second = images[left], place[left], first[left], second[left]
    return success


def _step(
    place: Tensor, gradient: Tensor, first: Tensor, second: Tensor, step: int, learning_rate: float, *, spare: Tensor
) -> None:
    """Adam's. Everything is written into, `gradient` and `spare` used up: on a photograph new tensors take a while."""
    first.mul_(FIRST_BETA).add_(torch.mul(gradient, 1 - FIRST_BETA, out=spare))
    second.mul_(SECOND_BETA).add_(gradient.square_().mul_(1 - SECOND_BETA))
    root = torch.div(second, 1 - SECOND_BETA**step, out=gradient).sqrt_().add_(TINY)
    place.sub_(torch.mul(first, learning_rate / (1 - FIRST_BETA**step), out=spare).div_(root))


def _missing(model: nn.Module, tried: Tensor, goal: Goal) -> tuple[Tensor, Tensor, Tensor]:
    """Logits, how many logits are missing (n,), and the slope of that with respect to the pixels."""
    with torch.enable_grad():
        leaf = tried.detach().requires_grad_(True)
        logits = model(leaf)
        missing = (goal.confidence - margin(logits, goal.labels, goal.target)).clamp(min=0)
        if not (missing > 0).any():  # no need to ask for a gradient of nothing
            return logits.detach(), missing.detach(), torch.zeros_like(leaf)
        (slope,) = torch.autograd.grad(missing.sum(), leaf)
    return logits.detach(), missing.detach(), slope.contiguous()
