"""Back into the budget: the nearest picture that a threat model allows, for each norm."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

TINY = 1e-12  # a length to divide by where nothing was changed


def linf(change: Tensor, budget: Tensor) -> Tensor:
    """Every value within `budget`."""
    return torch.minimum(torch.maximum(change, -budget), budget)


def l2(change: Tensor, budget: Tensor) -> Tensor:
    """Shortened to the length `budget`, each picture by itself."""
    length = change.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
    return change * (budget / length.clamp(min=TINY)).clamp(max=1)


def l0(change: Tensor, budget: Tensor) -> Tensor:
    """The `budget` pixels with the largest changes; a pixel's change is the sum over its colours."""
    size = change.abs().sum(dim=1).flatten(1)
    order = size.argsort(dim=1, descending=True, stable=True).argsort(dim=1)  # each pixel's rank
    kept = order < budget.view(-1, 1)
    return change * kept.view(len(change), 1, *change.shape[2:])


PROJECTIONS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {"linf": linf, "l2": l2, "l0": l0}


def project(attacked: Tensor, images: Tensor, norm: str, budget: Tensor | None) -> Tensor:
    """The nearest pictures to `attacked` within [0, 1] and within `budget` of `images`, both (N, C, H, W).

    budget: one or (N, 1, 1, 1), in pixels of [0, 1] (how many of them for "l0"); None: any picture will do. Raises
    RuntimeError for what is no picture. Clamping after the projection keeps it: no value moves away from the original.
    """
    if attacked.shape != images.shape or not torch.isfinite(attacked).all():
        raise RuntimeError(f"The attack returned {tuple(attacked.shape)}, or values that are no numbers.")
    attacked = attacked.detach()
    if budget is not None:
        attacked = images + PROJECTIONS[norm](attacked - images, budget)
    return attacked.clamp(0, 1)
