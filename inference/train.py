"""Training a network: one generator of epochs, read from top to bottom.

    for epoch in train(config, folder=folder): ...     # epochs; each leaves a checkpoint in the folder
    version = conclude(config, folder=folder)          # inference.versions: the best epoch, tested once, with its card

Breaking the loop stops early; calling `train` again on the same folder goes on after the last checkpoint. MNIST, LeNet,
the defaults: 99.1 % on the test pictures after 5 epochs (docs/benchmarks.md).
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import SGD, Adam, Optimizer

from attacks.fgsm import fgsm
from attacks.pgd import input_gradient, pgd, random_start, stepped
from attacks.still import held_still
from inference import checkpoints
from inference.augmentation import augment
from inference.configuration import TrainingConfig
from inference.data import Data, Pictures, load_data, split
from inference.device import pick_device, set_threads
from inference.failures import Diverged
from inference.networks import load_tensors
from inference.trainee import Trainee, build_trainee

LAST, BEST = "last.safetensors", "best.safetensors"
JUDGED_AT_ONCE = 500  # pictures
PGD_STEPS = 10  # of the attack that each epoch is measured with; the final figures take 20
MISTAKES = 12  # validation pictures an epoch remembers to have got wrong
LOOKED_AT = 20  # steps between two looks at the loss: each look waits for the device

OnStep = Callable[[int, int], None]  # (pictures seen, pictures of the whole training); may raise to stop the work


@dataclass(frozen=True)
class Mistake:
    """A validation picture that got another class than its own; `index` counts the validation pictures."""

    index: int
    truth: int
    said: int
    probability: float


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to. Errors and accuracies are shares from 0 to 1; None was not measured."""

    number: int  # from 1
    of: int
    training_loss: float  # mean over the epoch's steps, of what was learnt from: with augmentation, dropout and attacks
    training_error: float
    validation_loss: float
    validation_error: float
    fgsm_accuracy: float | None  # on the first `robust_pictures` validation pictures, true label, strength epsilon
    pgd_accuracy: float | None  # likewise, PGD-10 with one random start
    gradient_norm: float  # L2 norm of the gradient with respect to all weights, mean over the steps
    learning_rate: float  # at the last step
    seconds: float
    pictures_per_second: float  # training steps alone
    best: bool  # the best so far, by config.metric
    mistakes: tuple[Mistake, ...]  # the surest first

    def figures(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self) | {"mistakes": [asdict(mistake) for mistake in self.mistakes]}


def train(
    config: TrainingConfig,
    data: Data | None = None,
    *,
    folder: Path,
    device: torch.device | None = None,
    on_step: OnStep | None = None,
) -> Iterator[Epoch]:
    """Epochs until the last one, or until patience runs out. Diverged, with a sentence, when the loss is no number.

    folder: where checkpoints lie; one that is there is continued. on_step is called after every step.
    """
    set_threads()
    place = device or pick_device()
    data = data or load_data(config.dataset)
    with _own_randomness(config.seed):
        trainee = build_trainee(config, data.record, place)
    parts = split(data.training, share=config.validation_share, seed=config.seed)
    training, validation = (part.to(place) for part in parts)
    inputs, judged = trainee.inputs(training), trainee.inputs(validation)
    optimiser = _optimiser(config, trainee.learner)
    done = _resume(folder, trainee, optimiser)
    while len(done) < config.epochs and not _patience_is_over(config, done):
        number, started = len(done) + 1, time.perf_counter()
        seed = (config.seed * 1_000_003 + number) % 2**63  # of the epoch, so that a resumed one draws the same
        with _own_randomness(seed) as generator:
            learnt = _learn(config, trainee, inputs, optimiser, number, generator, on_step)
            taken = time.perf_counter() - started
            measured = _judge(config, trainee, judged, validation, generator)
        epoch = Epoch(
            number=number,
            of=config.epochs,
            **learnt,
            **measured,
            seconds=time.perf_counter() - started,
            pictures_per_second=len(inputs) / taken,
            best=_is_best(config, measured, done),
        )
        done.append(epoch.figures())
        _save(folder, trainee, optimiser, done)
        yield epoch


def history(folder: Path) -> list[dict[str, Any]]:
    """The epochs that the last checkpoint in the folder knows of, as Epoch.figures(); none without one."""
    if not (folder / LAST).exists():
        return []
    return checkpoints.load(folder / LAST)[1]["epochs"]


# --- One epoch ----------------------------------------------------------------------------------------------------


