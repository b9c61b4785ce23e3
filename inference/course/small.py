"""Small trainings that end within seconds: LeNet on few pictures, epoch by epoch.

They draw from torch's own generator: whoever runs one runs it `alone`, with a seed.
"""

from collections.abc import Callable, Generator, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attacks.frozen import frozen
from inference.course.shipped import SIDE, digits, floats
from inference.data.base import Pictures
from inference.networks.build import Shape, build
from inference.networks.normalise import Normalise

Steps = Generator[tuple[float, dict[str, Any]], None, dict[str, Any]]  # (share done, what there is so far), the result
Change = Callable[[Tensor], Tensor]  # of pixels, (N, 1, 28, 28), in each step anew

BATCH, RATE = 50, 0.002  # Adam's
HELD_OUT = 1000  # pictures to judge by, none of which is learnt from


def lenet(options: dict[str, Any]) -> nn.Module:
    """Pixels in [0, 1], (N, 1, 28, 28), to logits: a LeNet with these options of `inference.networks.build.lenet`."""
    record = digits().record
    network = build("lenet", Shape(record.channels, SIDE, len(record.labels)), options)
    return nn.Sequential(Normalise(record.mean, record.std), network)


def parts(pictures: int) -> tuple[Pictures, Pictures]:
    """(the first so many training pictures, HELD_OUT others from the end of the training part)."""
    whole = digits().training
    return whole[:pictures], whole[len(whole) - HELD_OUT :]


def taught(
    model: nn.Module, pictures: Pictures, *, epochs: int, change: Change | None = None
) -> Iterator[dict[str, Any]]:
    """Teaches the model; after each epoch {"epoch", "loss", "error"}, means of the steps, as the model was learning."""
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    pixels = floats(pictures.images)
    for epoch in range(1, epochs + 1):
        loss, wrong = _epoch(model, pixels, pictures.labels, optimiser, change or _unchanged)
        yield {"epoch": epoch, "loss": loss / len(pictures), "error": wrong / len(pictures)}


def error(model: nn.Module, pictures: Pictures) -> float:
    """The share that is named wrongly, dropout off."""
    with frozen(model), torch.inference_mode():
        named = torch.cat([model(floats(images)).argmax(1) for images in pictures.images.split(250)])
    return (named != pictures.labels).double().mean().item()


def drawn_labels(labels: Tensor, *, seed: int) -> Tensor:
    """As many labels, each drawn evenly from the ten classes: they tell nothing of the pictures."""
    return torch.randint(10, labels.shape, generator=torch.Generator().manual_seed(seed))


def _epoch(
    model: nn.Module, pixels: Tensor, labels: Tensor, optimiser: torch.optim.Optimizer, change: Change
) -> tuple[float, float]:
    """(sum of losses, wrong answers)."""
    sums = torch.zeros(2)
    model.train()
    for chosen in torch.randperm(len(pixels)).split(BATCH):
        logits = model(change(pixels[chosen]))
        loss = cross_entropy(logits, labels[chosen])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        sums += torch.stack([loss.detach() * len(chosen), (logits.detach().argmax(1) != labels[chosen]).sum()])
    return float(sums[0]), float(sums[1])


def _unchanged(pixels: Tensor) -> Tensor:
    return pixels
