"""What a training leaves: weights, and the card that tells everything about them.

A version is a folder `<identity>` with `card.json` and `weights.safetensors`; `inference.load` serves it.
"""

import hashlib
import json
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as to_bytes
from torch import Tensor

from attacks.words import gettext_noop as _
from inference.catalog.comparison import Measured
from inference.catalog.configuration import TrainingConfig
from inference.catalog.errors import BadWeights
from inference.catalog.identity import identity_of
from inference.catalog.networks import NETWORKS, input_size
from inference.catalog.protocols import TESTED
from inference.data.base import Data, for_network, load_data
from inference.evaluation.accuracy import OnStep, as_json, confusion, evaluate, predictions
from inference.networks import checkpoints
from inference.networks.classifier import Classifier, load
from inference.networks.device import choose_device, describe
from inference.networks.threads import threads
from inference.training.conditions import known
from inference.training.loop import BEST, LAST, history
from inference.training.model import normalisation

WEIGHTS, CARD = "weights.safetensors", "card.json"


@dataclass(frozen=True)
class Version:
    """A version on this machine's disk."""

    identity: str  # over weights and card, inference.catalog.identity
    sha256: str  # of the weights
    folder: Path
    card: dict[str, Any]


def conclude(
    config: TrainingConfig,
    data: Data | None = None,
    *,
    folder: Path,
    device: torch.device | None = None,
    on_step: OnStep | None = None,
) -> Version:
    """The best epoch in a training's folder as a version, below `folder`/versions: tested, once, on the test part.

    BadWeights when no epoch was finished. Done twice it gives the same version.
    """
    data = data or load_data(config.dataset)
    place = choose_device(device)
    tensors, epochs, best = _best(folder)
    network = checkpoints.network_of(tensors)
    if not checkpoints.is_finite(network):
        raise BadWeights(_("The best epoch's weights hold values that are no numbers."))
    weights = to_bytes({name: tensor.contiguous() for name, tensor in network.items()})
    sha256 = hashlib.sha256(weights).hexdigest()
    card = _described(config, data, sha256) | {"best_epoch": best, "curves": _curves(epochs)}
    identity = identity_of(sha256, card)
    home = folder / "versions" / identity
    checkpoints.write_atomically(home / WEIGHTS, weights)
    if made := _made_before(home):
        return Version(identity, sha256, home, made)
    _write_card(home, card)
    classifier = load(home, place)
    test = tested(classifier, config, for_network(data, config.network), on_step=on_step)
    card |= {"accuracy": _accuracy(data, test), "test": test, "made": _made(epochs, place, folder)}
    _write_card(home, card)
    return Version(identity, sha256, home, card)


def _best(folder: Path) -> tuple[dict[str, Tensor], list[dict[str, Any]], int]:
    """(tensors of the best epoch, all epochs, its number); BadWeights if there is none yet."""
    try:
        tensors, facts = checkpoints.load(folder / BEST)
    except FileNotFoundError as error:
        raise BadWeights(_("No epoch was finished, so that there is no network yet.")) from error
    # Killed between the two checkpoints, the best one knows an epoch more than the last one.
    return tensors, max(facts["epochs"], history(folder), key=len), len(facts["epochs"])


def _made_before(home: Path) -> dict[str, Any] | None:
    """The card, if it is finished: a version stays as it is."""
    if not (home / CARD).exists():
        return None
    card = json.loads((home / CARD).read_text(encoding="utf-8"))
    return card if "made" in card else None


def _described(config: TrainingConfig, data: Data, sha256: str) -> dict[str, Any]:
    """What the classifier needs, and what it was made from."""
    record, network = data.record, NETWORKS[config.network]
    training, validation = data.learnt_from(share=config.validation_share, seed=config.seed)
    counts = {"training": len(training), "validation": len(validation), "test": len(data.test)}
    return {
        "name": f"{network.name} · {record.name}{'' if config.adversarial == 'off' else ', hardened'}",
        "network": config.network,
        "options": {name: getattr(config, name) for name in network.options},
        "preparation": record.preparation,
        "levels": record.levels,
        "epsilon": config.epsilon or record.epsilon,
        "input_size": input_size(network, record.size),
        "normalisation": normalisation(config, record),
        "trained_on": f"{record.name}: {len(training)} pictures, {len(validation)} more to validate",
        "licence": record.licence,
        "source": record.source,
        "weights": {"file": WEIGHTS, "sha256": sha256},
        "dataset": {"slug": record.slug, "name": record.name, "sha256": data.sha256, **counts},
        "split": _split(config, data),
        "config": asdict(config),
        "labels": list(record.labels),
    }


def _split(config: TrainingConfig, data: Data) -> dict[str, Any]:
    """How the pictures to validate with were chosen."""
    if data.validation:
        return {"given": True}
    return {"seed": config.seed, "validation_share": config.validation_share}


def tested(
    classifier: Classifier, config: TrainingConfig, data: Data, *, on_step: OnStep | None = None
) -> dict[str, Any]:
    """The figures of a card: right on all test pictures, and under each protocol on the first of them."""
    said = predictions(classifier, data.test)
    clean = Measured.of_each((said == data.test.labels).tolist())
    epsilon = config.epsilon or data.record.epsilon
    count = min(NETWORKS[config.network].tested, len(data.test))
    attacked = {
        name: as_json(evaluate(classifier, data.test, protocol, on_step=on_step), protocol)
        for name, named in TESTED.items()
        for protocol in [named.at(epsilon, count)]
    }
    return clean.as_json() | attacked | {"confusion": confusion(said, data.test.labels, len(data.record.labels))}


def _accuracy(data: Data, tested: dict[str, Any]) -> dict[str, Any]:
    """The clean figure where every classifier's card has it."""
    counted = {"on": f"the test pictures of {data.record.name}", "right": tested["right"], "of": tested["of"]}
    return {"measured": [counted], "measured_by": "inference.training.versions.conclude, at the end of the training"}


def _made(epochs: list[dict[str, Any]], device: torch.device, folder: Path) -> dict[str, Any]:
    """When, where, with what, and how long the epochs took.

    trained_under has more than one entry if it went on under other conditions.
    """
    packages = ("torch", "torchvision", "timm", "safetensors", "numpy")
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(sum(epoch["seconds"] for epoch in epochs), 1),
        "machine": f"{platform.system()} {platform.machine()}",
        "device": describe(device),
        "threads": threads(),
        "python": platform.python_version(),
        "libraries": {package: installed(package) for package in packages},
        "trained_under": known(folder / LAST),
        "same_bits_again": device.type == "cpu",  # under the same conditions; other devices may add in any order
        "commit": _commit(),
    }


def _commit() -> str | None:
    """Of the code that trained; None outside a checkout."""
    command = ["git", "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def _curves(epochs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in epoch.items() if name != "mistakes"} for epoch in epochs]


def _write_card(home: Path, card: dict[str, Any]) -> None:
    checkpoints.write_atomically(home / CARD, json.dumps(card, indent=1, ensure_ascii=False, allow_nan=False).encode())
