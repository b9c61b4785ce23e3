"""The Jacobian saliency map attack: two values at a time, those that help a class most (arXiv 1511.07528)."""

import torch
from torch import Tensor, nn

from attacks.frozen import frozen
from attacks.losses import log_odds
from attacks.shapes import OnStep, Seen, Watch


def jsma(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    theta: float = 1.0,
    distortion: float = 14.5,
    target: Tensor | None = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the first that fools, or else the one that came closest to its class.

    model: logits from pixels. images: float [0, 1], (N, C, H, W). labels: (N,) the class to leave; target: (N,) the
    class to reach instead. The paper has targets only: without one it goes for the class that comes second in the
    picture as it is, and any class but the label will do. theta: what is added to a value, cut off at 1; each is moved
    once. distortion: at most so many of the values are moved, in percent (the paper's Υ). One gradient of a picture a
    step. The loss that is watched is the probability of the class gone for. Raises ValueError for a theta outside
    (0, 1] or a distortion outside (0, 100].
    """
    if not 0 < theta <= 1 or not 0 < distortion <= 100:
        raise ValueError("theta must be in (0, 1], and distortion in (0, 100].")
    pairs = int(images[:1].numel() * distortion / 100) // 2
    with frozen(model), torch.inference_mode(False):
        current, best = (images.detach().clone(memory_format=torch.contiguous_format) for _ in range(2))
        closest = images.new_full((len(images),), torch.inf)
        free = current.flatten(1) < 1
        aims = _second(model, current, labels) if target is None else target
        left = torch.arange(len(images), device=images.device)
        for step in range(pairs + 1):
            logits, odds, rising = _judged(model, current[left], aims[left])
            named = logits.argmax(dim=1)
            fooled = named != labels[left] if target is None else named == aims[left]
            if watch:
                watch(Seen(left, current[left], logits, torch.sigmoid(-odds)))
            better = fooled | (odds < closest[left])
            best[left[better]], closest[left[better]] = current[left[better]], odds[better]
            pair, salient = best_pair(rising, free[left])
            goes_on = salient & ~fooled
            left, pair = left[goes_on], pair[goes_on]
            if on_step:
                on_step(step + 1, pairs + 1)
            if step == pairs or not len(left):
                break
            values = current.view(len(images), -1)
            values[left[:, None], pair] = (values[left[:, None], pair] + theta).clamp(max=1)
            free[left[:, None], pair] = False
    return best


def best_pair(rising: Tensor, free: Tensor) -> tuple[Tensor, Tensor]:
    """(N, 2), which two free values of each picture are most salient, and (N,) bool, whether any two are.

    rising: (N, D), how the probability of the class gone for rises with each value, up to a positive factor; free:
    (N, D) bool. The paper looks through all pairs for the largest -α β where α > 0, the rise of the class gone for, and
    β < 0, that of all others together. Probabilities sum to 1, so β is -α: both conditions are one, and the best pair
    has the two largest rises. Of logits that would not hold, nor would they work as well: torchattacks follows them,
    and benchmarks/few_pixels.py prints how many targets each reaches.
    """
    rises, pair = rising.masked_fill(~free, -torch.inf).topk(2, dim=1)
    return pair, rises.sum(dim=1) > 0


def _judged(model: nn.Module, pixels: Tensor, aims: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Logits; log-odds against each class gone for; and what lowers those, (N, D).

    The log-odds' derivatives are the probability's times a factor that is the same for all values of a picture, and do
    not vanish where the network is sure.
    """
    with torch.enable_grad():
        leaf = pixels.detach().clone().requires_grad_(True)
        logits = model(leaf)
        odds = log_odds(logits, aims)
        (gradient,) = torch.autograd.grad(odds.sum(), leaf)
    return logits.detach(), odds.detach(), -gradient.flatten(1)


def _second(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """(N,) the likeliest class but the label."""
    with torch.no_grad():
        return model(images).scatter(1, labels[:, None], -torch.inf).argmax(dim=1)
