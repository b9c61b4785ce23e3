"""A race: one small training on a part of MNIST, measured on the way; several of them make the curves of a chart.

On the CPU, in one thread and from one seed: the same options give the same numbers on the same machine, whoever
computes beside.
"""

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import SGD

from inference.catalog.races import KEPT_ASIDE, MOST_LEARNT, POINTS, UNITS, steps_of
from inference.course.alone import alone
from inference.data.base import Pictures, load_data
from inference.networks.build import Shape, build, initialise, parameters

MEASURED = 500  # pictures learnt from, by which the training loss is measured
AT_ONCE = 250  # pictures: a larger batch is taken in pieces, between which others have their turn
BREATH = 0.05  # seconds after which work looks up
SIZE, CLASSES = 28, 10

Found = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """Where a training stands. Losses in nats, errors as shares from 0 to 1."""

    step: int
    pictures: int  # learnt from so far, each as often as it was
    epoch: float
    seconds: float  # of one core, for learning alone
    batch_loss: float | None  # mean over the batches since the last point, as the training itself saw it
    training_loss: float  # of the first MEASURED pictures learnt from
    training_error: float
    validation_loss: float  # of pictures kept aside
    validation_error: float


def race(**options: Any) -> Generator[tuple[float, Found], None, Found]:
    """Yields (share done, what there is so far) at least every 0.3 s, the first point before the first step.

    Options: inference.catalog.races. A training whose loss is no number any more ends there, "diverged".
    """
    return (yield from alone(_curve(**options), seed=options["seed"]))


def _curve(**options: Any) -> Generator[tuple[float, Found], None, Found]:
    steps, ended = steps_of(options)
    training = _Training(**options)
    marks = {round(steps * place / POINTS) for place in range(POINTS + 1)}
    for step in range(steps + 1):
        if step in marks or training.diverged:
            training.measure()
            yield step / steps, training.found(steps, "")
        if training.diverged:
            return training.found(steps, "diverged")
        if step < steps:
            for _piece in training.learn():
                yield step / steps, training.found(steps, "")
    return training.found(steps, ended)


class _Training:
    """A network, what it learns from, and the points so far."""

    def __init__(self, *, pictures: int, batch_size: int, **options: Any) -> None:
        self.size = batch_size or pictures
        self.sorted = options["sorted_batches"]
        self.network = _network(options)
        self.optimiser = SGD(
            self.network.parameters(), lr=options["learning_rate"], momentum=options["momentum"], fused=True
        )
        self.learnt, self.aside = _pictures(pictures)
        if options["random_labels"]:
            labels = torch.randint(CLASSES, self.learnt.labels.shape)
            self.learnt = Pictures(self.learnt.images, labels)
        self.points: list[Point] = []
        self.losses: list[float] = []  # of the batches since the last point
        self.order: list[Tensor] = []  # the batches left of this epoch
        self.steps = self.seen = 0
        self.seconds = 0.0
        self.looked_up = time.monotonic()
        self.diverged = False

    def learn(self) -> Iterator[None]:
        """One step; yields where others may have their turn."""
        if not self.order:
            self.order = self._epoch()
        batch, sum_of_losses = self.order.pop(0), 0.0
        self.optimiser.zero_grad(set_to_none=True)
        for piece in batch.split(AT_ONCE):
            sum_of_losses += self._gradient(self.learnt[piece], len(batch))
            if time.monotonic() - self.looked_up > BREATH:
                yield
                self.looked_up = time.monotonic()
        begun = time.thread_time()
        self.optimiser.step()
        self.seconds += time.thread_time() - begun
        self.steps, self.seen = self.steps + 1, self.seen + len(batch)
        loss = sum_of_losses / len(batch)
        self.losses.append(loss)
        self.diverged = not math.isfinite(loss)

    def measure(self) -> None:
        """One more point, unless there is no number to show."""
        training, validation = self._judge(self.learnt[:MEASURED]), self._judge(self.aside)
        mean = sum(self.losses) / len(self.losses) if self.losses else None
        self.losses = []
        if not all(math.isfinite(figure) for figure in (mean or 0.0, *training, *validation)):
            self.diverged = True
            return
        epoch = self.seen / len(self.learnt)
        self.points.append(Point(self.steps, self.seen, epoch, self.seconds, mean, *training, *validation))

    def found(self, steps: int, ended: str) -> Found:
        """As JSON; `ended` is "" while it goes on."""
        weights = next(self.network.parameters()).detach()
        return {
            "points": [asdict(point) for point in self.points],
            "steps": steps,
            "ended": ended,
            "parameters": parameters(self.network),
            "units": len(weights),  # of the first layer
            "different_units": len(torch.unique(weights.flatten(1), dim=0)) if ended else None,
        }

    def _gradient(self, part: Pictures, of: int) -> float:
        """Adds this part's share of the batch's gradient; the sum of its losses."""
        begun = time.thread_time()
        self.network.train()
        loss = cross_entropy(self.network(part.images), part.labels, reduction="sum")
        (loss / of).backward()
        value = float(loss.detach())
        self.seconds += time.thread_time() - begun
        return value

    @torch.no_grad()
    def _judge(self, pictures: Pictures) -> tuple[float, float]:
        """(mean loss, share of wrong answers), with everything switched on."""
        self.network.eval()
        scores = self.network(pictures.images)
        wrong = (scores.argmax(1) != pictures.labels).float().mean()
        return float(cross_entropy(scores, pictures.labels)), float(wrong)

    def _epoch(self) -> list[Tensor]:
        """Every picture once, in batches."""
        order = torch.randperm(len(self.learnt))
        if self.sorted:
            order = order[self.learnt.labels[order].argsort(stable=True)]
        return list(order.split(self.size))


def _network(options: dict[str, Any]) -> nn.Module:
    if options["network"] == "lenet":
        return build("lenet", Shape(1, SIZE, CLASSES), options)
    network = nn.Sequential(
        *(nn.Flatten(), nn.Linear(SIZE * SIZE, UNITS), nn.ReLU()),
        *(nn.Dropout(options["dropout"]), nn.Linear(UNITS, CLASSES)),
    )
    initialise(network, options["initialisation"], sigma=options["sigma"])
    return network


def _pictures(count: int) -> tuple[Pictures, Pictures]:
    """(learnt from, kept aside): the first of the training part, which lie in no order, and its last."""
    most, aside = _loaded()
    return most[:count], aside


@cache
def _loaded() -> tuple[Pictures, Pictures]:
    """As floats, mean 0 and deviation 1; read once in a process."""
    data = load_data("mnist")
    (mean,), (deviation,) = data.record.mean, data.record.std

    def entering(part: Pictures) -> Pictures:
        return Pictures((part.images.float() - mean) / deviation, part.labels.clone())

    return entering(data.training[:MOST_LEARNT]), entering(data.training[-KEPT_ASIDE:])
