"""The basic iterative method: FGSM in many small steps, from the picture itself (arXiv 1607.02533)."""

import torch
from torch import Tensor, nn

from attacks.descent import Best, Way, descend
from attacks.frozen import frozen
from attacks.pgd import ends, stepped
from attacks.rows import of
from attacks.shapes import OnStep, Watch


def bim(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float | Tensor,
    steps: int = 10,
    step_size: float | Tensor | None = None,
    until_fooled: bool = False,
    target: Tensor | None = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the best of its steps: one that fools, or else the one that came nearest to it.

    Equation of section 2.2: x' = clip(x' + step_size * sign(gradient)), nothing is random. As for `pgd`: pictures
    (N, C, H, W) in [0, 1]; epsilon and step_size (default 2.5 epsilon / steps, never more than epsilon) in pixels; the
    paper's step is one grey level. Raises ValueError without a step.
    """
    if steps < 1:
        raise ValueError("BIM needs at least one step.")
    size = min(1.0, 2.5 / steps) * epsilon if step_size is None else step_size
    low, high = ends(images, epsilon)

    def move(rows: Tensor, current: Tensor, gradient: Tensor, _losses: Tensor) -> Tensor:
        return stepped(current, gradient.sign_(), of(low, rows), of(high, rows), step_size=of(size, rows))

    with frozen(model), torch.inference_mode(False):
        best = Best(images)
        descend(
            model, labels, Way(images, move), steps=steps, best=best, target=target, from_originals=True,
            until_fooled=until_fooled, on_step=on_step, watch=watch,
        )  # fmt: skip
    return best.images
