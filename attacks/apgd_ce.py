"""Auto-PGD that raises the cross-entropy (arXiv 2003.01690): the first attack of AutoAttack."""

import torch
from torch import Tensor, nn

from attacks.apgd import AutoSteps
from attacks.descent import Way, best_of_starts
from attacks.frozen import frozen
from attacks.rows import of
from attacks.shapes import Generators, OnStep, Watch
from attacks.starts import of_rows, random_start


def apgd_ce(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float | Tensor,
    steps: int = 50,
    restarts: int = 1,
    until_fooled: bool = False,
    target: Tensor | None = None,
    generator: Generators = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the best of everything tried: one that fools, or else the one that came nearest to it.

    As `pgd`, but nobody chooses a step size (`AutoSteps`). With a target its cross-entropy is lowered. Raises
    ValueError without a step or a start.
    """
    if steps < 1 or restarts < 1:
        raise ValueError("APGD needs at least one step and one start.")

    def begin(_number: int, rows: Tensor) -> Way:
        start = random_start(of(images, rows), of(epsilon, rows), of_rows(generator, rows))
        return Way(start, AutoSteps(images, epsilon, steps))

    with frozen(model), torch.inference_mode(False):
        return best_of_starts(
            model, images, labels, begin, starts=restarts, steps=steps, target=target, until_fooled=until_fooled,
            on_step=on_step, watch=watch,
        )  # fmt: skip
