"""Signs that a model hides its gradients instead of being robust, so that its figures under attack flatter it.

The checks of "On Evaluating Adversarial Robustness" (arXiv 1902.06705) and "Obfuscated Gradients Give a False Sense of
Security" (arXiv 1802.00420), counted picture by picture. Passing them proves nothing; failing one says that the figure
it names is not to be believed.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Generator, Tensor, nn

from attacks import run
from attacks.descent import input_gradient
from attacks.fgsm import gradient_sign
from attacks.frozen import frozen
from attacks.pgd import stepped
from inference.catalog.comparison import Measured, paired
from inference.catalog.masking_checks import DISTRUSTED, NOTED, QUERIES, TITLES, UNBOUNDED, Check, Found, State
from inference.catalog.protocols import FGSM, NOISE, ONE_START, TWICE_THE_STEPS, WORST, NamedProtocol, Protocol
from inference.data.base import Pictures
from inference.evaluation.accuracy import OnStep, at_once, outcomes

ONE_STEP = 0.4  # FGSM may leave this share of what is right when clean more than PGD does, not more
NONE_LEFT = 0.05  # at three quarters of the range, PGD leaves no more than this share
STARTS = 0.05  # five starts may leave this share fewer than one
BLUR, DRAWS, BLURRED_STEPS = 0.1, 8, 10  # standard deviation in pixels of [0, 1], noisy copies a step, steps


class OutOfTime(Exception):
    """The budget is spent."""


def run_checks(
    model: nn.Module,
    pictures: Pictures,
    *,
    epsilon: int,
    source: nn.Module | None = None,
    seconds: float = math.inf,
    on_step: OnStep | None = None,
    names: Sequence[str] = tuple(TITLES),
    clock: Callable[[], float] = time.monotonic,
) -> Found:
    """Every check on these pictures, at epsilon in grey levels, as long as there is time.

    names: of the checks, keys of TITLES. source: another model of the task, to transfer from.
    seconds: the budget; the check that it interrupts was not
    run. on_step is told of checks done; it may raise to stop the work.
    """
    begun = clock()
    found: list[Check] = []
    wanted = [name for name in names if source is not None or name != "beats_transfer"]

    def alive() -> None:
        if clock() - begun > seconds:
            raise OutOfTime
        if on_step:
            on_step(len(found), len(wanted))

    bench = _Bench(model, pictures, epsilon, source, alive)
    try:
        for name in wanted:
            alive()
            found.append(CHECKS[name](bench))
            if found[-1].sentence == "differs":
                break
    except OutOfTime:
        pass
    not_run = wanted[len(found) :]
    return Found(len(pictures), epsilon, tuple(found), tuple(not_run), clock() - begun)


def accuracy_under_search(
    model: nn.Module, pictures: Pictures, *, epsilon: int, queries: int = QUERIES, seed: int = 0
) -> float:
    """Share left right by `right_after_search`."""
    return right_after_search(model, pictures, epsilon=epsilon, queries=queries, seed=seed).double().mean().item()


def right_after_search(
    model: nn.Module,
    pictures: Pictures,
    *,
    epsilon: int,
    queries: int = QUERIES,
    seed: int = 0,
    alive: Callable[[], None] = lambda: None,
) -> Tensor:
    """(N,) bool: left right by random search: squares set to plus or minus epsilon (grey levels), kept where they help.

    After Square Attack (arXiv 1912.00049), with few queries: no gradient is asked for, so none can mislead. A picture
    that is wrong as it is stays wrong.
    """
    generator = Generator().manual_seed(seed)
    parts = [
        _searched(model, pictures[start : start + step], epsilon / 255, queries, generator, alive)
        for step in [at_once(pictures.images)]
        for start in range(0, len(pictures), step)
    ]
    return torch.cat(parts) & outcomes(model, pictures)


def _searched(
    model: nn.Module,
    pictures: Pictures,
    strength: float,
    queries: int,
    generator: Generator,
    alive: Callable[[], None],
) -> Tensor:
    pixels, labels = _on_model(model, pictures)
    size = pixels.shape[-1]
    with frozen(model), torch.inference_mode():
        best = (pixels + strength * _signs(pixels, generator, columns=size)).clamp(0, 1)
        least = _margin(model, best, labels)
        for query in range(1, queries):
            alive()
            side = max(1, round(size * math.sqrt(0.3 * (1 - query / queries))))
            tried = _with_square(best, pixels, strength, side, generator)
            margin = _margin(model, tried, labels)
            better = margin < least
            best[better], least[better] = tried[better], margin[better]
    return (least > 0).cpu()


# --- The checks ---------------------------------------------------------------------------------------------------


@dataclass
class _Bench:
    """A model and pictures, to be attacked with this and that; every attack is run once."""

    model: nn.Module
    pictures: Pictures
    epsilon: int
    source: nn.Module | None
    alive: Callable[[], None]
    kept: dict[Protocol | None, Tensor] = field(default_factory=dict)

    def right(self, named: NamedProtocol | None = None, *, epsilon: int | None = None) -> Tensor:
        """(N,) bool: left right under the protocol; without one, right as it is."""
        level = self.epsilon if epsilon is None else epsilon
        protocol = named.at(level, len(self.pictures)) if named else None
        if protocol not in self.kept:
            on_step: OnStep = lambda _done, _total: self.alive()  # noqa: E731
            self.kept[protocol] = outcomes(self.model, self.pictures, protocol, on_step=on_step)
        return self.kept[protocol]

    def white_box(self) -> Tensor:
        return self.right(WORST)

    def survivors(self) -> Pictures:
        return self.pictures[self.white_box().nonzero().flatten()]


def _same_answer_twice(bench: _Bench) -> Check:
    pixels, _labels = _on_model(bench.model, bench.pictures[: at_once(bench.pictures.images)])
    with frozen(bench.model), torch.inference_mode():
        same = torch.equal(bench.model(pixels), bench.model(pixels))
    state: State = "passed" if same else "failed"
    return Check("same_answer_twice", state, "same" if same else "differs", {"of": len(pixels)})


def _some_gradient(bench: _Bench) -> Check:
    """Of the pictures that are right as they are: at a picture that is wrong there is nothing to attack."""
    right = bench.pictures[bench.right().nonzero().flatten()]
    zeros = [
        (gradient_sign(bench.model, *_on_model(bench.model, part)).sign == 0).flatten(1).cpu()
        for start in range(0, len(right), at_once(right.images))
        for part in [right[start : start + at_once(right.images)]]
    ]
    zero = torch.cat(zeros) if zeros else torch.zeros(1, 1, dtype=torch.bool)
    none = int(zero.all(1).sum())
    params: dict[str, str | int] = {"zero": f"{100 * zero.double().mean().item():.0f}"}
    if none:
        return Check("some_gradient", "failed", "no_gradient", params | {"none": none, "of": len(right)})
    return Check("some_gradient", "passed", "gradient", params)


def _more_steps(bench: _Bench) -> Check:
    """More steps are a stronger attack where the steps have arrived; McNemar's test says what is beyond chance."""
    before, after = bench.right(ONE_START), bench.right(TWICE_THE_STEPS)
    found = paired(before.tolist(), after.tolist())
    params: dict[str, str | int] = {"before": int(before.sum()), "after": int(after.sum()), "of": len(before)}
    params |= {"gained": found.gained, "lost": found.lost, "p": f"{found.p:.2g}"}
    return Check("more_steps", "failed" if found.shown else "passed", "steps", params)


