"""Back into the budget: the nearest picture that a threat model allows, for each norm."""

import sys
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

TINY = 1e-12  # a length to divide by where nothing was changed
LARGEST = sys.float_info.max


def linf(attacked: Tensor, images: Tensor, budget: Tensor) -> Tensor:
    """Every value within `budget`."""
    return attacked.clamp(min=images - budget, max=images + budget)


def l2(attacked: Tensor, images: Tensor, budget: Tensor) -> Tensor:
    """A change that is longer is shortened to the length `budget`, each picture by itself."""
    change = attacked - images
    length = change.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
    return torch.where(length > budget, images + change * (budget / length.clamp(min=TINY)), attacked)


def l0(attacked: Tensor, images: Tensor, budget: Tensor) -> Tensor:
    """The `budget` pixels with the largest changes; a pixel's change is the sum over its colours."""
    size = (attacked - images).abs().sum(dim=1).flatten(1)
    rank = size.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
    kept = (rank < budget.view(-1, 1)).view(len(images), 1, *images.shape[2:])
    return torch.where(kept, attacked, images)


PROJECTIONS: Mapping[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {"linf": linf, "l2": l2, "l0": l0}


def project(attacked: Tensor, images: Tensor, norm: str, budget: Tensor | None) -> Tensor:
    """The nearest pictures to `attacked` within [0, 1] and within `budget` of `images`, both (N, C, H, W).

    budget: one or (N, 1, 1, 1), in pixels of [0, 1] (how many of them for "l0"); None: any picture will do. What is
    within keeps its bits. Raises RuntimeError for what is no picture. Clamping comes last: it moves no value away from
    the original.
    """
    if attacked.shape != images.shape or not between(attacked, -LARGEST, LARGEST):
        raise RuntimeError(f"The attack returned {tuple(attacked.shape)}, or values that are no numbers.")
    attacked = attacked.detach()
    if budget is not None:
        attacked = PROJECTIONS[norm](attacked, images, budget)
    return attacked.clamp(0, 1)


def between(values: Tensor, low: float, high: float) -> bool:
    """Whether all lie between two numbers; not if one is no number. They are read once."""
    least, most = (end.item() for end in values.aminmax())
    return low <= least and most <= high
