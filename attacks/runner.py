"""Running an attack by its name, without trusting it: what comes back is inside the budget, whatever it did."""

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import torch
from torch import Generator, Tensor, nn

from attacks.catalog import find
from attacks.frozen import frozen


def run(
    slug: str,
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float,
    generator: Generator | None = None,
    on_step: Callable[..., None] | None = None,
    **params: Any,
) -> Tensor:
    """The attacked pictures: detached, of the images' shape, in [0, 1], within `epsilon` of `images` (L-infinity).

    model: logits from pixels. images: float in [0, 1], (N, C, H, W). labels: (N,) int64, the class to leave.
    epsilon: k/255 for k grey levels. `generator` and `on_step` reach the attacks that draw numbers or take steps.
    """
    attack = function(slug)
    _check(images, labels, epsilon)
    extras = {"generator": generator, "on_step": on_step}
    accepted = inspect.signature(attack).parameters
    params |= {name: value for name, value in extras.items() if name in accepted}
    with frozen(model):
        attacked = attack(model, images, labels, epsilon=epsilon, **params)
    return project(attacked, images, epsilon)


def function(slug: str) -> Callable[..., Tensor]:
    """The function that the attack's record names."""
    module, _, name = find(slug).function.partition(":")
    return getattr(import_module(module), name)


def project(attacked: Tensor, images: Tensor, epsilon: float) -> Tensor:
    """The nearest picture to `attacked` within `epsilon` of `images` and within [0, 1]; refuses what is no picture."""
    if attacked.shape != images.shape or not torch.isfinite(attacked).all():
        raise RuntimeError(f"The attack returned {tuple(attacked.shape)}, or values that are no numbers.")
    attacked = attacked.detach()
    return attacked.clamp(min=images - epsilon, max=images + epsilon).clamp(0, 1)


def success(model: nn.Module, attacked: Tensor, labels: Tensor, *, target: Tensor | None = None) -> Tensor:
    """(N,) bool, judged on the pictures as they are: another class than `labels` is named, or `target` is."""
    with frozen(model), torch.inference_mode():
        named = model(attacked).argmax(dim=1)
    return named != labels if target is None else named == target


def _check(images: Tensor, labels: Tensor, epsilon: float) -> None:
    if images.ndim != 4 or not images.is_floating_point() or images.min() < 0 or images.max() > 1:
        raise ValueError("Pictures must be floats in [0, 1] of shape (N, C, H, W).")
    if labels.shape != images.shape[:1] or labels.dtype != torch.int64:
        raise ValueError("Labels must be int64, one for each picture.")
    if not 0 < epsilon <= 1:
        raise ValueError("Epsilon must be above 0 and at most 1: k/255 for k grey levels.")
