"""The control beside an attack: a random change of the same budget, and many draws of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from attacks.controls import CONTROLS
from attacks.record import AttackRecord
from inference.catalog.results import Control
from inference.experiment.distances import l2, linf
from inference.experiment.judging import batch_of, judge, judge_many, placed, square, with_square
from inference.experiment.rounding import rounded
from inference.experiment.sweep import top_classes
from inference.images import pixels
from inference.networks.classifier import Classifier

DRAWS = 20  # at one level: how often noise alone changes the answer


def control_of(
    classifier: Classifier,
    original: np.ndarray,
    attacked: np.ndarray,
    record: AttackRecord,
    options: Mapping[str, Any],
) -> Control | None:
    """The control that the attack's record names: within the same budget, as far as the attack itself went without."""
    if record.control is None:
        return None
    seen, seen_attacked = square(classifier, original), square(classifier, attacked)
    drawn = square(classifier, drawn_for(classifier, original, record.control, options["seed"]))
    if record.control == "signs":
        strength = record.budget_of(options) or linf(seen, seen_attacked)
        seen_noise = pixels.step(seen, drawn, strength)
    else:
        moved = seen / 255.0 + l2(seen, seen_attacked) * drawn
        seen_noise = rounded(seen, np.clip(moved, 0, 1), record.norm, record.budget_of(options))
    noise = with_square(classifier, original, seen_noise)
    return Control(
        top=top_classes(classifier.labels, judge(classifier, noise)),
        kind=record.control,
        l2=l2(seen, seen_noise),
        reach=_reach(classifier, seen, seen_noise, seen_attacked),
    )


def judge_draws(classifier: Classifier, png: bytes, k: int, *, seed: int, draws: int = DRAWS) -> list[int]:
    """The class named under each of so many draws of random signs at level `k`: those of seed, seed + 1, and so on."""
    original = pixels.read(png)
    seen, size = square(classifier, original), batch_of(classifier)

    def drawn(number: int) -> np.ndarray:
        return pixels.step(seen, square(classifier, drawn_for(classifier, original, "signs", seed + number)), k)

    batches = [range(first, min(first + size, draws)) for first in range(0, draws, size)]
    judged = [judge_many(classifier, [drawn(number) for number in batch]) for batch in batches]
    return [int(index) for index in np.concatenate(judged).argmax(axis=1)]


def drawn_for(classifier: Classifier, original: np.ndarray, kind: str, seed: int) -> np.ndarray:
    """The random change, as large as the picture: noise where the network looks, nothing elsewhere."""
    height, width, channels = original.shape
    side = classifier.square(height, width)[2]
    return placed(classifier, original, CONTROLS[kind](seed, channels=channels, size=classifier.input_size, side=side))


def _reach(classifier: Classifier, original: np.ndarray, noise: np.ndarray, attacked: np.ndarray) -> float | None:
    """How strongly the noise arrives at the network's input, relative to the attack: the ratio of the two changes'
    root mean squares there. Resizing averages what is finer than the input; what is as coarse as blocks passes.
    """
    with torch.inference_mode():
        at_input = classifier.see(classifier.to_pixels(np.stack([original, noise, attacked])))
        noise_there, attack_there = (at_input[1:] - at_input[:1]).flatten(1).square().mean(1).sqrt().tolist()
    return noise_there / attack_there if attack_there else None
