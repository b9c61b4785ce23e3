"""The attacks that networks are judged with, each from a place that whoever asks draws for the picture."""

from collections.abc import Callable

from torch import Tensor, nn

from attacks.fgsm import fgsm
from attacks.pgd import pgd


def attacked(
    attack: str,
    model: nn.Module,
    pixels: Tensor,
    labels: Tensor,
    *,
    epsilon: float,
    steps: int,
    draw: Callable[[], Tensor],
    on_step: Callable[[int, int], None],
) -> Tensor:
    """The pictures (N, C, H, W), floats in [0, 1], moved by at most epsilon away from their labels (N,).

    draw: numbers evenly from [0, 1), shaped like the pictures. ValueError for an attack that is none.
    """
    if attack == "fgsm":
        return fgsm(model, pixels, labels, epsilon=epsilon)
    if attack == "pgd":
        start = (pixels + (2 * draw() - 1) * epsilon).clamp(0, 1)
        return pgd(model, pixels, labels, epsilon=epsilon, steps=steps, start=start, until_fooled=True, on_step=on_step)
    if attack == "noise":
        return (pixels + epsilon * (draw() < 0.5).to(pixels).mul(2).sub(1)).clamp(0, 1)
    raise ValueError(f"Nothing is judged with an attack called {attack}.")
