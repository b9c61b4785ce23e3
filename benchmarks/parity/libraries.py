"""Each library's attacks, called as its documentation says, with the steps and step sizes that ours have.

A call takes (model, images (N, C, H, W) in [0, 1], labels (N,), budget in pixels) and returns attacked pictures.
"""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

Call = Callable[[nn.Module, Tensor, Tensor, float], Tensor]
PACKAGES = {
    "torchattacks": "torchattacks",
    "foolbox": "foolbox",
    "adv-lib": "adv-lib",
    "ART": "adversarial-robustness-toolbox",
}


def torchattacks(
    name: str, *, share: float | None = None, budget_as: tuple[str, ...] = ("eps",), **options: Any
) -> Call:
    """share: of the budget, the length of a step; None where the attack finds it by itself. budget_as: see adv_lib."""

    def call(model: nn.Module, images: Tensor, labels: Tensor, budget: float) -> Tensor:
        import torchattacks as library

        size = {} if share is None else {"alpha": share * budget}
        attack = getattr(library, name)(model, **dict.fromkeys(budget_as, budget), **size, **options)
        attack.set_device(images.device)
        return attack(images, labels)

    return call


def foolbox(name: str, *, share: float | None = None, **options: Any) -> Call:
    """share: None for an attack without a budget."""

    def call(model: nn.Module, images: Tensor, labels: Tensor, budget: float) -> Tensor:
        import foolbox as library

        wrapped = library.PyTorchModel(model, bounds=(0, 1), device=images.device)
        goal = library.criteria.Misclassification(labels)
        if share is None:
            return getattr(library.attacks, name)(**options).run(wrapped, images, goal)
        return getattr(library.attacks, name)(abs_stepsize=share * budget, **options).run(
            wrapped, images, goal, epsilon=budget
        )

    return call


def adv_lib(name: str, budget_as: tuple[str, ...] = ("eps",), **options: Any) -> Call:
    """budget_as: the argument that the budget is given as; none for an attack without one."""

    def call(model: nn.Module, images: Tensor, labels: Tensor, budget: float) -> Tensor:
        sys.modules.setdefault("visdom", ModuleType("visdom"))  # imported for plots that nobody asks for
        from adv_lib import attacks as library

        return getattr(library, name)(model, images, labels, **dict.fromkeys(budget_as, budget), **options)

    return call


def art(name: str, *, share: float | None = None, **options: Any) -> Call:
    """share: None for an attack that takes no steps in a budget."""

    def call(model: nn.Module, images: Tensor, labels: Tensor, budget: float) -> Tensor:
        from art.attacks import evasion
        from art.estimators.classification import PyTorchClassifier

        with torch.no_grad():
            classes = model(images[:1]).shape[1]
        wrapped = PyTorchClassifier(
            model,
            loss=nn.CrossEntropyLoss(),
            input_shape=tuple(images.shape[1:]),
            nb_classes=classes,
            clip_values=(0, 1),
            device_type="cpu" if images.device.type == "cpu" else "gpu",
        )
        size = {} if share is None else {"eps": budget, "eps_step": share * budget}
        attack = getattr(evasion, name)(wrapped, **size, batch_size=len(images), verbose=False, **options)
        truth = np.eye(classes, dtype=np.float32)[labels.cpu().numpy()]
        return torch.from_numpy(attack.generate(images.cpu().numpy(), y=truth)).to(images)

    return call
