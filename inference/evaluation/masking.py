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
from attacks.pgd import ends, stepped
from inference.catalog.comparison import Measured, paired
from inference.catalog.masking_checks import DISTRUSTED, NOTED, TITLES, UNBOUNDED, Check, Found, State
from inference.catalog.protocols import (
    APGD,
    FGSM,
    NOISE,
    ONE_START,
    SEARCH,
    TWICE_THE_STEPS,
    WORST,
    NamedProtocol,
    Protocol,
)
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
            self.kept[protocol] = outcomes(self.model, self.pictures, protocol, on_step=self.tell)
        return self.kept[protocol]

    def tell(self, _done: int, _total: int) -> None:
        """Called at each step of an attack."""
        self.alive()

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
    params: dict[str, str | int] = {"zero": f"{100 * zero.cpu().double().mean().item():.0f}"}
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
    failed = apart > ONE_STEP * clean.cpu().double().mean().item()
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


def _beats_survivors(name: str, other: NamedProtocol, bench: _Bench) -> Check:
    """An attack that takes its time is tried on what the white box leaves right, and on nothing else."""
    survivors = bench.survivors()
    if not len(survivors):
        return _held_against_pgd(name, bench, torch.zeros(0, dtype=torch.bool))
    protocol = other.at(bench.epsilon, len(survivors))
    return _held_against_pgd(name, bench, outcomes(bench.model, survivors, protocol, on_step=bench.tell))


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
    "beats_apgd": partial(_beats_survivors, "beats_apgd", APGD),
    "beats_search": partial(_beats_survivors, "beats_search", SEARCH),
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
    low, high = ends(pixels, strength)
    with frozen(bench.model), torch.inference_mode(False):
        for _ in range(BLURRED_STEPS):
            bench.alive()
            slope = torch.zeros_like(pixels)
            for _draw in range(DRAWS):
                noise = BLUR * torch.randn(pixels.shape, generator=generator).to(pixels)
                slope += input_gradient(bench.model, (current + noise).clamp(0, 1), labels)
            current = stepped(current, slope.sign_(), low, high, step_size=2.5 * strength / BLURRED_STEPS)
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