def _more_starts(bench: _Bench) -> Check:
    """The share that the later starts broke: surely above the limit, where its whole interval is."""
    before, after = bench.right(ONE_START), bench.white_box()
    share = Measured(int((before & ~after).sum()), len(before))
    failed = share.interval()[0] > STARTS
    params = {"before": int(before.sum()), "after": int(after.sum()), "of": len(before)}
    state: State = "failed" if failed else "noted" if share.accuracy > NOTED else "passed"
    return Check("more_starts", state, "starts" if state == "passed" else "starts_low", params)


def _one_step(bench: _Bench) -> Check:
    """Not after catastrophic overfitting (arXiv 2001.03994): right after one large step and after nothing else."""
    clean, before, after = bench.right(), bench.right(FGSM), bench.white_box()
    apart = paired(before.tolist(), after.tolist()).interval()[0]
    failed = apart > ONE_STEP * clean.double().mean().item()
    params = {"clean": int(clean.sum()), "before": int(before.sum()), "after": int(after.sum())}
    return Check("one_step", "failed" if failed else "passed", "one_step", params)


def _unbounded(bench: _Bench) -> Check:
    level = max(UNBOUNDED, bench.epsilon)
    left = Measured.of_each(bench.right(TWICE_THE_STEPS, epsilon=level).tolist())
    failed = left.interval()[0] > NONE_LEFT
    params: dict[str, str | int] = {"after": left.right, "of": left.of}
    sentence, params = ("unbounded", params) if level == UNBOUNDED else ("unbounded_at", params | {"level": level})
    return Check("unbounded", "failed" if failed else "passed", sentence, params)


