"""How often a model is right: as it is, and under attacks whose protocol is told with every figure."""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Generator, Tensor, nn

from attacks.fgsm import fgsm
from attacks.pgd import pgd
from attacks.still import held_still
from inference.data import Pictures

AT_ONCE = 250  # pictures; under attack each needs its gradient too,
VALUES_AT_ONCE = 2_400_000  # so of large ones there are fewer: 15 photographs

OnStep = Callable[[int, int], None]  # (done, total) of the work; may raise to stop it


@dataclass(frozen=True)
class Protocol:
    """One attack, completely described. It leaves the true label, untargeted; epsilon in grey levels."""

    attack: str  # "fgsm" or "pgd"
    epsilon: int
    pictures: int  # the first so many of the part that is judged
    steps: int = 1
    restarts: int = 1
    seed: int = 0

    def __str__(self) -> str:
        """As it stands beside a figure: "PGD-20 (eps 77/255, 1 restart, 1000 pictures, seed 0)"."""
        name = "FGSM" if self.attack == "fgsm" else f"PGD-{self.steps}"
        starts = "" if self.attack == "fgsm" else f", {self.restarts} restart{'s' if self.restarts > 1 else ''}"
        return f"{name} (eps {self.epsilon}/255{starts}, {self.pictures} pictures, seed {self.seed})"


@dataclass(frozen=True)
class Measured:
    """So many right of all that were judged."""

    right: int
    of: int

    @property
    def accuracy(self) -> float:
        return self.right / self.of

    def interval(self) -> tuple[float, float]:
        """Wilson's interval for the accuracy, at 95 % (Wilson 1927)."""
        z = 1.959964
        n, p = self.of, self.accuracy
        middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)

    def told(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"right": self.right, "of": self.of, "accuracy": self.accuracy, "interval": list(self.interval())}


def predictions(model: nn.Module, pictures: Pictures) -> Tensor:
    """(N,) the class the model names for each picture, judged in eval mode."""
    with held_still(model), torch.inference_mode():
        return torch.cat([model(pixels).argmax(1) for pixels, _labels in _batches(model, pictures)]).cpu()


def evaluate(
    model: nn.Module, pictures: Pictures, protocol: Protocol | None = None, *, on_step: OnStep | None = None
) -> Measured:
    """Right answers on the pictures, or on the first of them under the protocol's attack."""
    if protocol is None:
        return Measured(int((predictions(model, pictures) == pictures.labels).sum()), len(pictures))
    chosen, right, seen = pictures[: protocol.pictures], 0, 0
    generator = Generator().manual_seed(protocol.seed)
    for pixels, labels in _batches(model, chosen):
        attacked = _attack(model, pixels, labels, protocol, generator)
        with held_still(model), torch.inference_mode():
            right += int((model(attacked).argmax(1) == labels).sum())
        seen += len(labels)
        if on_step:
            on_step(seen, len(chosen))
    return Measured(right, len(chosen))


def at_once(images: Tensor) -> int:
    """How many pictures of this size are judged in one batch."""
    return max(1, min(AT_ONCE, VALUES_AT_ONCE // math.prod(images.shape[1:])))


def confusion(said: Tensor, truth: Tensor, classes: int) -> list[list[int]]:
    """Counts: a row for each true class, a column for each class named."""
    return torch.bincount(truth * classes + said, minlength=classes * classes).reshape(classes, classes).tolist()


def _attack(model: nn.Module, pixels: Tensor, labels: Tensor, protocol: Protocol, generator: Generator) -> Tensor:
    epsilon = protocol.epsilon / 255
    if protocol.attack == "fgsm":
        return fgsm(model, pixels, labels, epsilon=epsilon)
    return pgd(
        model, pixels, labels, epsilon=epsilon, steps=protocol.steps, restarts=protocol.restarts, generator=generator
    )


def _batches(model: nn.Module, pictures: Pictures) -> Iterator[tuple[Tensor, Tensor]]:
    """(pixels, labels) on the model's own device, a few at a time."""
    place = next(model.parameters()).device
    count = at_once(pictures.images)
    for start in range(0, len(pictures), count):
        batch = pictures[start : start + count].to(place)
        yield batch.images.float() / 255, batch.labels


def as_json(measured: Measured, protocol: Protocol) -> dict[str, Any]:
    """A figure with everything it depends on."""
    return measured.told() | {"protocol": asdict(protocol) | {"text": str(protocol)}}
