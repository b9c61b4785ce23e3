"""The fast gradient sign method: one step along the sign of the loss's gradient (arXiv 1412.6572)."""

import torch
from torch import Tensor, nn

from attacks.frozen import frozen
from attacks.losses import log_odds
from attacks.shapes import Direction


def fgsm(
    model: nn.Module, images: Tensor, labels: Tensor | None, *, epsilon: float, target: Tensor | None = None
) -> Tensor:
    """`images` moved by `epsilon` (pixels in [0, 1]) away from `labels`, or towards `target`, within [0, 1]."""
    sign = gradient_sign(model, images, labels, target=target).sign
    return (images + epsilon * sign).clamp(0, 1)


def gradient_sign(
    model: nn.Module, images: Tensor, labels: Tensor | None, *, target: Tensor | None = None
) -> Direction:
    """FGSM's direction, which does not depend on epsilon: one forward and one backward pass.

    model: logits from pixels. images: float in [0, 1], (N, C, H, W). labels: (N,) the class to leave; None leaves the
    class the model itself names. target: (N,) the class to reach instead, by *descending* its loss.
    """
    # Ours to differentiate even where the caller works without gradients, and the caller's tensor stays untouched.
    with frozen(model), torch.inference_mode(False), torch.enable_grad():
        pixels = images.detach().clone().requires_grad_(True)
        logits = model(pixels)
        wanted = _predicted(logits, labels) if target is None else target
        # The sum, not the mean: then no picture's gradient depends on how many others are beside it.
        loss = log_odds(logits, wanted).sum()
        (gradient,) = torch.autograd.grad(loss, pixels)
    sign = gradient.sign()
    if target is not None:
        sign.neg_()
    return Direction(sign, logits.detach())


def _predicted(logits: Tensor, labels: Tensor | None) -> Tensor:
    return logits.detach().argmax(dim=1) if labels is None else labels