def _learn(
    config: TrainingConfig,
    trainee: Trainee,
    inputs: Pictures,
    optimiser: Optimizer,
    number: int,
    generator: Generator,
    on_step: OnStep | None,
) -> dict[str, Any]:
    """Every picture once, in a new order."""
    order = torch.randperm(len(inputs), generator=generator).to(inputs.images.device)
    loss_sum, wrong, norms = (torch.zeros((), device=order.device) for _ in range(3))
    steps = math.ceil(len(inputs) / config.batch_size)
    trainee.learn_mode()
    rate = 0.0
    for step, chosen in enumerate(order.split(config.batch_size)):
        rate = _set_rate(config, optimiser, done=(number - 1) * steps + step, total=config.epochs * steps)
        batch = inputs[chosen]
        pixels = trainee.pixels(batch.images)
        if trainee.whole:
            pixels = augment(pixels, config, generator)
            strength = strength_at(config, number - 1 + step / steps)
            pixels = _attacked(config, trainee, pixels, batch.labels, strength, generator)
        logits = trainee.learner(pixels)
        loss = cross_entropy(logits, batch.labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norms += _norm(trainee.learner)
        optimiser.step()
        loss_sum += loss.detach() * len(batch)
        wrong += (logits.detach().argmax(1) != batch.labels).sum()
        if step % LOOKED_AT == 0 or step == steps - 1:
            _check_finite(loss_sum, config, number, step)
        if on_step:
            seen = (number - 1) * len(inputs) + min((step + 1) * config.batch_size, len(inputs))
            on_step(seen, config.epochs * len(inputs))
    sums = torch.stack([loss_sum, wrong, norms]).double().cpu()
    return {
        "training_loss": sums[0].item() / len(inputs),
        "training_error": sums[1].item() / len(inputs),
        "gradient_norm": sums[2].item() / steps,
        "learning_rate": rate,
    }


def _attacked(
    config: TrainingConfig, trainee: Trainee, pixels: Tensor, labels: Tensor, strength: float, generator: Generator
) -> Tensor:
    """The batch under the attack that is trained against; as it is without adversarial training."""
    if config.adversarial == "off":
        return pixels
    epsilon = strength * trainee.epsilon / 255
    # One step with random start: Wong, Rice, Kolter (arXiv 2001.03994), with their step of 1.25 epsilon.
    steps, reach = (1, 1.25) if config.adversarial == "one-step" else (config.attack_steps, 2.5)
    current = random_start(pixels, epsilon, generator)
    with held_still(trainee.model):
        for _ in range(steps):
            gradient = input_gradient(trainee.model, current, labels)
            current = stepped(current, gradient, pixels, epsilon=epsilon, step_size=reach * epsilon / steps)
    return current


def strength_at(config: TrainingConfig, epochs: float) -> float:
    """The share of epsilon that is attacked with after so many epochs: growing from nothing over the warm-up."""
    return min(1.0, epochs / config.warmup) if config.warmup else 1.0


def _judge(
    config: TrainingConfig, trainee: Trainee, inputs: Pictures, validation: Pictures, generator: Generator
) -> dict[str, Any]:
    """Loss, error and mistakes on the validation pictures, and accuracy under attack on the first of them."""
    with held_still(trainee.learner), torch.inference_mode():
        batches = zip(inputs.images.split(JUDGED_AT_ONCE), inputs.labels.split(JUDGED_AT_ONCE), strict=True)
        logits = torch.cat([trainee.learner(trainee.pixels(images)) for images, _labels in batches])
    loss = cross_entropy(logits.double(), inputs.labels).item()
    said = logits.argmax(1)
    return {
        "validation_loss": loss,
        "validation_error": (said != inputs.labels).double().mean().item(),
        "mistakes": _mistakes(logits, inputs.labels),
        **_under_attack(config, trainee, validation, generator),
    }


def _under_attack(
    config: TrainingConfig, trainee: Trainee, validation: Pictures, generator: Generator
) -> dict[str, float | None]:
    chosen = validation[: config.robust_pictures]
    if not len(chosen):
        return {"fgsm_accuracy": None, "pgd_accuracy": None}
    epsilon, right = trainee.epsilon / 255, {"fgsm": 0, "pgd": 0}
    batches = zip(chosen.images.split(JUDGED_AT_ONCE), chosen.labels.split(JUDGED_AT_ONCE), strict=True)
    for images, labels in batches:
        pixels = images.float() / 255
        attacked = {
            "fgsm": fgsm(trainee.model, pixels, labels, epsilon=epsilon),
            "pgd": pgd(trainee.model, pixels, labels, epsilon=epsilon, steps=PGD_STEPS, generator=generator),
        }
        with held_still(trainee.model), torch.inference_mode():
            for name, changed in attacked.items():
                right[name] += int((trainee.model(changed).argmax(1) == labels).sum())
    return {f"{name}_accuracy": count / len(chosen) for name, count in right.items()}


def _mistakes(logits: Tensor, labels: Tensor) -> tuple[Mistake, ...]:
    probabilities, said = logits.softmax(1).max(1)
    wrong = (said != labels).nonzero().flatten()
    surest = wrong[probabilities[wrong].argsort(descending=True, stable=True)][:MISTAKES]
    return tuple(
        Mistake(index, int(labels[index]), int(said[index]), round(float(probabilities[index]), 4))
        for index in surest.tolist()
    )


# --- Steps --------------------------------------------------------------------------------------------------------


def _optimiser(config: TrainingConfig, learner: nn.Module) -> Optimizer:
    learning = [parameter for parameter in learner.parameters() if parameter.requires_grad]
    if config.optimiser == "adam":
        return Adam(learning, lr=config.learning_rate, weight_decay=config.weight_decay)
    return SGD(
        learning,
        lr=config.learning_rate,
        momentum=config.momentum,
        nesterov=config.nesterov,
        weight_decay=config.weight_decay,
    )


def rate_at(config: TrainingConfig, done: float) -> float:
    """The learning rate when this share, 0 to 1, of all steps is done: a function of nothing else, so it can resume."""
    top = config.learning_rate
    if config.schedule == "constant":
        return top
    if config.schedule == "cosine":
        return top * (1 + math.cos(math.pi * done)) / 2
    rise = 0.3  # one cycle (arXiv 1708.07120): up from a 25th for three tenths of the way, then down to nothing
    if done < rise:
        return top * (1 / 25 + (1 - 1 / 25) * (1 - math.cos(math.pi * done / rise)) / 2)
    return top * (1 + math.cos(math.pi * (done - rise) / (1 - rise))) / 2


def _set_rate(config: TrainingConfig, optimiser: Optimizer, *, done: int, total: int) -> float:
    rate = rate_at(config, done / total)
    for group in optimiser.param_groups:
        group["lr"] = rate
    return rate


def _norm(learner: nn.Module) -> Tensor:
    return torch.nn.utils.get_total_norm([tensor.grad for tensor in learner.parameters() if tensor.grad is not None])


def _check_finite(loss_sum: Tensor, config: TrainingConfig, number: int, step: int) -> None:
    if not math.isfinite(loss_sum.item()):
        raise Diverged(
            f"The loss was no number any more in epoch {number}, step {step + 1}: the network has blown up. "
            f"Try a smaller learning rate than {config.learning_rate:g}, or other first weights."
        )


# --- Going on, and stopping ---------------------------------------------------------------------------------------


def _resume(folder: Path, trainee: Trainee, optimiser: Optimizer) -> list[dict[str, Any]]:
    """Put everything as it was at the last checkpoint; the epochs until then."""
    try:
        tensors, facts = checkpoints.load(folder / LAST)
    except FileNotFoundError:
        return []
    load_tensors(trainee.network, checkpoints.network_of(tensors))
    checkpoints.restore_optimiser(optimiser, tensors)
    return facts["epochs"]


def _save(folder: Path, trainee: Trainee, optimiser: Optimizer, done: list[dict[str, Any]]) -> None:
    """The best first: killed between the two, the last epoch is done again and writes the same."""
    if done[-1]["best"]:
        checkpoints.save(folder / BEST, trainee.network, None, {"epoch": done[-1]["number"]})
    checkpoints.save(folder / LAST, trainee.network, optimiser, {"epochs": done})


def _goodness(config: TrainingConfig, figures: dict[str, Any]) -> float:
    value = figures[config.metric]
    return value if config.metric == "pgd_accuracy" else -value


def _is_best(config: TrainingConfig, figures: dict[str, Any], done: list[dict[str, Any]]) -> bool:
    return all(_goodness(config, figures) > _goodness(config, earlier) for earlier in done)


def _patience_is_over(config: TrainingConfig, done: list[dict[str, Any]]) -> bool:
    if not config.patience or not done:
        return False
    best = max(figures["number"] for figures in done if figures["best"])
    return done[-1]["number"] - best >= config.patience


# --- Chance -------------------------------------------------------------------------------------------------------


@contextmanager
def _own_randomness(seed: int) -> Iterator[Generator]:
    """All chance inside comes from `seed`: the generator given, and torch's global one, from which dropout draws.

    The caller's random numbers go on afterwards as if nothing had been drawn.
    """
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    try:
        yield Generator().manual_seed(seed)
    finally:
        torch.set_rng_state(state)
