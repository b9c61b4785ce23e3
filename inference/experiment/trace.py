"""What an attack of many steps went through on one picture: kept thinly, so that watching costs next to nothing."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from attacks.shapes import Seen
from inference.catalog.results import Class, Previews, Trace, TraceStep
from inference.experiment.sweep import scored

STEPS = 60  # kept at most, besides the last and the first that fools
PREVIEWS = 16  # likewise
CLASSES = 8  # whose probabilities are told: the original's five likeliest, the target, and what came on top
SIDE = 192  # pixels of a preview, at most
SMALL = 96  # smaller pictures are enlarged to about that, by a whole number
LARGE = 100_000  # values: of larger pictures only every SPARSE-th step is measured pixel by pixel, which takes a while
SPARSE = 4
QUALITY = 70  # of the JPEG

Item = TypeVar("Item")


class Thinned(Generic[Item]):
    """Of items numbered 0, 1, 2, ... evenly spread ones: at most `most`, and those that are to stay in any case."""

    def __init__(self, most: int, *, every: int = 1) -> None:
        self.items: dict[int, Item] = {}
        self._most, self._every, self._staying = most, every, set[int]()

    def wants(self, number: int) -> bool:
        return number % self._every == 0

    def add(self, number: int, item: Item, *, stays: bool = False) -> None:
        self.items[number] = item
        if stays:
            self._staying.add(number)
        while len(self.items) - len(self._staying) > self._most:
            self._every *= 2
            kept = {one for one in self.items if self.wants(one)} | self._staying
            self.items = {one: item for one, item in self.items.items() if one in kept}


@dataclass(frozen=True)
class _Moment:
    """One step as it was measured."""

    start: int
    step: int
    loss: float | None  # none where it is not finite
    probabilities: np.ndarray
    far: tuple[float, float, int] | None  # L∞, L2 and changed pixels, where they were measured


@dataclass
class Recorder:
    """Watches an attack on one picture; `begin` says which, before the attack is run. What it tells is of floats."""

    original: Tensor = field(init=False)  # (1, C, H, W)
    moments: Thinned[_Moment] = field(init=False, default_factory=lambda: Thinned(STEPS))
    previews: Thinned[np.ndarray] = field(init=False, default_factory=lambda: Thinned(PREVIEWS))
    starts: list[int] = field(init=False, default_factory=list)  # how often each was seen
    fooled: int | None = field(init=False, default=None)  # number of the first that fools
    _last: tuple[int, int, Seen] | None = field(init=False, default=None)  # number, step, what was seen

    def begin(
        self,
        original: Tensor,
        probabilities: np.ndarray,
        labels: Sequence[str],
        *,
        target: int | None = None,
        magnification: int = 1,
    ) -> None:
        """original: (1, C, H, W), of which `probabilities` are. The attack leaves the likeliest class, or reaches
        `target`. `magnification` is that of the change in its previews.
        """
        self.original, self.before, self.labels = original, probabilities, labels
        self.target, self.magnification = target, magnification
        self.every = SPARSE if original.numel() > LARGE else 1
        self.previews = Thinned(PREVIEWS, every=self.every)

    def __call__(self, seen: Seen) -> None:
        """One step, as attacks tell it to who watches."""
        if not len(seen.rows):
            return
        self.starts += [0] * (seen.start + 1 - len(self.starts))
        number, step = sum(self.starts), self.starts[seen.start]
        self.starts[seen.start] += 1
        self._last = number, step, seen
        first = self.fooled is None and self._fools(seen.logits[0])
        if first:
            self.fooled = number
        if first or self.moments.wants(number):
            self.moments.add(number, self._moment(step, seen, measured=first or not number % self.every), stays=first)
        if first or self.previews.wants(number):
            self.previews.add(number, self._preview(seen.images), stays=first)

    def trace(self, previews: Sequence[int] = ()) -> Trace | None:
        """Everything so far; None while nothing was seen. `previews`: the numbers of those on the sheet."""
        if self._last is None:
            return None
        number, step, seen = self._last
        moments = self.moments.items
        if number not in moments:
            moments = moments | {number: self._moment(step, seen, measured=False)}
        numbers = sorted(moments)
        kept = [moments[one] for one in numbers]
        classes = self._classes([int(moment.probabilities.argmax()) for moment in kept])
        return Trace(
            starts=[max(0, count - 1) for count in self.starts],
            fooled_at=None if self.fooled is None else numbers.index(self.fooled),
            classes=[Class(index, self.labels[index]) for index in classes],
            steps=[self._told(moment, classes) for moment in kept],
            previews=Previews([numbers.index(one) for one in previews]) if previews else None,
        )

    def finish(self) -> tuple[Trace | None, bytes | None]:
        """Everything, and the sheet of its previews: a JPEG, pictures above, their magnified changes below."""
        if self._last is None:
            return None, None
        number, step, seen = self._last
        if number not in self.moments.items or self.moments.items[number].far is None:
            self.moments.add(number, self._moment(step, seen, measured=True), stays=True)
        if number not in self.previews.items:
            self.previews.add(number, self._preview(seen.images), stays=True)
        shown = sorted(self.previews.items)  # kept in longer strides than the moments: each has one
        return self.trace(shown), _sheet([self.previews.items[one] for one in shown])

    def _fools(self, logits: Tensor) -> bool:
        named = int(logits.argmax())
        return named == self.target if self.target is not None else named != int(self.before.argmax())

    def _moment(self, step: int, seen: Seen, *, measured: bool) -> _Moment:
        loss = float(seen.loss[0])
        probabilities = seen.logits[0].softmax(dim=0).float().cpu().numpy()
        far = self._distances(seen.images[0]) if measured else None
        return _Moment(seen.start, step, loss if math.isfinite(loss) else None, probabilities, far)

    def _distances(self, image: Tensor) -> tuple[float, float, int]:
        change = (image - self.original[0]).abs_()
        largest, flat = change[0], change.flatten()
        for other in change[1:]:
            largest = torch.maximum(largest, other)
        facts = torch.stack([largest.amax(), flat.dot(flat), (largest >= 0.5 / 255).sum()])
        linf, squares, changed = facts.tolist()
        return linf * 255, math.sqrt(squares), int(changed)

    def _preview(self, images: Tensor) -> np.ndarray:
        """uint8 (2, C, side, side): the picture, and the change, mid-grey where there is none."""
        picture = _small(images)[0]
        change = 128 / 255 + self.magnification * (picture - _small(self.original)[0])
        both = torch.stack([picture, change])
        small: np.ndarray = both.mul_(255).round_().clamp_(0, 255).to(torch.uint8).cpu().numpy()
        return small

    def _classes(self, tops: Sequence[int]) -> list[int]:
        likeliest = [int(index) for index in np.argsort(-self.before, kind="stable")[:5]]
        aim = [] if self.target is None else [self.target]
        return list(dict.fromkeys([*likeliest, *aim, tops[-1], *tops]))[:CLASSES]

    def _told(self, moment: _Moment, classes: Sequence[int]) -> TraceStep:
        return TraceStep(
            start=moment.start,
            step=moment.step,
            loss=moment.loss if moment.loss is None else float(f"{moment.loss:.5g}"),
            top=scored(self.labels, moment.probabilities, moment.probabilities.argmax()),
            probabilities=[round(float(moment.probabilities[index]), 6) for index in classes],
            linf_levels=moment.far and round(moment.far[0], 3),
            l2=moment.far and float(f"{moment.far[1]:.5g}"),
            changed_pixels=moment.far and moment.far[2],
        )


def _small(images: Tensor) -> Tensor:
    """At most SIDE pixels a side, picked evenly; small pictures are enlarged to about SMALL."""
    side = images.shape[-1]
    if side > SIDE:
        return F.interpolate(images, size=(SIDE, SIDE))
    return F.interpolate(images, scale_factor=math.ceil(SMALL / side)) if side < SMALL else images


def _sheet(previews: Sequence[np.ndarray]) -> bytes:
    file = io.BytesIO()
    rows = np.concatenate(previews, axis=3).transpose(0, 2, 3, 1)  # (2, side, all sides, C)
    Image.fromarray(np.concatenate(rows).squeeze()).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
