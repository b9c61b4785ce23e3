"""Several pictures attacked by one step along their gradients, which are asked for in batches: for a GPU.

On a CPU a thread for each takes less, and there each has the bits that it has alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from attacks import run
from attacks.shapes import Direction, Run
from inference.experiment.judging import batch_of, square
from inference.experiment.opened import opened
from inference.networks.classifier import Classifier
from inference.networks.threads import one_thread


class Asked(NamedTuple):
    """One picture, and the options that the attack's record wants, as they were checked."""

    png: bytes
    options: Mapping[str, Any]


class _Seen(NamedTuple):
    place: int
    pixels: Tensor  # (1, C, side, side)
    options: Mapping[str, Any]

    @property
    def targeted(self) -> bool:
        return self.options.get("target") is not None


@one_thread()
def directions(classifier: Classifier, slug: str, asked: Sequence[Asked]) -> list[Run | None]:
    """What a ray comes to on each of the pictures, for `attack(…, ray=…)`.

    None for a picture with which something is wrong: `attack` says what, and the others are none the worse for it.
    """
    found: list[Run | None] = [None] * len(asked)
    for batch in _batches(classifier, asked):
        runs = _together(classifier, slug, batch)
        for number, one in enumerate(batch):
            found[one.place] = runs[number] if runs else _alone(classifier, slug, one)
    return found


def _batches(classifier: Classifier, asked: Sequence[Asked]) -> Iterator[list[_Seen]]:
    """Those that aim at a class, and those that leave one."""
    seen = [one for place in range(len(asked)) if (one := _seen(classifier, place, asked[place]))]
    for _targeted, group in groupby(sorted(seen, key=lambda one: one.targeted), key=lambda one: one.targeted):
        alike = list(group)
        for first in range(0, len(alike), batch_of(classifier)):
            yield alike[first : first + batch_of(classifier)]


def _seen(classifier: Classifier, place: int, asked: Asked) -> _Seen | None:
    try:
        return _Seen(place, classifier.to_pixels(square(classifier, opened(asked.png))[None]), asked.options)
    except Exception:  # whatever it is, it is told where this one is attacked alone
        return None


def _alone(classifier: Classifier, slug: str, one: _Seen) -> Run | None:
    try:
        return _run(slug, classifier, one.pixels, [one])
    except Exception:  # as above
        return None


def _together(classifier: Classifier, slug: str, batch: Sequence[_Seen]) -> list[Run] | None:
    """None where they cannot be asked for together."""
    if len(batch) == 1:
        return None
    model = Several(classifier, [one.pixels.shape[-1] for one in batch])
    try:
        made = _run(slug, model, model.padded([one.pixels for one in batch]), batch)
    except Exception:  # one of them, or too many of them
        return None
    return [_of_one(made, place, side) for place, side in enumerate(model.sides)]


def _run(slug: str, model: nn.Module, pixels: Tensor, batch: Sequence[_Seen]) -> Run:
    options = {name: [one.options[name] for one in batch] for name in batch[0].options if name != "target"}
    target = torch.tensor([one.options["target"] for one in batch]) if batch[0].targeted else None
    return run(slug, model, pixels, None, options, target=None if target is None else target.to(pixels.device))


def _of_one(made: Run, place: int, side: int) -> Run:
    """Of the batch's picture at that place, as large as it is."""
    assert made.direction is not None  # noqa: S101 - only rays come here; this narrows the type
    row, inside = slice(place, place + 1), (..., slice(side), slice(side))
    sign, logits = (part[row] for part in made.direction)
    return Run(made.adversarial[row][inside], 1, 1, Direction(sign[inside], logits))


class Several(nn.Module):
    """A classifier of squares of different sizes, each in the upper left of its picture, to logits, (N, classes)."""

    def __init__(self, classifier: Classifier, sides: Sequence[int]) -> None:
        super().__init__()
        self.classifier, self.sides = classifier, sides

    def padded(self, squares: Sequence[Tensor]) -> Tensor:
        """(N, C, largest side, largest side) of squares (1, C, side, side)."""
        size = max(self.sides)
        shape = (len(squares), size, size, squares[0].shape[1])
        pixels = squares[0].new_zeros(shape).permute(0, 3, 1, 2)  # in memory as a single one is
        for place, (one, side) in enumerate(zip(squares, self.sides, strict=True)):
            pixels[place, :, :side, :side] = one[0]
        return pixels

    def forward(self, pixels: Tensor) -> Tensor:
        each = zip(pixels.split(1), self.sides, strict=True)
        seen = [self.classifier.see(one[..., :side, :side]) for one, side in each]
        logits: Tensor = self.classifier.network(self.classifier.normalise(torch.cat(seen)))
        return logits
