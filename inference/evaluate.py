"""How often a model is right: as it is, and under attacks whose protocol is told with every figure."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
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
NAMES: Mapping[str, str] = MappingProxyType({"fgsm": "FGSM", "pgd": "PGD", "noise": "random signs"})


@dataclass(frozen=True)
class Protocol:
    """One attack, completely described. It leaves the true label, untargeted; epsilon in grey levels."""

    attack: str  # a key of NAMES
    epsilon: int
    pictures: int  # the first so many of the part that is judged
    steps: int = 1
    restarts: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.attack not in NAMES:
            raise ValueError(f"There is no attack called {self.attack} here; known: {', '.join(NAMES)}.")

    def __str__(self) -> str:
        """As it stands beside a figure: "PGD-20 (eps 77/255, 1 restart, 1000 pictures, seed 0)".

        PGD's steps are 2.5 eps / steps large, of every start and step the best is kept.
        """
        pgd = self.attack == "pgd"
        name = f"{NAMES[self.attack]}-{self.steps}" if pgd else NAMES[self.attack]
        starts = f", {self.restarts} restart{'s' if self.restarts > 1 else ''}" if pgd else ""
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
        return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))

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


def epsilon_curve(
    model: nn.Module, pictures: Pictures, levels: Sequence[int], protocol: Protocol
) -> list[tuple[int, Measured]]:
    """The protocol's figure at each strength, in grey levels; all else stays, the random draws included."""
    return [(level, evaluate(model, pictures, replace(protocol, epsilon=level))) for level in levels]


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
    if protocol.attack == "noise":
        signs = torch.randint(0, 2, pixels.shape, generator=generator).to(pixels.device) * 2 - 1
        return (pixels + epsilon * signs).clamp(0, 1)
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
