"""One pixel, or a few: found by differential evolution, which asks for scores alone (arXiv 1710.08864)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import torch
from scipy.optimize import differential_evolution
from torch import Generator, Tensor, nn

from attacks.batches import at_once
from attacks.controls import decoded, drawn_pixels
from attacks.frozen import frozen
from attacks.losses import log_odds
from attacks.shapes import Generators, OnStep, Seen, Watch

F = 0.5  # how far a child lies along the difference of two of its parents, as in the paper
STRATEGIES = {"best": "best1bin", "random": "rand1bin"}  # by parent, as SciPy calls them
SMALLEST = 5  # members that SciPy needs in a population


def few_pixels(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    pixels: int | Tensor,
    population: int = 100,
    generations: int = 9,
    parent: str = "best",
    target: Tensor | None = None,
    generator: Generators = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the first candidate that fools, or else the one with the best score.

    model: logits from pixels, asked forwards alone. images: float [0, 1], (N, C, H, W). labels: (N,) the class to
    leave; target: (N,) the class to reach instead. pixels: how many may be changed, one number or one for each picture.
    A candidate is that many places and colours, of whole grey levels; two may share a place. `population` of them are
    drawn, then `generations` times each has a child x₁ + F (x₂ - x₃), which takes its place if its score is better: at
    most population · (generations + 1) queries of a picture, and none after the batch in which one fools. parent: x₁,
    the "best" or, as in the paper, a "random" one; the best gets there in fewer generations. Raises ValueError for a
    population below 5, without a pixel, or for another parent.
    on_step counts queries; watch sees, once a generation, the best until then, and the loss: the label's probability,
    to be lowered, or the target's, to be raised.
    """
    each = [int(number) for number in torch.as_tensor(pixels).flatten().expand(len(images))]
    if parent not in STRATEGIES:
        raise ValueError(f"There is no parent {parent!r}: {', '.join(STRATEGIES)}.")
    if population < SMALLEST or min(each, default=1) < 1:
        raise ValueError(f"Evolution needs a population of at least {SMALLEST}, and one pixel.")
    asked, most = population * (generations + 1), len(images) * population * (generations + 1)
    found = []
    with frozen(model), torch.inference_mode(False), torch.no_grad():
        for row, seed in enumerate(_seeds(len(images), generator)):
            search = _Search(
                model,
                images[row].detach(),
                (labels if target is None else target)[row],
                pixels=each[row],
                strategy=STRATEGIES[parent],
                targeted=target is not None,
                row=row,
                watch=watch,
                on_step=on_step and _shifted(on_step, row * asked, most),
            )
            found.append(search.run(np.random.default_rng(seed), population, generations))
            if on_step:
                on_step((row + 1) * asked, most)
    return torch.stack(found) if found else images.detach().clone()


class _Fooled(Exception):
    """A candidate that fools was found; nothing more is asked."""


@dataclass
class _Search:
    """The search on one picture, and the best that it has seen."""

    model: nn.Module
    image: Tensor  # (C, H, W)
    aim: Tensor  # () the class to leave, or to reach
    pixels: int
    strategy: str
    targeted: bool
    row: int
    watch: Watch | None
    on_step: Callable[[int], None] | None
    asked: int = 0
    energy: float = field(default=np.inf)
    best: tuple[Tensor, Tensor] = field(init=False)  # the picture (C, H, W) and its logits (classes,)

    def run(self, rng: np.random.Generator, population: int, generations: int) -> Tensor:
        first = drawn_pixels(rng, population, pixels=self.pixels, channels=len(self.image))
        with suppress(_Fooled):
            differential_evolution(
                self.energies,
                bounds=[(0, 1)] * first.shape[1],
                init=first,
                strategy=self.strategy,
                mutation=F,
                recombination=1,  # no crossover: a child has nothing from the member whose place it may take
                maxiter=generations,
                tol=0,  # it ends early only where all members score the same to the last bit: nothing leads anywhere
                atol=0,
                polish=False,
                vectorized=True,
                updating="deferred",
                rng=rng,
            )
        return self.best[0]

    def energies(self, candidates: np.ndarray) -> np.ndarray:
        """(S,), smaller is better, of candidates (values, S), one generation; raises _Fooled at the first that fools.

        The log-odds stand for the probability: the same order, and they do not round to 1 where a network is sure.
        """
        size = at_once(self.image.device, self.image.numel())
        told = [self._asked(candidates[:, at : at + size].T) for at in range(0, candidates.shape[1], size)]
        self._show()
        return np.concatenate(told)

    def _asked(self, candidates: np.ndarray) -> np.ndarray:
        pictures = painted(self.image, candidates)
        logits = self.model(pictures)
        aims = self.aim.expand(len(pictures))
        energy = log_odds(logits, aims) * (1 if self.targeted else -1)
        hits = (logits.argmax(dim=1) == aims) == self.targeted
        self._keep(pictures, logits, energy, hits)
        self.asked += len(pictures)
        if self.on_step:
            self.on_step(self.asked)
        if hits.any():
            self._show()
            raise _Fooled
        return energy.cpu().double().numpy()

    def _keep(self, pictures: Tensor, logits: Tensor, energy: Tensor, hits: Tensor) -> None:
        """The first that fools, in the order in which they were asked, whatever the batch; or the best."""
        at = int(hits.int().argmax()) if hits.any() else int(energy.argmin())
        if hits.any() or float(energy[at]) < self.energy:
            self.energy, self.best = float(energy[at]), (pictures[at].clone(), logits[at].clone())

    def _show(self) -> None:
        if self.watch:
            picture, logits = (of[None] for of in self.best)
            loss = logits.softmax(dim=1)[:, self.aim]
            self.watch(Seen(torch.tensor([self.row], device=picture.device), picture, logits, loss))


def painted(image: Tensor, candidates: np.ndarray) -> Tensor:
    """(S, C, H, W): `image` (C, H, W) with the pixels of each candidate; of two at one place the later counts."""
    places, colours = decoded(candidates, channels=len(image), height=image.shape[1], width=image.shape[2])
    rows, columns = torch.from_numpy(places).to(image.device).unbind(dim=2)  # (S, pixels) each
    values = torch.from_numpy(colours).to(image.device, image.dtype) / 255
    pictures = image.repeat(len(candidates), 1, 1, 1)
    every = torch.arange(len(candidates), device=image.device)
    for pixel in range(places.shape[1]):
        pictures[every, :, rows[:, pixel], columns[:, pixel]] = values[:, pixel]
    return pictures


def _seeds(count: int, generator: Generators) -> list[int]:
    """For NumPy, one for each picture."""
    if generator is None or isinstance(generator, Generator):
        return torch.randint(2**62, (count,), generator=generator).tolist()
    return [int(torch.randint(2**62, (), generator=own)) for own in generator]


def _shifted(on_step: OnStep, before: int, most: int) -> Callable[[int], None]:
    return lambda asked: on_step(before + asked, most)
