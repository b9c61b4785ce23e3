"""How a network in training does on the validation pictures: loss, error, mistakes, and accuracy under attack."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from attacks.frozen import frozen
from inference.catalog.configuration import TrainingConfig
from inference.catalog.networks import NETWORKS
from inference.catalog.protocols import EPOCH
from inference.data.base import Pictures
from inference.evaluation.accuracy import at_once, evaluate
from inference.training.model import Trainee

MISTAKES = 12  # validation pictures an epoch remembers to have got wrong


@dataclass(frozen=True)
class Mistake:
    """A validation picture that got another class than its own; `index` counts the validation pictures."""

    index: int
    truth: int
    said: int
    probability: float


def judge(
    config: TrainingConfig,
    trainee: Trainee,
    inputs: Pictures,
    *,
    validation: Pictures,
    alive: Callable[[], None],
) -> dict[str, Any]:
    """The figures of an epoch that come from the validation pictures. inputs: what the learner takes of them.

    alive is called now and then while the pictures are attacked; it may raise to stop the work.
    """
    with frozen(trainee.learner), torch.inference_mode():
        logits = torch.cat(
            [trainee.learner(trainee.pixels(images)) for images in inputs.images.split(at_once(inputs.images))]
        ).cpu()
    labels = inputs.labels.cpu()
    return {
        "validation_loss": cross_entropy(logits.cpu().double(), labels).item(),
        "validation_error": int((logits.argmax(1) != labels).sum()) / len(labels),
        "mistakes": _mistakes(logits, labels),
        **_under_attack(config, trainee, validation, alive),
    }


def _under_attack(
    config: TrainingConfig, trainee: Trainee, validation: Pictures, alive: Callable[[], None]
) -> dict[str, float | None]:
    """Accuracy on the first of the pictures, each epoch with the same random starts."""
    count = min(config.robust_pictures, NETWORKS[config.network].attacked, len(validation))
    if not count:
        return dict.fromkeys(EPOCH)
    protocols = {figure: named.at(trainee.epsilon, count, seed=config.seed) for figure, named in EPOCH.items()}
    return {
        figure: evaluate(trainee.model, validation, protocol, on_step=lambda _done, _total: alive()).accuracy
        for figure, protocol in protocols.items()
    }


def _mistakes(logits: Tensor, labels: Tensor) -> tuple[Mistake, ...]:
    """The surest first."""
    probabilities, said = logits.softmax(1).max(1)
    wrong = (said != labels).nonzero().flatten()
    surest = wrong[probabilities[wrong].argsort(descending=True, stable=True)][:MISTAKES]
    return tuple(
        Mistake(index, int(labels[index]), int(said[index]), round(float(probabilities[index]), 4))
        for index in surest.tolist()
    )
