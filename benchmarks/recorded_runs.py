"""Trainings made to underfit, fit, overfit and collapse, whose figures the tests of the verdict read.

    python -m benchmarks.recorded_runs [NAME ...] [--write]

prints what each comes to, and with --write records it in tests/data/runs; those on MNIST set the thresholds of
inference/catalog/diagnosis.py, those on Fashion-MNIST did not. Two datasets are made here, for they need no download:
"textures" are 32 × 32 crops of three photographs of scikit-image, as few as somebody's own pictures; "tinted" is
Fashion-MNIST in the shape of CIFAR-10, 32 × 32 in random tints: colour pictures, yet easier than CIFAR-10.
The collapsed network of MNIST is recorded too, in
tests/data/collapsed.safetensors: the checks for masking must find it out. Minutes each at most.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

import inference.training.loop
from inference.catalog.configuration import TrainingConfig, validate
from inference.catalog.datasets import DATASETS
from inference.catalog.diagnosis import verdict
from inference.data.base import Data, Pictures, load_data, statistics
from inference.networks import checkpoints
from inference.training.model import build_trainee
from tests.support.small import textures

TESTS = Path(__file__).parents[1] / "tests" / "data"
COLLAPSED = "mnist-collapse"


@dataclass(frozen=True)
class Run:
    """A training on the first so many pictures, and what it was made to show."""

    meant: str  # a key of inference.catalog.diagnosis.NAMES
    pictures: int
    settings: Mapping[str, Any]
    random_start: bool = True


def tinted() -> Data:
    """The first 2,000 pictures of Fashion-MNIST, each in a tint of its own, with a border of two pixels."""
    fashion = load_data("fashion-mnist")
    generator = torch.Generator().manual_seed(0)

    def part(pictures: Pictures) -> Pictures:
        grey = torch.nn.functional.pad(pictures.images[:2_000].float(), (2, 2, 2, 2))
        tints = 0.4 + 0.6 * torch.rand(len(grey), 3, 1, 1, generator=generator)
        return Pictures((grey * tints).round().to(torch.uint8), pictures.labels[:2_000])

    training, test = part(fashion.training), part(fashion.test)
    mean, std = statistics(training.images.split(1000))
    labels = fashion.record.labels
    record = replace(DATASETS["cifar10"], slug="tinted", name="Tinted", labels=labels, mean=mean, std=std)
    return Data(record, training, test)


def crops() -> Data:
    """Brick, grass and gravel, mixed: 100 crops of each to learn from."""
    made = textures(side=32, training=100, test=20)
    mixed = torch.randperm(len(made.training), generator=torch.Generator().manual_seed(0))
    return Data(made.record, made.training[mixed], made.test)


MADE_HERE: Mapping[str, Callable[[], Data]] = {"tinted": tinted, "textures": crops}


FASHION = {"dataset": "fashion-mnist"}
FEW = {"robust_pictures": 200}
# FGSM training as it was first proposed, from the picture itself: no setting offers it, for it collapses.
ONE_STEP = {"adversarial": "one-step", "optimiser": "adam", "learning_rate": 0.002, "weight_decay": 0.0, "warmup": 2}
TINTED = {"dataset": "tinted", "network": "convnet", "robust_pictures": 40}
TEXTURES = {"dataset": "textures", "network": "convnet", "robust_pictures": 40}
RUNS: Mapping[str, Run] = {
    "mnist-underfitting": Run(
        "underfitting", 10_000, FEW | {"learning_rate": 0.002, "momentum": 0.0, "schedule": "constant", "epochs": 4}
    ),
    "mnist-good_fit": Run("good_fit", 60_000, FEW),
    "mnist-overfitting": Run("overfitting", 300, FEW | {"epochs": 60}),
    COLLAPSED: Run("collapse", 15_000, FEW | ONE_STEP | {"epochs": 16}, random_start=False),
    "fashion-mnist-underfitting": Run(
        "underfitting",
        10_000,
        FASHION | FEW | {"activation": "sigmoid", "initialisation": "xavier", "optimiser": "adam"}
        | {"learning_rate": 0.0005, "epochs": 4},
    ),
    "fashion-mnist-good_fit": Run("good_fit", 60_000, FASHION | FEW),
    "fashion-mnist-overfitting": Run("overfitting", 2_000, FASHION | FEW | {"width": 2, "epochs": 40}),
    "fashion-mnist-collapse": Run(
        "collapse", 15_000, FASHION | FEW | ONE_STEP | {"epochs": 16, "epsilon": 77}, random_start=False
    ),
    "textures-not_learning": Run(
        "not_learning", 300, TEXTURES | {"learning_rate": 0.0003, "momentum": 0.0, "epochs": 3}
    ),
    "textures-good_fit": Run("good_fit", 300, TEXTURES | {"epochs": 20}),
    "textures-overfitting": Run("overfitting", 40, TEXTURES | {"epochs": 30, "validation_share": 0.5}),
    "tinted-underfitting": Run("underfitting", 1_500, TINTED | {"learning_rate": 0.005, "epochs": 2}),
}  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RUNS)}; default: all")
    options.add_argument("--write", action="store_true", help="record the figures")
    given = options.parse_args()
    for name in given.names or RUNS:
        with tempfile.TemporaryDirectory() as folder:
            show(name, write=given.write, folder=Path(folder))


def show(name: str, *, write: bool, folder: Path) -> None:
    """Train, print the last epoch and the verdict, and record them if told to."""
    run = RUNS[name]
    whole = load(str(run.settings.get("dataset", "mnist")))
    config = validate(run.settings, datasets={**DATASETS, whole.record.slug: whole.record})
    epochs = list(trained(run, config, whole, folder))
    found = verdict(epochs, config, classes=len(whole.record.labels))
    print(f"{name}: {found.code}. {found.reason} {found.advice}", flush=True)
    if write:
        record(name, run, config, epochs, classes=len(whole.record.labels))
        if name == COLLAPSED:
            keep_network(config, folder)


def load(dataset: str) -> Data:
    return MADE_HERE[dataset]() if dataset in MADE_HERE else load_data(dataset)


def trained(run: Run, config: TrainingConfig, whole: Data, folder: Path) -> Iterator[dict[str, Any]]:
    """The figures of each epoch, without the pictures it got wrong."""
    data = Data(whole.record, whole.training[: run.pictures], whole.test[:1])
    with starting(at_random=run.random_start):
        for epoch in inference.training.loop.train(config, data, folder=folder):
            yield {key: value for key, value in epoch.figures().items() if key != "mistakes"}


@contextmanager
def starting(*, at_random: bool) -> Iterator[None]:
    """Inside, attacks in training begin at the picture itself unless `at_random`."""
    before = inference.training.loop.random_start
    if not at_random:
        inference.training.loop.random_start = lambda images, *_rest: images
    try:
        yield
    finally:
        inference.training.loop.random_start = before


def record(name: str, run: Run, config: TrainingConfig, epochs: list[dict[str, Any]], *, classes: int) -> None:
    facts = {
        "made_by": f"python -m benchmarks.recorded_runs {name} --write",
        "meant": run.meant,
        "pictures": run.pictures,
        "classes": classes,
        "random_start": run.random_start,
        "config": asdict(config),
        "epochs": epochs,
    }
    text = json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    checkpoints.write_atomically(TESTS / "runs" / f"{name}.json", text.encode())


def keep_network(config: TrainingConfig, folder: Path) -> None:
    """The network of the last epoch, without its optimiser, and how it was made."""
    tensors, _facts = checkpoints.load(folder / inference.training.loop.LAST)
    network = checkpoints.network_of(tensors)
    facts = {"made_by": f"python -m benchmarks.recorded_runs {COLLAPSED} --write", "config": asdict(config)}
    trainee = build_trainee(config, load_data(config.dataset).record, next(iter(network.values())).device)
    inference.training.loop.load_tensors(trainee.network, network)
    checkpoints.save(TESTS / "collapsed.safetensors", trainee.network, None, facts)


if __name__ == "__main__":
    main()
