"""Trainings made to underfit, fit, overfit and collapse, whose figures the tests of the verdict read.

    python -m benchmarks.recorded_runs [NAME ...] [--write]

prints what each comes to, and with --write records it in tests/data/runs; those on MNIST set the thresholds of
inference/verdict.py, those on Fashion-MNIST did not. The collapsed network of MNIST is recorded too, in
tests/data/collapsed.safetensors: the checks for masking must find it out. Minutes each at most.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import inference.train
from inference import checkpoints
from inference.configuration import TrainingConfig, validate
from inference.data import Data, load_data
from inference.trainee import build_trainee
from inference.verdict import verdict

TESTS = Path(__file__).parents[1] / "tests" / "data"
COLLAPSED = "mnist-collapse"


@dataclass(frozen=True)
class Run:
    """A training on the first so many pictures, and what it was made to show."""

    meant: str  # a key of inference.verdict.NAMES
    pictures: int
    settings: Mapping[str, Any]
    random_start: bool = True


FASHION = {"dataset": "fashion-mnist"}
FEW = {"robust_pictures": 200}
# FGSM training as it was first proposed, from the picture itself: no setting offers it, for it collapses.
ONE_STEP = {"adversarial": "one-step", "optimiser": "adam", "learning_rate": 0.002, "weight_decay": 0.0, "warmup": 2}
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
    run, config = RUNS[name], validate(RUNS[name].settings)
    epochs = list(trained(run, config, folder))
    found = verdict(epochs, config)
    print(f"{name}: {found.code}. {found.reason} {found.advice}", flush=True)
    if write:
        record(name, run, config, epochs)
        if name == COLLAPSED:
            keep_network(config, folder)


def trained(run: Run, config: TrainingConfig, folder: Path) -> Iterator[dict[str, Any]]:
    """The figures of each epoch, without the pictures it got wrong."""
    whole = load_data(config.dataset)
    data = Data(whole.record, whole.training[: run.pictures], whole.test[:1])
    with starting(at_random=run.random_start):
        for epoch in inference.train.train(config, data, folder=folder):
            yield {key: value for key, value in epoch.figures().items() if key != "mistakes"}


@contextmanager
def starting(*, at_random: bool) -> Iterator[None]:
    """Inside, attacks in training begin at the picture itself unless `at_random`."""
    before = inference.train.random_start
    if not at_random:
        inference.train.random_start = lambda images, *_rest: images
    try:
        yield
    finally:
        inference.train.random_start = before


def record(name: str, run: Run, config: TrainingConfig, epochs: list[dict[str, Any]]) -> None:
    told = {
        "made_by": f"python -m benchmarks.recorded_runs {name} --write",
        "meant": run.meant,
        "pictures": run.pictures,
        "random_start": run.random_start,
        "config": asdict(config),
        "epochs": epochs,
    }
    text = json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    checkpoints.write_atomically(TESTS / "runs" / f"{name}.json", text.encode())


def keep_network(config: TrainingConfig, folder: Path) -> None:
    """The network of the last epoch, without its optimiser, and how it was made."""
    tensors, _facts = checkpoints.load(folder / inference.train.LAST)
    network = checkpoints.network_of(tensors)
    facts = {"made_by": f"python -m benchmarks.recorded_runs {COLLAPSED} --write", "config": asdict(config)}
    trainee = build_trainee(config, load_data(config.dataset).record, next(iter(network.values())).device)
    inference.train.load_tensors(trainee.network, network)
    checkpoints.save(TESTS / "collapsed.safetensors", trainee.network, None, facts)


if __name__ == "__main__":
    main()
