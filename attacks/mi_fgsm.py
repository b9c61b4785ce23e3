"""The momentum iterative method: BIM along a running sum of the gradients' directions (arXiv 1710.06081)."""

import torch
from torch import Tensor, nn

from attacks.descent import Best, Way, descend
from attacks.frozen import frozen
from attacks.pgd import ends, stepped
from attacks.projections import TINY
from attacks.rows import of
from attacks.shapes import OnStep, Watch


def mi_fgsm(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float | Tensor,
    steps: int = 10,
    decay: float = 1.0,
    step_size: float | Tensor | None = None,
    until_fooled: bool = False,
    target: Tensor | None = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the best of its steps: one that fools, or else the one that came nearest to it.

    Equations 6 and 7: velocity = decay * velocity + gradient / |gradient|_1, x' = clip(x' + step_size *
    sign(velocity)). As for `pgd`: pictures (N, C, H, W) in [0, 1]; epsilon and step_size (default epsilon / steps, as
    in the paper) in pixels. Raises ValueError without a step.
    """
    if steps < 1:
        raise ValueError("MI-FGSM needs at least one step.")
    size = epsilon / steps if step_size is None else step_size
    low, high = ends(images, epsilon)

    def move(rows: Tensor, current: Tensor, gradient: Tensor, _losses: Tensor) -> Tensor:
        # Each picture's own length, guarded: a gradient of zero adds nothing, and the velocity carries on.
        length = gradient.flatten(1).norm(p=1, dim=1).view(-1, 1, 1, 1).clamp(min=TINY)
        kept = of(velocity, rows).mul_(decay).add_(gradient.div_(length))
        if kept is not velocity:
            velocity[rows] = kept
        return stepped(current, kept.sign(), of(low, rows), of(high, rows), step_size=of(size, rows))

    with frozen(model), torch.inference_mode(False):
        best, velocity = Best(images), torch.zeros_like(images)
        descend(
            model, labels, Way(images, move), steps=steps, best=best, target=target, from_originals=True,
            until_fooled=until_fooled, on_step=on_step, watch=watch,
        )  # fmt: skip
    return best.images
