"""What changes along a training, as functions of how far it is and of nothing else, so that it can go on anywhere."""

import math

from inference.catalog.configuration import TrainingConfig

RISE = 0.3  # one cycle (arXiv 1708.07120): up from a 25th for three tenths of the way, then down to nothing
START = 1 / 25


def rate_at(config: TrainingConfig, done: float) -> float:
    """The learning rate when this share, 0 to 1, of all steps is done."""
    top = config.learning_rate
    if config.schedule == "constant":
        return top
    if config.schedule == "cosine":
        return top * _falling(done)
    if done < RISE:
        return top * (START + (1 - START) * (1 - _falling(done / RISE)))
    return top * _falling((done - RISE) / (1 - RISE))


def strength_at(config: TrainingConfig, epochs: float) -> float:
    """The share of epsilon that is attacked with after so many epochs: growing from nothing over the warm-up."""
    return min(1.0, epochs / config.warmup) if config.warmup else 1.0


def _falling(share: float) -> float:
    """Half a cosine: 1 at 0, 0 at 1."""
    return (1 + math.cos(math.pi * share)) / 2
