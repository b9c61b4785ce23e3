"""Signs that a model hides its gradients instead of being robust, so that its figures under attack flatter it.

The checks of "On Evaluating Adversarial Robustness" (arXiv 1902.06705) and "Obfuscated Gradients Give a False Sense of
Security" (arXiv 1802.00420). Passing them proves nothing; failing one says that the figure it names is not to be
believed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

from attacks.pgd import pgd
from attacks.still import held_still
from inference.data import Pictures
from inference.evaluate import Protocol, evaluate

STEPS, RESTARTS = 20, 5  # of the white-box attack that others are held against
SLACK = 0.02  # accuracies that should be in order may be this far out of it: two starts differ by as much
ONE_STEP = 0.4  # FGSM may leave this share of the clean accuracy more than PGD does, not more
UNBOUNDED, NONE_LEFT = 191, 0.05  # at three quarters of the range, PGD leaves no more than this accuracy
FAR = 0.5  # noise costs at most this share of the accuracy that PGD costs
QUERIES = 200  # of the attack that uses no gradient: as many as PGD's passes, forward and back
WHITE_BOX = f"PGD-{STEPS} with {RESTARTS} starts"
TRANSFER = "PGD transferred from another model"


@dataclass(frozen=True)
class Check:
    """One sign, looked for; `detail` is a sentence with the figures."""

    name: str
    passed: bool
    detail: str


def checks(
    model: nn.Module, pictures: Pictures, *, epsilon: int, source: nn.Module | None = None, seed: int = 0
) -> list[Check]:
    """Every check on these pictures, at epsilon in grey levels. source: another model of the task, to transfer from.

    Few pictures are enough for signs this coarse: a hundred tell them.
    """
    return list(_each(_Bench(model, pictures, epsilon, seed), source))


def accuracy_under_search(
    model: nn.Module, pictures: Pictures, *, epsilon: int, queries: int = QUERIES, seed: int = 0
) -> float:
    """Share left right by random search: squares set to plus or minus epsilon (grey levels), kept where they help.

    After Square Attack (arXiv 1912.00049), with few queries: no gradient is asked for, so none can mislead.
    """
    pixels, labels, strength = pictures.images.float() / 255, pictures.labels, epsilon / 255
    generator = Generator().manual_seed(seed)
    size = pixels.shape[-1]
    with held_still(model), torch.inference_mode():
        best = (pixels + strength * _signs(pixels, generator, columns=size)).clamp(0, 1)
        least = _margin(model, best, labels)
        for query in range(1, queries):
            side = max(1, round(size * math.sqrt(0.3 * (1 - query / queries))))
            tried = _with_square(best, pixels, strength, side, generator)
            margin = _margin(model, tried, labels)
            better = margin < least
            best[better], least[better] = tried[better], margin[better]
    return (least > 0).double().mean().item()


@dataclass(frozen=True)
class _Bench:
    """A model and pictures, to be attacked with this and that."""

    model: nn.Module
    pictures: Pictures
    epsilon: int
    seed: int

    def accuracy(self, attack: str, *, epsilon: int | None = None, steps: int = STEPS, restarts: int = 1) -> float:
        level = self.epsilon if epsilon is None else epsilon
        protocol = Protocol(attack, level, len(self.pictures), steps=steps, restarts=restarts, seed=self.seed)
        return evaluate(self.model, self.pictures, protocol).accuracy

    def right(self, pixels: Tensor) -> float:
        with held_still(self.model), torch.inference_mode():
            return (self.model(pixels).argmax(1) == self.pictures.labels).double().mean().item()

    @property
    def pixels(self) -> Tensor:
        return self.pictures.images.float() / 255


def _each(bench: _Bench, source: nn.Module | None) -> Iterator[Check]:
    clean = evaluate(bench.model, bench.pictures).accuracy
    one, several = bench.accuracy("fgsm"), bench.accuracy("pgd", restarts=RESTARTS)
    yield _in_order("pgd_beats_fgsm", WHITE_BOX, several, "FGSM", one)
    yield _one_step_tells(clean, one, several)
    yield _more_steps(bench)
    yield _unbounded(bench)
    searched = accuracy_under_search(bench.model, bench.pictures, epsilon=bench.epsilon, seed=bench.seed)
    yield _in_order("beats_search", WHITE_BOX, several, f"{QUERIES} queries without gradient", searched)
    yield _noise(clean, several, bench.accuracy("noise"))
    if source is not None:
        moved = bench.right(_transferred(bench, source))
        yield _in_order("beats_transfer", WHITE_BOX, several, TRANSFER, moved)
        yield _in_order("one_step_beats_transfer", "FGSM", one, TRANSFER, moved)


def _in_order(name: str, stronger: str, low: float, weaker: str, high: float) -> Check:
    """Whether what must be the stronger attack leaves no more right than the weaker."""
    return Check(name, low <= high + SLACK, f"{stronger} leaves {low:.1%} right, {weaker} {high:.1%}.")


def _one_step_tells(clean: float, one: float, several: float) -> Check:
    """Not after catastrophic overfitting (arXiv 2001.03994): robust against one large step and nothing else."""
    detail = f"Of {clean:.1%} right, {one:.1%} are left by FGSM and {several:.1%} by {WHITE_BOX}."
    return Check("one_step_tells", one - several <= ONE_STEP * clean, detail)


def _more_steps(bench: _Bench) -> Check:
    left = {steps: bench.accuracy("pgd", steps=steps) for steps in (STEPS // 4, STEPS, 2 * STEPS)}
    told = ", ".join(f"{accuracy:.1%} in {steps} steps" for steps, accuracy in left.items())
    passed = all(after <= before + SLACK for before, after in pairwise(left.values()))
    return Check("more_steps_never_weaker", passed, f"PGD leaves {told}.")


def _unbounded(bench: _Bench) -> Check:
    left = bench.accuracy("pgd", epsilon=UNBOUNDED, steps=2 * STEPS)
    return Check("unbounded_breaks", left <= NONE_LEFT, f"PGD at {UNBOUNDED}/255 leaves {left:.1%} right.")


def _noise(clean: float, several: float, noise: float) -> Check:
    detail = f"Of {clean:.1%} right, random signs leave {noise:.1%} and {WHITE_BOX} {several:.1%}."
    return Check("noise_far_weaker", clean - noise <= FAR * (clean - several) + SLACK, detail)


def _transferred(bench: _Bench, source: nn.Module) -> Tensor:
    """The pictures as PGD makes them against the other model."""
    generator = Generator().manual_seed(bench.seed)
    strength = bench.epsilon / 255
    return pgd(source, bench.pixels, bench.pictures.labels, epsilon=strength, steps=STEPS, generator=generator)


def _signs(pixels: Tensor, generator: Generator, *, columns: int) -> Tensor:
    """Stripes: one sign for each column, as Square Attack begins."""
    drawn = torch.randint(0, 2, (len(pixels), pixels.shape[1], 1, columns), generator=generator)
    return drawn.to(pixels) * 2 - 1


def _with_square(best: Tensor, pixels: Tensor, strength: float, side: int, generator: Generator) -> Tensor:
    """One square of each picture, at a place of its own, moved to plus or minus `strength` from the original."""
    count, channels, height, width = best.shape
    top, left = (torch.randint(0, end - side + 1, (count,), generator=generator) for end in (height, width))
    rows, columns = (torch.arange(end)[None] - start[:, None] for end, start in ((height, top), (width, left)))
    inside = ((rows >= 0) & (rows < side))[:, :, None] & ((columns >= 0) & (columns < side))[:, None, :]
    signs = torch.randint(0, 2, (count, channels, 1, 1), generator=generator).to(pixels) * 2 - 1
    return torch.where(inside[:, None].to(best.device), (pixels + strength * signs).clamp(0, 1), best)


def _margin(model: nn.Module, pixels: Tensor, labels: Tensor) -> Tensor:
    """How far the true class is ahead of the next, in logits: below zero where the picture fools."""
    logits = model(pixels)
    own = logits.gather(1, labels[:, None])[:, 0]
    return own - logits.scatter(1, labels[:, None], -torch.inf).amax(1)
