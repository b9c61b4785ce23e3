"""Bytes with the answer that an attack found in floats, where rounding it to bytes has undone it.

On a large photograph the nearest boundary is less than half a level a value away: rounded, nothing is left of the
change. So it is made larger until its bytes have the answer, or values are moved by a level until they do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from attacks.losses import margin
from attacks.runner import success
from inference.experiment.judging import batch_of, judge_many
from inference.experiment.rounding import rounded
from inference.networks.classifier import Classifier

COARSE = (1.25, 1.5, 1.75, 2.0)  # how many times as far as the attack went, at most twice
FINE = 8  # places between two of those
TRIES = 8  # times that values are moved by a level, each with a gradient of its own; and as often taken back at most
MOVED = (1.0, 2.0, 4.0, 8.0)  # times as many values as would be enough were the network linear; one batch on a CPU
TAKEN_BACK = (1.0, 0.7, 0.4, 0.2)  # the share of the values that could be missed were it linear
UNMOVED = 1e-3  # levels: a value that was not touched differs by float32's rounding alone
MOST = 100_000  # values are moved at once: sorting all of a large photograph takes longer than judging it


@dataclass(frozen=True)
class Repaired:
    pixels: np.ndarray | None  # uint8 (H, W, C), with the answer and within the budget; None where none was found
    forwards: int
    gradients: int


def repaired(
    classifier: Classifier,
    original: np.ndarray,
    attacked: Tensor,
    *,
    norm: str,
    budget: float | None,
    label: int,
    target: int | None = None,
    on_step: Callable[[], None] | None = None,
) -> Repaired:
    """The nearest bytes found, within `budget`, that leave `label`, or reach `target`, as the floats `attacked` do.

    original: uint8 (H, W, C), what the network sees of the picture. attacked: (1, C, H, W), floats in [0, 1]; what does
    not succeed itself is not repaired. on_step is called before the network is asked, less than sixty times, and
    may raise. The same pictures give the same bytes: it is bounded in passes, not by a clock.
    """
    network = _Asked(classifier, label, target, on_step or (lambda: None))
    found = _found(network, original, attacked, norm, budget)
    return Repaired(found, network.forwards, network.gradients)


class _Asked:
    """The classifier, what it is to say, and how often it was asked."""

    def __init__(self, classifier: Classifier, label: int, target: int | None, on_step: Callable[[], None]) -> None:
        self.classifier, self.label, self.target, self.on_step = classifier, label, target, on_step
        self.forwards = self.gradients = 0
        self.last = np.empty((0, 0), np.float32)  # probabilities of the batch that was judged last

    def floats_succeed(self, attacked: Tensor) -> bool:
        self.on_step()
        self.forwards += 1
        return bool(success(self.classifier, attacked, self._one(self.label), target=self._aim()))

    def first(self, pictures: Sequence[np.ndarray]) -> int | None:
        """Which is the first that succeeds: judged in batches, and then alone, as it will be when it is saved."""
        size = batch_of(self.classifier)
        for start in range(0, len(pictures), size):
            batch = pictures[start : start + size]
            self.last = self._judged(batch)
            for place in np.flatnonzero(self._succeed(self.last)).tolist():
                if len(batch) == 1 or self._succeed(self._judged([batch[place]]))[0]:
                    return start + int(place)
        return None

    def closest(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """Of the pictures that `first` judged last, a batch at most, the one where the wanted answer is likeliest."""
        if self.target is None:
            return pictures[int(self.last[:, self.label].argmin())]
        return pictures[int(self.last[:, self.target].argmax())]

    def slope(self, picture: np.ndarray) -> tuple[float, np.ndarray]:
        """How far the wanted answer is ahead, in logits, and how much a level of each value adds: (H, W, C)."""
        self.on_step()
        self.forwards += 1
        self.gradients += 1
        with torch.inference_mode(False), torch.enable_grad():
            pixels = self.classifier.to_pixels(picture[None]).requires_grad_(True)
            ahead = margin(self.classifier(pixels), self._one(self.label), self._aim())
            (gradient,) = torch.autograd.grad(ahead.sum(), pixels)
        return float(ahead.detach()), gradient[0].permute(1, 2, 0).cpu().numpy() / 255

    def _judged(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        self.on_step()
        self.forwards += len(pictures)
        return judge_many(self.classifier, pictures)

    def _succeed(self, probabilities: np.ndarray) -> np.ndarray:
        named = probabilities.argmax(axis=1)
        return named != self.label if self.target is None else named == self.target

    def _one(self, index: int) -> Tensor:
        return torch.tensor([index], device=self.classifier.device)

    def _aim(self) -> Tensor | None:
        return None if self.target is None else self._one(self.target)


def _found(
    network: _Asked, original: np.ndarray, attacked: Tensor, norm: str, budget: float | None
) -> np.ndarray | None:
    if not network.floats_succeed(attacked):
        return None
    floats = attacked[0].permute(1, 2, 0).cpu().double().numpy()
    found = _grown(network, original, floats, norm, budget)
    if found is None:
        start = rounded(original, floats, norm, budget)
        free = np.ones(original.shape, bool)
        if norm == "l0":
            free &= (np.abs(floats * 255 - original) > UNMOVED).any(axis=2, keepdims=True)
        found = _moved(network, original, start, free, norm, budget)
    return found if found is None or budget is not None else _pruned(network, original, found)


def _grown(
    network: _Asked, original: np.ndarray, floats: np.ndarray, norm: str, budget: float | None
) -> np.ndarray | None:
    """The least multiple of the change, from one to two, whose bytes succeed."""

    def at(times: Sequence[float]) -> list[np.ndarray]:
        whole = original / 255.0
        return [rounded(original, whole + share * (floats - whole), norm, budget) for share in times]

    coarse = network.first(at(COARSE))
    if coarse is None:
        return None
    fine = at(np.linspace((1.0, *COARSE)[coarse], COARSE[coarse], FINE + 1)[1:].tolist())
    place = network.first(fine)
    return fine[-1 if place is None else place]


def _moved(
    network: _Asked,
    original: np.ndarray,
    start: np.ndarray,
    free: np.ndarray,
    norm: str,
    budget: float | None,
) -> np.ndarray | None:
    """Values moved by one level each, those first that gain most for the length they add, until it succeeds."""
    made = start
    for _ in range(TRIES):
        ahead, slope = network.slope(made)
        step = np.sign(slope).astype(np.int16)
        change = made.astype(np.int16) - original
        added = 1 + 2 * step * change  # to the squared length, in levels
        after = made + step
        allowed = free & (step != 0) & (after >= 0) & (after <= 255)
        if norm == "linf" and budget is not None:
            allowed &= np.abs(change + step) <= budget
        order = _best(np.where(added > 0, np.abs(slope) / np.maximum(added, 1), np.inf), allowed)
        if norm == "l2" and budget is not None:
            room = (budget * 255) ** 2 - np.square(change.astype(np.int64)).sum()
            order = order[: np.searchsorted(added.ravel()[order].cumsum(), room, side="right")]
        if not len(order):
            return None
        enough = 1 + int(np.searchsorted(np.abs(slope).ravel()[order].cumsum(), -ahead))
        tried = [_stepped(made, step, order[: round(times * enough)]) for times in MOVED]
        place = network.first(tried)
        if place is not None:
            return tried[place]
        made = network.closest(tried)
    return None


def _pruned(network: _Asked, original: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Values taken back by a level, those first that are missed least for the length they save, while it succeeds."""
    for _ in range(TRIES):
        ahead, slope = network.slope(made)
        change = made.astype(np.int16) - original
        step = -np.sign(change)
        lost, saved = -slope * step, 2 * np.abs(change) - 1
        order = _best(-lost / np.maximum(saved, 1), step != 0)
        spare = int(np.searchsorted(np.maximum.accumulate(lost.ravel()[order].cumsum()), ahead))
        counts = sorted({round(share * spare) for share in TAKEN_BACK} - {0}, reverse=True)
        tried = [_stepped(made, step, order[:count]) for count in counts]
        place = network.first(tried)
        if place is None:
            break
        made = tried[place]
    return made


def _best(worth: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Flat places of the most worthy values that are allowed, most worthy first, MOST at most."""
    places = np.flatnonzero(allowed)
    worths = worth.ravel()[places]
    if len(places) > MOST:
        chosen = np.argpartition(-worths, MOST)[:MOST]
        places, worths = places[chosen], worths[chosen]
    ordered: np.ndarray = places[np.argsort(-worths, kind="stable")]
    return ordered


def _stepped(made: np.ndarray, step: np.ndarray, places: np.ndarray) -> np.ndarray:
    moved = made.copy()
    moved.ravel()[places] = (made.ravel()[places] + step.ravel()[places]).astype(np.uint8)
    return moved
