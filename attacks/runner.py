"""Running an attack by its name, the only way one runs, and without trusting it: what comes back is in the budget."""

import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from attacks.catalog import find
from attacks.frozen import frozen
from attacks.options import Option
from attacks.projections import between, project
from attacks.record import AttackRecord
from attacks.shapes import Generators, OnStep, Run, Watch


def run(
    slug: str,
    model: nn.Module,
    images: Tensor,
    labels: Tensor | None,
    options: Mapping[str, Any],
    *,
    target: Tensor | None = None,
    generator: Generators = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
    **more: Any,
) -> Run:
    """Run the attack of that name.

    model: logits from pixels. images: float in [0, 1], (N, C, H, W). labels: (N,) int64, the class to leave; None
    leaves the class that the model itself names. options: by name, each one value or one per picture, in the units of
    the rim (whole grey levels of 255). target: (N,) the class to reach. `generator`, `on_step`, `watch` and what else
    is given (a `start`) reach the attacks that know them. Raises ValueError for what is no picture, label or budget.
    """
    record = find(slug)
    attack = function(record)
    chosen = {
        option.name: _in_core(option, options[option.name], images)
        for option in record.options
        if option.used_by == "attack" and option.kind != "class" and option.name in options
    }
    budget = chosen.get(record.budget) if record.budget else None
    _check(images, labels, budget)
    extras = {"target": target, "generator": generator, "on_step": on_step, "watch": watch, **more}
    known = {name: value for name, value in extras.items() if name in _accepted(attack)}
    limit = None if budget is None else torch.as_tensor(budget, device=images.device, dtype=images.dtype)
    with frozen(model), _counted(model) as count:
        if limit is not None and record.path == "ray":
            direction = attack(model, images, labels, **known)
            attacked = _along(images, direction.sign, limit)
        else:
            if labels is None:
                labels = _named(model, images)
            direction, attacked = None, attack(model, images, labels, **chosen, **known)
            attacked = project(attacked, images, record.norm, limit)
    return Run(attacked, count["forwards"], count["gradients"], direction)


def _along(images: Tensor, sign: Tensor, budget: Tensor) -> Tensor:
    """Pictures moved along signs; these, unlike what other attacks return, may be within the budget by themselves.

    Rounding keeps order: of a sign within [-1, 1], x + budget * sign is never beyond x + budget, which projections
    take for the bound.
    """
    are_signs = between(sign, -1, 1)  # first: they were written a moment ago
    moved = torch.addcmul(images, sign, budget).detach()
    if are_signs and moved.shape == images.shape:
        return moved.clamp_(0, 1)
    return project(moved, images, "linf", budget)


def function(record: AttackRecord) -> Callable[..., Any]:
    """The function that the attack's record names."""
    module, _, name = record.function.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


@cache
def _accepted(attack: Callable[..., Any]) -> frozenset[str]:
    """What it can be given by name."""
    return frozenset(inspect.signature(attack).parameters)


def success(model: nn.Module, attacked: Tensor, labels: Tensor, *, target: Tensor | None = None) -> Tensor:
    """(N,) bool, judged on the pictures as they are: another class than `labels` is named, or `target` is."""
    named = _named(model, attacked)
    return named != labels if target is None else named == target


def _named(model: nn.Module, images: Tensor) -> Tensor:
    with frozen(model), torch.inference_mode():
        named: Tensor = model(images).argmax(dim=1)
    return named.clone()


def _in_core(option: Option, given: Any, images: Tensor) -> Any:
    """One value in the core's unit, or (N, 1, 1, 1) of them."""
    if not isinstance(given, list | tuple):
        return option.core(given)
    values = [option.core(value) for value in given]
    return torch.tensor(values, device=images.device, dtype=images.dtype).view(-1, 1, 1, 1)


@contextmanager
def _counted(model: nn.Module) -> Iterator[dict[str, int]]:
    """How many pictures go through the model, forwards and backwards, inside; of this thread, for others may use it."""
    count, ours = {"forwards": 0, "gradients": 0}, threading.get_ident()

    def add(direction: str, pictures: int) -> None:
        count[direction] += pictures

    def forward(_model: nn.Module, _inputs: Any, logits: Tensor) -> None:
        if threading.get_ident() != ours:
            return
        add("forwards", len(logits))
        if logits.requires_grad:
            logits.register_hook(lambda gradient: add("gradients", len(gradient)))

    hook = model.register_forward_hook(forward)
    try:
        yield count
    finally:
        hook.remove()


def _check(images: Tensor, labels: Tensor | None, budget: Any) -> None:
    if images.ndim != 4 or not images.is_floating_point() or not between(images, 0, 1):
        raise ValueError("Pictures must be floats in [0, 1] of shape (N, C, H, W).")
    if labels is not None and (labels.shape != images.shape[:1] or labels.dtype != torch.int64):
        raise ValueError("Labels must be int64, one for each picture.")
    if budget is None:
        return
    each = torch.as_tensor(budget)
    if not bool((each >= 0).all() and torch.isfinite(each).all()) or each.numel() not in (1, len(images)):
        raise ValueError("A budget must not be below 0: one, or one for each picture.")
