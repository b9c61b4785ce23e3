"""How often a model is right: as it is, and under attacks whose protocol is told with every figure."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn

from attacks import ATTACKS, run
from attacks.frozen import frozen
from attacks.projections import project
from inference.catalog.comparison import Measured
from inference.catalog.protocols import Protocol
from inference.data.base import Pictures
from inference.experiment.rounding import rounded

AT_ONCE = 250  # pictures; under attack each needs its gradient too,
VALUES_AT_ONCE = 2_400_000  # so of large ones there are fewer: 15 photographs

GROWN = (1.0, 1.1, 1.25, 1.5, 2.0)  # times as far a change is tried whose bytes do not do what its floats did

OnStep = Callable[[int, int], None]  # (done, total) of the work; may raise to stop it


def predictions(model: nn.Module, pictures: Pictures) -> Tensor:
    """(N,) the class the model names for each picture, judged in eval mode."""
    with frozen(model), torch.inference_mode():
        return torch.cat([model(pixels).argmax(1) for pixels, _labels in _batches(model, pictures)]).cpu()


def evaluate(
    model: nn.Module, pictures: Pictures, protocol: Protocol | None = None, *, on_step: OnStep | None = None
) -> Measured:
    """Right answers on the pictures, or on the first of them under the protocol's attack."""
    return Measured.of_each(outcomes(model, pictures, protocol, on_step=on_step).tolist())


def outcomes(
    model: nn.Module, pictures: Pictures, protocol: Protocol | None = None, *, on_step: OnStep | None = None
) -> Tensor:
    """(N,) bool: right as it is and, on the first pictures under a protocol, after every one of its starts.

    No change at all is within every budget, so a picture that is wrong as it is counts as wrong under every attack.
    A start is tried on those that are still right. What is drawn for a picture depends on seed, start and its place
    alone; the network's arithmetic may differ in the last bits with the pictures that are judged beside it.
    """
    chosen = pictures[: protocol.pictures] if protocol else pictures
    right = predictions(model, chosen) == chosen.labels.cpu()
    if protocol is None:
        return right
    done, total = 0, len(chosen) * protocol.restarts
    for start in range(protocol.restarts):
        left = right.nonzero().flatten()
        done += len(chosen) - len(left)  # there is nothing left to do about these
        for some in left.split(at_once(chosen.images)) if len(left) else ():
            tell = share_of(on_step, done, len(some), total)
            right[some] = right_after(model, chosen[some], protocol, start, some.tolist(), tell)
            done += len(some)
            tell(1, 1)
    return right


def at_once(images: Tensor) -> int:
    """How many pictures of this size are judged in one batch."""
    return max(1, min(AT_ONCE, VALUES_AT_ONCE // math.prod(images.shape[1:])))


def confusion(said: Tensor, truth: Tensor, classes: int) -> list[list[int]]:
    """Counts: a row for each true class, a column for each class named."""
    return torch.bincount(truth * classes + said, minlength=classes * classes).reshape(classes, classes).tolist()


def right_after(
    model: nn.Module,
    pictures: Pictures,
    protocol: Protocol,
    start: int,
    places: Sequence[int],
    on_step: OnStep | None = None,
) -> Tensor:
    """(N,) bool, on the CPU: the true class is named for each picture after the protocol's start of that number.

    places: (N,) where the pictures are in the part that is judged; what is drawn for them depends on it.
    """
    batch = pictures.to(next(model.parameters()).device)
    pixels = batch.images.float() / 255
    moved = _moved(model, pixels, batch.labels, protocol, start, places, on_step)
    right = torch.ones_like(batch.labels, dtype=torch.bool)
    for times in GROWN if protocol.saved and protocol.norm != "linf" else (1.0,):
        left = right.nonzero().flatten()
        tried = moved[left]
        if protocol.saved:
            tried = _saved(pixels[left] + times * (tried - pixels[left]), batch.images[left], protocol)
        with frozen(model), torch.inference_mode():
            right[left] = model(tried).argmax(1) == batch.labels[left]
    return right.cpu()


def _moved(
    model: nn.Module,
    pixels: Tensor,
    labels: Tensor,
    protocol: Protocol,
    start: int,
    places: Sequence[int],
    on_step: OnStep | None,
) -> Tensor:
    """The pictures under the protocol's attack."""
    epsilon, draw = protocol.epsilon / 255, partial(_drawn, protocol.seed, start, places, pixels)
    if protocol.control:
        return (pixels + epsilon * (draw() < 0.5).to(pixels).mul(2).sub(1)).clamp(0, 1)
    record = ATTACKS[protocol.attack]
    options: dict[str, Any] = {**dict(protocol.more), **({record.budget: protocol.budget} if record.budget else {})}
    first = None
    if protocol.iterated:
        options["steps"] = protocol.steps
    if protocol.iterated and record.norm == "linf":
        first = (pixels + (2 * draw() - 1) * epsilon).clamp(0, 1)
    generators = [_generator(protocol.seed, start, place) for place in places]
    barely = record.norm == "linf" or not protocol.saved  # else rounding undoes a success that is hardly one
    made = run(
        protocol.attack, model, pixels, labels, options, start=first, until_fooled=barely, generator=generators,
        on_step=on_step,
    )  # fmt: skip
    if record.budget:
        return made.adversarial
    return project(made.adversarial, pixels, record.norm, torch.tensor(protocol.budget).to(pixels))


def _saved(moved: Tensor, images: Tensor, protocol: Protocol) -> Tensor:
    """The pictures as bytes, within the budget, as floats again. images: uint8, (N, C, H, W), as they were."""
    if protocol.norm == "linf":  # whole levels: what is within epsilon of a picture stays so
        return moved.mul(255).round_().div_(255)
    pairs = zip(*(some.movedim(1, -1).cpu().numpy() for some in (images, moved.cpu().double())), strict=True)
    whole = [rounded(image, floats, protocol.norm, protocol.budget) for image, floats in pairs]
    return torch.from_numpy(np.stack(whole)).movedim(-1, 1).to(moved) / 255 if whole else moved


def _generator(seed: int, start: int, place: int) -> Generator:
    """A picture's own, for attacks that draw by themselves."""
    state = np.random.SeedSequence((seed, start, place)).generate_state(1, np.uint64)
    return Generator().manual_seed(int(state[0]))


def _drawn(seed: int, start: int, places: Sequence[int], like: Tensor) -> Tensor:
    """Evenly from [0, 1), shaped like the pictures, the same on every machine (PCG64)."""
    shape = like.shape[1:]
    drawn = [np.random.Generator(np.random.PCG64((seed, start, place))).random(shape, np.float32) for place in places]
    return torch.from_numpy(np.stack(drawn)).to(like)


def share_of(on_step: OnStep | None, done: int, count: int, total: int) -> OnStep:
    """Tells of a batch's own steps as so many pictures of all."""
    return lambda step, steps: on_step(done + count * step // steps, total) if on_step else None


def _batches(model: nn.Module, pictures: Pictures) -> Iterator[tuple[Tensor, Tensor]]:
    """(pixels, labels) on the model's own device, a few at a time."""
    place = next(model.parameters()).device
    count = at_once(pictures.images)
    for start in range(0, len(pictures), count):
        batch = pictures[start : start + count].to(place)
        yield batch.images.float() / 255, batch.labels


def as_json(measured: Measured, protocol: Protocol) -> dict[str, Any]:
    """A figure with everything it depends on."""
    return measured.as_json() | {"protocol": protocol.as_json()}
