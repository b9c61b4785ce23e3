"""The control beside an attack: a random change of the same budget, or the best of many; and many draws of it."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from attacks.batches import at_once
from attacks.controls import CONTROLS, noise_signs, random_pixels
from attacks.record import CONTROL_SECONDS, AttackRecord
from inference.catalog.results import Control
from inference.experiment.distances import IN_NORM, l2
from inference.experiment.judging import Judged, judge_many, placed, square
from inference.experiment.opened import opened
from inference.experiment.rounding import along
from inference.experiment.sweep import top_classes
from inference.images import pixels
from inference.networks.classifier import Classifier
from inference.networks.threads import one_thread

Draw = Callable[[int], np.ndarray]  # the number of a try -> the square that the network sees, changed


@dataclass(frozen=True)
class Goal:
    """What an attack was after, and how many questions it asked: a search at random is after the same with as many."""

    label: int  # the class to leave
    target: int | None  # the class to reach
    questions: int  # passes forwards or backwards, of which there were more

    def reached(self, named: np.ndarray) -> np.ndarray:
        """Which of these classes (N,) are what was wanted."""
        reached: np.ndarray = named != self.label if self.target is None else named == self.target
        return reached

    def nearness(self, probabilities: np.ndarray) -> np.ndarray:
        """(N,), the more the nearer, of (N, classes)."""
        return -probabilities[:, self.label] if self.target is None else probabilities[:, self.target]


class Noise(NamedTuple):
    """A random change of the square that the network sees, judged."""

    kind: str
    tries: int | None  # of which it is the best
    l2: float  # its length
    original: Tensor  # (1, C, side, side), what the network is given of the picture without it
    at_input: float  # its root mean square there
    probabilities: np.ndarray


def control_of(
    classifier: Classifier,
    original: np.ndarray,
    attacked: Judged,
    record: AttackRecord,
    options: Mapping[str, Any],
    goal: Goal,
    *,
    on_step: Callable[[], None],
) -> Control | None:
    """A control that waits for the attack: within the same budget, as far as the attack itself went without.

    None where the record names none, or where the attack changed nothing. on_step is called after each batch of tries
    and may raise to stop them.
    """
    seen, seen_attacked = square(classifier, original), square(classifier, attacked.pixels)
    strength = record.budget_of(options) or IN_NORM[record.norm](seen, seen_attacked)
    if record.control is None or not strength:
        return None
    tries = None
    if record.control in SEARCHES:
        draw = SEARCHES[record.control](classifier, seen, strength, options["seed"])
        seen_noise, tries = _best(classifier, seen, draw, goal, on_step=on_step)
    else:
        drawn = square(classifier, drawn_for(classifier, original, record.control, options["seed"]))
        seen_noise = along(seen, drawn, l2(seen, seen_attacked))
    return beside(attacked, _judged(classifier, seen, seen_noise, record.control, tries), classifier.labels)


def random_signs(classifier: Classifier, original: np.ndarray, k: int, seed: int) -> Noise:
    """Of `k` levels: the control of attacks with that budget, which need not have come to anything yet."""
    seen = square(classifier, original)
    changed = pixels.step(seen, square(classifier, drawn_for(classifier, original, "signs", seed)), k)
    return _judged(classifier, seen, changed, "signs", None)


def beside(attacked: Judged, noise: Noise, labels: Sequence[str]) -> Control:
    """What is told of it: `reach` is how strongly it arrives at the network's input, relative to the attack, the ratio
    of the two changes' root mean squares. Resizing averages what is finer than the input; what is as coarse as blocks
    passes.
    """
    attack_there = _size(attacked.at_input, noise.original)
    return Control(
        top=top_classes(labels, noise.probabilities),
        kind=noise.kind,
        tries=noise.tries,
        l2=noise.l2,
        reach=noise.at_input / attack_there if attack_there else None,
    )


def _judged(classifier: Classifier, seen: np.ndarray, changed: np.ndarray, kind: str, tries: int | None) -> Noise:
    at_input, probabilities = classifier.judged_alone(changed)
    original = classifier.look(seen)
    return Noise(kind, tries, l2(seen, changed), original, _size(at_input, original), probabilities)


def _size(changed: Tensor, original: Tensor) -> float:
    """Root mean square of the change."""
    with torch.inference_mode():
        return (changed - original).square().mean().sqrt().item()


def _best(
    classifier: Classifier, seen: np.ndarray, draw: Draw, goal: Goal, *, on_step: Callable[[], None]
) -> tuple[np.ndarray, int]:
    """The first try that does what the attack was to do, or else the nearest to it; and how many were made.

    As many as the attack asked questions, unless the time is up before: then a slow machine makes fewer of the same.
    """
    size, until = at_once(classifier.device, seen.size), time.monotonic() + CONTROL_SECONDS
    best, nearest, made = seen, -np.inf, 0
    while made < max(1, goal.questions):
        tried = [draw(made + number) for number in range(min(size, max(1, goal.questions) - made))]
        judged = judge_many(classifier, tried)
        hits, nearness = goal.reached(judged.argmax(axis=1)), goal.nearness(judged)
        if hits.any():
            first = int(hits.argmax())
            return tried[first], made + first + 1
        made += len(tried)
        if nearness.max() > nearest:
            best, nearest = tried[int(nearness.argmax())], nearness.max()
        on_step()
        if time.monotonic() > until:
            break
    return best, made


def _pixels(_classifier: Classifier, seen: np.ndarray, strength: float, seed: int) -> Draw:
    return partial(random_pixels, seen, int(strength), seed)


def _signs(classifier: Classifier, seen: np.ndarray, strength: float, seed: int) -> Draw:
    size, (side, _side, channels) = classifier.input_size, seen.shape

    def draw(number: int) -> np.ndarray:
        return pixels.step(seen, noise_signs(seed + number, channels=channels, size=size, side=side), int(strength))

    return draw


SEARCHES: Mapping[str, Callable[[Classifier, np.ndarray, float, int], Draw]] = {"pixels": _pixels, "search": _signs}


@one_thread()
def judge_draws(classifier: Classifier, png: bytes, k: int, seeds: Iterable[int]) -> list[int]:
    """The class named under the random signs of each of these seeds at level `k`; all are judged at once."""
    original = opened(png)
    seen = square(classifier, original)

    moves = [(k, square(classifier, drawn_for(classifier, original, "signs", seed))) for seed in seeds]
    judged = classifier.probabilities_moved(seen, moves)
    return [int(index) for index in judged.argmax(axis=1)]


def drawn_for(classifier: Classifier, original: np.ndarray, kind: str, seed: int) -> np.ndarray:
    """The random change, as large as the picture: noise where the network looks, nothing elsewhere."""
    return placed(
        classifier,
        original,
        _drawn(kind, seed, original.shape[2], classifier.input_size, classifier.square(*original.shape[:2])[2]),
    )


@lru_cache(maxsize=2)
def _drawn(kind: str, seed: int, channels: int, size: int, side: int) -> np.ndarray:
    """Kept for the sweep that follows an attack."""
    return CONTROLS[kind](seed, channels=channels, size=size, side=side)
