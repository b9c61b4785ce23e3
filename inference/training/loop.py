"""Training a network: one generator of epochs, read from top to bottom.

    for epoch in train(config, folder=folder): ... # epochs; each leaves a checkpoint in the folder
    version = conclude(config, folder=folder) # inference.training.versions: the best epoch, tested once, with its card

Breaking the loop stops early; calling `train` again on the same folder goes on after the last checkpoint. MNIST, LeNet,
the defaults: 99.1 % on the test pictures after 6 epochs (docs/benchmarks.md).
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import SGD, Adam, Optimizer

from attacks.descent import input_gradient
from attacks.frozen import frozen
from attacks.pgd import ends, stepped
from attacks.starts import random_start
from attacks.words import gettext_noop as _
from inference.catalog.configuration import DEFAULTS, TrainingConfig, metric_of
from inference.catalog.errors import BadWeights, Diverged, OutOfMemory
from inference.data.augmentation import augment
from inference.data.base import Data, Pictures, for_network, load_data
from inference.networks import checkpoints
from inference.networks.build import load_tensors
from inference.networks.device import choose_device
from inference.networks.threads import set_threads
from inference.training.conditions import Conditions, conditions, continued, known
from inference.training.model import Trainee, build_trainee
from inference.training.schedule import rate_at, strength_at
from inference.training.validation import Mistake, judge

LAST, BEST = "last.safetensors", "best.safetensors"
LOOKED_AT = 20  # steps between two looks at the loss: each look waits for the device

OnStep = Callable[[int, int], None]  # (pictures seen, pictures of the whole training); may raise to stop the work


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
    best: bool  # the best so far, by metric_of(config)
    mistakes: tuple[Mistake, ...]  # the surest first

    def figures(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self) | {"mistakes": [asdict(mistake) for mistake in self.mistakes]}


@dataclass(frozen=True)
class Session:
    """What the steps of a training share."""

    config: TrainingConfig
    trainee: Trainee
    inputs: Pictures  # what the learner learns from
    optimiser: Optimizer
    on_step: OnStep | None

    def tell(self, epochs: int, seen: int) -> None:
        """How far it is: so many epochs, and so many pictures of the next one."""
        if self.on_step:
            self.on_step(epochs * len(self.inputs) + seen, self.config.epochs * len(self.inputs))


def train(
    config: TrainingConfig,
    data: Data | None = None,
    *,
    folder: Path,
    device: torch.device | None = None,
    on_step: OnStep | None = None,
) -> Iterator[Epoch]:
    """Epochs until the last one, or until patience runs out. Diverged, with a sentence, when the loss is no number.

    folder: where checkpoints lie; one that is there is continued. on_step is called after every step, and now and
    then while an epoch is judged.
    """
    set_threads()
    place = choose_device(device)
    data = for_network(data or load_data(config.dataset), config.network)
    with _own_randomness(config.seed, place):
        trainee = build_trainee(config, data.record, place)
    parts = data.learnt_from(share=config.validation_share, seed=config.seed)
    training, validation = (part.to(place) for part in parts)
    judged = trainee.inputs(validation)
    session = Session(config, trainee, trainee.inputs(training), _optimiser(config, trainee.learner), on_step)
    done = _resume(folder, session)
    under = continued(known(folder / LAST), conditions(place), epoch=len(done) + 1)
    while len(done) < config.epochs and not _patience_is_over(config, done):
        number, started = len(done) + 1, time.perf_counter()
        seed = config.seed * 1_000_003 + number  # of the epoch, so that a resumed one draws the same
        with _own_randomness(seed, place) as generator, _memory_in_words(config, place):
            learnt = _learn(session, number, generator)
            taken = time.perf_counter() - started
            alive = partial(session.tell, number, 0)
            measured = judge(config, trainee, judged, validation=validation, alive=alive)
        _check_finite([measured["validation_loss"]], config, number)
        epoch = Epoch(
            number=number,
            of=config.epochs,
            **learnt,
            **measured,
            seconds=time.perf_counter() - started,
            pictures_per_second=len(session.inputs) / taken,
            best=_is_best(config, measured, done),
        )
        done.append(epoch.figures())
        _save(folder, session, done, under)
        yield epoch


def history(folder: Path) -> list[dict[str, Any]]:
    """The epochs that the last checkpoint in the folder knows of, as Epoch.figures(); none without one."""
    if not (folder / LAST).exists():
        return []
    return checkpoints.load(folder / LAST)[1]["epochs"]


# --- One epoch ----------------------------------------------------------------------------------------------------


def _learn(session: Session, number: int, generator: Generator) -> dict[str, Any]:
    """Every picture once, in a new order."""
    config, trainee, inputs = session.config, session.trainee, session.inputs
    order = torch.randperm(len(inputs), generator=generator).to(inputs.images.device)
    sums = torch.zeros(3, device=order.device)  # loss, wrong answers, gradient norms
    steps = math.ceil(len(inputs) / config.batch_size)
    trainee.learn_mode()
    rate = 0.0
    for step, chosen in enumerate(order.split(config.batch_size)):
        passed = number - 1 + step / steps  # epochs, with the part of this one
        rate = rate_at(config, passed / config.epochs)
        batch = inputs[chosen]
        pixels = trainee.pixels(batch.images)
        if trainee.whole:
            pixels = augment(pixels, config, generator)
            pixels = _attacked(session, pixels, batch.labels, strength_at(config, passed), generator)
        sums += _step(session, pixels, batch.labels, rate)
        if step % LOOKED_AT == 0 or step == steps - 1:
            _check_finite(sums.tolist(), config, number, step + 1)
        session.tell(number - 1, min((step + 1) * config.batch_size, len(inputs)))
    loss, wrong, norms = sums.tolist()
    return {
        "training_loss": loss / len(inputs),
        "training_error": wrong / len(inputs),
        "gradient_norm": norms / steps,
        "learning_rate": rate,
    }


def _step(session: Session, pixels: Tensor, labels: Tensor, rate: float) -> Tensor:
    """One step down the gradient. (3,): sum of the losses, wrong answers, norm of the gradient."""
    learner, optimiser = session.trainee.learner, session.optimiser
    for group in optimiser.param_groups:
        group["lr"] = rate
    logits = learner(pixels)
    loss = cross_entropy(logits, labels)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    norm = torch.nn.utils.get_total_norm([tensor.grad for tensor in learner.parameters() if tensor.grad is not None])
    optimiser.step()
    return torch.stack([loss.detach() * len(labels), (logits.detach().argmax(1) != labels).sum(), norm])


def _attacked(session: Session, pixels: Tensor, labels: Tensor, strength: float, generator: Generator) -> Tensor:
    """The batch under the attack that is trained against; as it is without adversarial training."""
    config, model = session.config, session.trainee.model
    if config.adversarial == "off":
        return pixels
    epsilon = strength * session.trainee.epsilon / 255
    # One step with random start: Wong, Rice, Kolter (arXiv 2001.03994), with their step of 1.25 epsilon.
    steps, reach = (1, 1.25) if config.adversarial == "one-step" else (config.attack_steps, 2.5)
    current, (low, high) = random_start(pixels, epsilon, generator), ends(pixels, epsilon)
    with frozen(model):
        for _ in range(steps):
            gradient = input_gradient(model, current, labels)
            current = stepped(current, gradient.sign_(), low, high, step_size=reach * epsilon / steps)
    return current


def _optimiser(config: TrainingConfig, learner: nn.Module) -> Optimizer:
    """fused: one pass over the weights instead of one for each operation."""
    learning = [parameter for parameter in learner.parameters() if parameter.requires_grad]
    if config.optimiser == "adam":
        return Adam(learning, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)
    return SGD(
        learning,
        lr=config.learning_rate,
        momentum=config.momentum,
        nesterov=config.nesterov,
        weight_decay=config.weight_decay,
        fused=True,
    )


# --- What can go wrong --------------------------------------------------------------------------------------------


def _check_finite(figures: list[float], config: TrainingConfig, epoch: int, step: int | None = None) -> None:
    """Diverged where a figure of that step, or of the whole epoch, is none."""
    if all(map(math.isfinite, figures)):
        return
    rate = f"{config.learning_rate:g}"
    if step is None:
        template = _(
            "The loss was no number any more after epoch %(epoch)s: the network has blown up. "
            "Try a smaller learning rate than %(rate)s, or other first weights."
        )
        raise Diverged(template, epoch=epoch, rate=rate)
    template = _(
        "The loss was no number any more in epoch %(epoch)s, step %(step)s: the network has blown up. "
        "Try a smaller learning rate than %(rate)s, or other first weights."
    )
    raise Diverged(template, epoch=epoch, step=step, rate=rate)


@contextmanager
def _memory_in_words(config: TrainingConfig, device: torch.device) -> Iterator[None]:
    try:
        yield
    except torch.OutOfMemoryError as error:
        template = _(
            "The memory of %(device)s is too small, or too full, for batches of %(pictures)s pictures. "
            "Try a smaller batch size."
        )
        raise OutOfMemory(template, device=str(device), pictures=config.batch_size) from error


# --- Going on, and stopping ---------------------------------------------------------------------------------------


def _resume(folder: Path, session: Session) -> list[dict[str, Any]]:
    """Put everything as it was at the last checkpoint; the epochs until then."""
    checkpoints.remove_drafts(folder)
    try:
        tensors, facts = checkpoints.load(folder / LAST)
    except FileNotFoundError:
        return []
    if DEFAULTS | facts["config"] != asdict(session.config):
        raise BadWeights(
            _("The checkpoint in %(folder)s belongs to a training with other settings."), folder=str(folder)
        )
    load_tensors(session.trainee.network, checkpoints.network_of(tensors))
    checkpoints.restore_optimiser(session.optimiser, tensors)
    return facts["epochs"]


def _save(folder: Path, session: Session, done: list[dict[str, Any]], under: list[Conditions]) -> None:
    """The best first: killed between the two, the last epoch is done again and writes the same."""
    network = session.trainee.network
    facts = {"config": asdict(session.config), "epochs": done, "conditions": under}
    if done[-1]["best"]:
        checkpoints.save(folder / BEST, network, None, facts)
    checkpoints.save(folder / LAST, network, session.optimiser, facts)


def _goodness(config: TrainingConfig, figures: dict[str, Any]) -> float:
    metric = metric_of(config)
    return figures[metric] if metric == "pgd_accuracy" else -figures[metric]


def _is_best(config: TrainingConfig, figures: dict[str, Any], done: list[dict[str, Any]]) -> bool:
    """Among equals the lower loss is better: accuracy under attack is often 0 for a whole warm-up."""

    def rank(epoch: dict[str, Any]) -> tuple[float, float]:
        return _goodness(config, epoch), -epoch["validation_loss"]

    return all(rank(figures) > rank(earlier) for earlier in done)


def _patience_is_over(config: TrainingConfig, done: list[dict[str, Any]]) -> bool:
    """By the metric alone: a loss that creeps down among equals is not what is waited for."""
    if not config.patience or not done:
        return False
    best = max(done, key=lambda figures: _goodness(config, figures))  # the first of equals
    return done[-1]["number"] - best["number"] >= config.patience


# --- Chance -------------------------------------------------------------------------------------------------------


@contextmanager
def _own_randomness(seed: int, device: torch.device) -> Iterator[Generator]:
    """All chance inside comes from `seed`: the generator given, and torch's global one, from which dropout draws.

    The caller's random numbers go on afterwards as if nothing had been drawn.
    """
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield Generator().manual_seed(seed)
