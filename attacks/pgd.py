"""Projected gradient descent: many small steps along the gradient's sign, from a random start (arXiv 1706.06083)."""

from typing import Any

import torch
from torch import Generator, Tensor, nn

from attacks.frozen import frozen
from attacks.losses import cross_entropy, log_odds
from attacks.shapes import Generators, OnStep, Seen, Watch


def pgd(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float | Tensor,
    steps: int = 20,
    step_size: float | Tensor | None = None,
    restarts: int = 1,
    start: Tensor | None = None,
    until_fooled: bool = False,
    target: Tensor | None = None,
    generator: Generators = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the best of everything tried: one that fools, or else the one with the largest loss.

    model: logits from pixels. images: float [0, 1], (N, C, H, W). labels: (N,) the class to leave; target: (N,) the
    class to reach instead. epsilon, step_size (default 2.5 epsilon / steps): in pixels, one or (N, 1, 1, 1). start:
    where to begin, within the ball and [0, 1]; without it every start is drawn evenly from the epsilon ball, then kept
    within [0, 1]. Raises ValueError without a step or a start.
    until_fooled: a picture that fools takes no further step from this start; as many fool, and it takes less time.
    """
    if steps < 1 or restarts < 1:
        raise ValueError("PGD needs at least one step and one start.")
    size = 2.5 * epsilon / steps if step_size is None else step_size
    with frozen(model), torch.inference_mode(False):
        best, most = images.detach().clone(), torch.full((len(images),), -torch.inf, device=images.device)
        for restart in range(restarts):
            current = (random_start(images, epsilon, generator) if start is None else start).clone()
            tried = torch.arange(len(images), device=images.device)
            for step in range(steps + 1):
                aim = None if target is None else target[tried]
                logits, gradient = _logits_and_gradient(model, current[tried], labels[tried], aim)
                score = _score(logits, labels[tried], aim)
                if watch:
                    watch(Seen(tried, current[tried], logits, cross_entropy(logits, labels[tried], aim), restart))
                better = score > most[tried]
                best[tried[better]], most[tried[better]] = current[tried[better]], score[better]
                if step < steps:
                    current[tried] = stepped(
                        current[tried], gradient, images[tried], epsilon=_of(epsilon, tried), step_size=_of(size, tried)
                    )
                if until_fooled:
                    tried = tried[score <= 0]
                if on_step:
                    on_step(restart * (steps + 1) + step + 1, restarts * (steps + 1))
                if not len(tried):
                    break
    return best


def random_start(images: Tensor, epsilon: float | Tensor, generator: Generators = None) -> Tensor:
    """Evenly drawn from the ball around `images`, within [0, 1]. Drawn on the CPU, wherever the images are."""
    if generator is None or isinstance(generator, Generator):
        drawn = torch.rand(images.shape, generator=generator)
    else:
        drawn = torch.stack([torch.rand(images.shape[1:], generator=own) for own in generator])
    return (images + (2 * drawn.to(images.device) - 1) * epsilon).clamp_(0, 1)


def stepped(current: Tensor, gradient: Tensor, images: Tensor, *, epsilon: Any, step_size: Any) -> Tensor:
    """One step along the sign of `gradient`, projected onto the ball around `images` and into [0, 1]."""
    moved = current + step_size * gradient.sign()
    return torch.minimum(torch.maximum(moved, images - epsilon), images + epsilon).clamp_(0, 1)


def input_gradient(model: nn.Module, pixels: Tensor, labels: Tensor, target: Tensor | None = None) -> Tensor:
    """Of the loss with respect to the pixels, in the direction that helps the attacker."""
    return _logits_and_gradient(model, pixels, labels, target)[1]


def _logits_and_gradient(
    model: nn.Module, pixels: Tensor, labels: Tensor, target: Tensor | None
) -> tuple[Tensor, Tensor]:
    with torch.enable_grad():
        leaf = pixels.detach().clone().requires_grad_(True)
        logits = model(leaf)
        loss = log_odds(logits, labels if target is None else target).sum()
        (gradient,) = torch.autograd.grad(loss, leaf)
    return logits.detach(), gradient if target is None else -gradient


def _of(value: Any, some: Tensor) -> Any:
    """The rows of a value that each picture has its own of."""
    return value[some] if isinstance(value, Tensor) and value.ndim else value


def _score(logits: Tensor, labels: Tensor, target: Tensor | None) -> Tensor:
    """The attacker's gain for each picture: how far the wanted outcome is ahead of the others, in logits.

    A margin, not the loss: it is above zero exactly where the picture fools, however sure the model was.
    """
    aim = labels if target is None else target
    own = logits.gather(1, aim[:, None])[:, 0]
    others = logits.scatter(1, aim[:, None], -torch.inf).amax(dim=1)
    return others - own if target is None else own - others
