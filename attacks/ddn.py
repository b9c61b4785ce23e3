"""DDN: the direction follows the gradient, the length grows until it fools and shrinks after (arXiv 1811.09600)."""

import math

import torch
from torch import Tensor, nn

from attacks.descent import judged
from attacks.frozen import frozen
from attacks.losses import climbed, cross_entropy, margin
from attacks.nearest import Nearest, lengths
from attacks.projections import TINY
from attacks.rows import of, per_picture
from attacks.shapes import Generators, OnStep, Seen, Watch
from attacks.starts import drawn, of_rows

FIRST_LENGTH = 1.0  # of the change, pixels in [0, 1]
FIRST_STEP, LAST_STEP = 1.0, 0.01  # of the direction's steps, half a cosine between


def ddn(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    steps: int = 100,
    gamma: float = 0.05,
    target: Tensor | None = None,
    generator: Generators = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the nearest success (L2) of all that was tried, or else the best attempt.

    Algorithm 1 without its last line, the rounding to 8 bits: saved bytes are judged when they are saved. Each step
    adds a unit gradient to the change and gives the change a length that is `gamma` shorter after a success and
    `gamma` longer after a failure. model: logits from pixels. images: float [0, 1], (N, C, H, W). labels: (N,) the
    class to leave; target: (N,) the class to reach instead. generator: draws directions where there is no gradient.
    ValueError without a step.
    """
    if steps < 1:
        raise ValueError("DDN needs at least one step.")
    with frozen(model), torch.inference_mode(False):
        images, nearest = images.detach().clone(), Nearest(images)
        rows, change = torch.arange(len(images), device=images.device), torch.zeros_like(images)
        length = torch.full((len(images),), FIRST_LENGTH, device=images.device)

        def loss(logits: Tensor, rows: Tensor) -> Tensor:
            return climbed(logits, labels[rows], of(target, rows))

        farthest = lengths(torch.maximum(images, 1 - images))  # no change is longer
        for step in range(steps + 1):
            tried = of(images, rows) + change
            logits, _losses, gradient = judged(model, tried, loss, rows, with_gradient=step < steps)
            if watch:
                watch(Seen(rows, tried, logits, cross_entropy(logits, labels[rows], of(target, rows))))
            success = nearest.offer(rows, tried, margin(logits, labels[rows], of(target, rows)))
            if on_step:
                on_step(step + 1, steps + 1)
            left = nearest.length[rows] > 0  # what is wrong as it is needs no change
            if step == steps or not left.any():
                break
            if not left.all():
                rows, change, gradient = rows[left], change[left], gradient[left]
                length, success = length[left], success[left]
            length = torch.minimum(torch.where(success, 1 - gamma, 1 + gamma) * length, farthest[rows])
            change.add_(_unit(gradient, rows, generator).mul_(_step_size(step, steps)))
            change.mul_(per_picture(length / lengths(change).clamp(min=TINY)))
            change.add_(of(images, rows)).clamp_(0, 1).sub_(of(images, rows))
    return nearest.images


def _step_size(step: int, steps: int) -> float:
    return LAST_STEP + (FIRST_STEP - LAST_STEP) * (1 + math.cos(math.pi * step / steps)) / 2


def _unit(gradient: Tensor, rows: Tensor, generator: Generators) -> Tensor:
    """Each picture's gradient with length 1; where there is none, a random direction. Written into `gradient`."""
    length = lengths(gradient)
    flat = length < TINY
    if flat.any():
        gradient[flat] = drawn(torch.randn, gradient[flat], of_rows(generator, rows[flat]))
        length = lengths(gradient)
    return gradient.div_(per_picture(length))