def _held_against_pgd(name: str, bench: _Bench, right: Tensor, *, betrays: bool = False) -> Check:
    """right: of the pictures that the white box leaves right. One that is broken is proof that the white box missed it;
    how many tells whether its figure is a little too high or its gradient misleads. betrays: what no honest gradient
    loses to fails as soon as the share is surely worth telling.
    """
    gain, left, of = int((~right).sum()), len(right), len(bench.pictures)
    share = gain / of
    sure = betrays and Measured(gain, of).interval()[0] > NOTED
    state: State = "failed" if share > DISTRUSTED or sure else "noted" if share > NOTED else "passed"
    sentence = {"failed": "gain_large", "noted": "gain_told", "passed": "gain"}[state]
    return Check(name, state, sentence, {"gain": gain, "left": left, "of": of})


def _beats(name: str, weaker: NamedProtocol, bench: _Bench) -> Check:
    return _held_against_pgd(name, bench, bench.right(weaker)[bench.white_box()])


def _beats_smoothed(bench: _Bench) -> Check:
    """Where a defence is flat or rippled at the picture itself, the mean over noisy copies still has a slope.

    Expectation over draws, as in arXiv 1802.00420.
    """
    return _held_against_pgd("beats_smoothed", bench, _moved(bench, partial(_smoothed, bench)), betrays=True)


def _beats_search(bench: _Bench) -> Check:
    survivors = bench.survivors()
    if not len(survivors):
        return _held_against_pgd("beats_search", bench, torch.zeros(0, dtype=torch.bool))
    left = right_after_search(bench.model, survivors, epsilon=bench.epsilon, alive=bench.alive)
    return _held_against_pgd("beats_search", bench, left)


def _beats_transfer(bench: _Bench) -> Check:
    return _held_against_pgd("beats_transfer", bench, _moved(bench, partial(_transferred, bench)))


CHECKS: dict[str, Callable[[_Bench], Check]] = {
    "same_answer_twice": _same_answer_twice,
    "some_gradient": _some_gradient,
    "more_steps": _more_steps,
    "more_starts": _more_starts,
    "one_step": _one_step,
    "unbounded": _unbounded,
    "beats_fgsm": partial(_beats, "beats_fgsm", FGSM),
    "beats_noise": partial(_beats, "beats_noise", NOISE),
    "beats_smoothed": _beats_smoothed,
    "beats_search": _beats_search,
    "beats_transfer": _beats_transfer,
}


# --- Attacks that only checks need --------------------------------------------------------------------------------


def _moved(bench: _Bench, attack: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """(survivors of the white box,) bool: left right by the attack, which gets pixels and labels."""
    survivors, right = bench.survivors(), []
    for part in _parts(survivors):
        pixels, labels = _on_model(bench.model, part)
        attacked = attack(pixels, labels)
        with frozen(bench.model), torch.inference_mode():
            right.append((bench.model(attacked).argmax(1) == labels).cpu())
    return torch.cat(right) if right else torch.zeros(0, dtype=torch.bool)


def _parts(pictures: Pictures) -> Iterator[Pictures]:
    step = at_once(pictures.images)
    return (pictures[start : start + step] for start in range(0, len(pictures), step))


def _smoothed(bench: _Bench, pixels: Tensor, labels: Tensor) -> Tensor:
    """PGD along the mean gradient of noisy copies, from the picture itself; the first step that fools is kept."""
    generator, current, strength = Generator().manual_seed(0), pixels, bench.epsilon / 255
    kept, fooled = pixels.clone(), torch.zeros_like(labels, dtype=torch.bool)
    with frozen(bench.model), torch.inference_mode(False):
        for _ in range(BLURRED_STEPS):
            bench.alive()
            slope = torch.zeros_like(pixels)
            for _draw in range(DRAWS):
                noise = BLUR * torch.randn(pixels.shape, generator=generator).to(pixels)
                slope += input_gradient(bench.model, (current + noise).clamp(0, 1), labels)
            current = stepped(current, slope, pixels, epsilon=strength, step_size=2.5 * strength / BLURRED_STEPS)
            kept[~fooled] = current[~fooled]
            with torch.no_grad():
                fooled |= bench.model(kept).argmax(1) != labels
    return kept


def _transferred(bench: _Bench, pixels: Tensor, labels: Tensor) -> Tensor:
    """The pictures as PGD makes them against the other model."""
    assert bench.source is not None  # noqa: S101 (for mypy: the check is run only with one)
    options = {"epsilon": bench.epsilon, "steps": WORST.steps}
    seed = Generator().manual_seed(0)
    made = run(WORST.attack, bench.source, pixels, labels, options, generator=seed, on_step=lambda *_: bench.alive())
    return made.adversarial


def _on_model(model: nn.Module, pictures: Pictures) -> tuple[Tensor, Tensor]:
    """(pixels in [0, 1], labels) where the model computes."""
    batch = pictures.to(next(model.parameters()).device)
    return batch.images.float() / 255, batch.labels


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
