"""The command that measures a network: how often it is right, as it is and under attack."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.catalog.classifiers import card_of
from inference.catalog.datasets import DATASETS, DatasetRecord, find
from inference.catalog.installation import pictures_of
from inference.catalog.masking_checks import PICTURES, Found
from inference.catalog.protocols import TESTED
from inference.cli.common import (
    BadInput,
    about_classifier,
    add_command,
    grey_levels,
    load_classifier,
    load_own,
    named_classifier,
    whole,
)
from inference.cli.progress import Bar
from inference.cli.report_training import check_lines, figure_lines

if TYPE_CHECKING:
    from inference.catalog.protocols import Protocol
    from inference.data.base import Data

ATTACKED = 1000  # test pictures
ADJUSTABLE, STEPS = next((name, named.steps) for name, named in TESTED.items() if named.adjustable)


def add_to(commands: Any) -> None:
    """Its options."""
    parser = add_command(commands, evaluate)
    parser.add_argument(
        "classifier",
        type=named_classifier,
        metavar="CLASSIFIER",
        help="its name, the folder of a version or of a training, or the first 8 digits or more of a version's hash",
    )
    parser.add_argument("--dataset", metavar="NAME", help="whose test pictures (default: of what it learnt from)")
    parser.add_argument(
        "--attack",
        choices=list(TESTED),
        help=f"untargeted, away from the true label; {', '.join(map(_described, TESTED))}, as every version is judged",
    )
    parser.add_argument(
        "--epsilon", type=grey_levels(1, 255), metavar="LEVELS", help="default: what is usual for the dataset"
    )
    parser.add_argument("--steps", type=whole(1, 1000), metavar="NUMBER", help=f"of {ADJUSTABLE}; default: {STEPS}")
    parser.add_argument("--restarts", type=whole(1, 100), metavar="NUMBER", help=f"of {ADJUSTABLE}; default: 1")
    parser.add_argument(
        "--pictures",
        type=whole(1, 1_000_000),
        metavar="NUMBER",
        help=f"only the first so many; default: all, and {ATTACKED} under attack",
    )
    parser.add_argument(
        "--seed", type=whole(0, 2**31 - 1), default=0, metavar="NUMBER", help="of the random starts; default: 0"
    )
    parser.add_argument(
        "--checks", action="store_true", help=f"look for masked gradients, on the first {PICTURES} pictures at most"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def evaluate(options: argparse.Namespace) -> None:
    """How many of a dataset's test pictures a network names correctly, as they are and under attack."""
    card = card_of(options.classifier)
    _check_attack(options)
    named = _named(options.dataset or pictures_of(options.classifier), card)

    from inference.evaluation.accuracy import as_json
    from inference.evaluation.accuracy import evaluate as measure

    data = _data(named)
    _check_fits(card, data.record)
    classifier, test = load_classifier(options.classifier), data.test[: options.pictures]
    clean = measure(classifier, test).as_json()
    attacked = []
    if options.attack:
        protocol = _protocol(options, card, data)
        with Bar("Attacking") as bar:
            attacked = [as_json(measure(classifier, test, protocol, on_step=bar.show), protocol)]
    found = _checked(options, card, classifier, data) if options.checks else None
    if options.json:
        version = about_classifier(classifier)
        print(
            json.dumps(
                {"classifier": version, "dataset": data.record.slug, "clean": clean, "attacked": attacked}
                | ({"checks": found.as_json()} if found else {}),
                allow_nan=False,
            )
        )
        return
    print(f"{card['name']}, on the test pictures of {data.record.name}:", *figure_lines(clean, attacked), sep="\n")
    if found:
        print(*check_lines(found), sep="\n")


def _described(name: str) -> str:
    """A protocol's name and what it stands for: "worst: PGD-50 with 5 starts"."""
    named = TESTED[name].at(1, 1)
    return f"{name}: {named.called}{f' with {named.restarts} starts' if named.restarts > 1 else ''}"


def _check_attack(options: argparse.Namespace) -> None:
    """What an attack is told matters only with one that listens."""
    heard = options.attack and TESTED[options.attack].adjustable
    for name in () if heard else ("steps", "restarts"):
        if getattr(options, name) is not None:
            raise BadInput(f"--{name} says nothing without --attack {ADJUSTABLE}.")
    if options.epsilon is not None and not (options.attack or options.checks):
        raise BadInput("--epsilon says nothing without --attack or --checks.")


def _named(dataset: str | Path | None, card: Mapping[str, Any]) -> str:
    """The dataset asked for, a file perhaps, or else the one that the network learnt from."""
    named = str(dataset or "") or card.get("dataset", {}).get("slug")
    if not dataset and named not in DATASETS:
        raise BadInput(f"Name the test pictures with --dataset: what {card['name']} learnt from is not at hand.")
    return named if Path(named).is_file() else find(named).slug


def _data(named: str) -> "Data":
    from inference.data.base import load_data

    return load_data(named) if named in DATASETS else load_own(Path(named))


def _check_fits(card: Mapping[str, Any], record: DatasetRecord) -> None:
    if card["labels"] != list(record.labels) or card["preparation"] != record.preparation:
        raise BadInput(f"{card['name']} does not tell the classes of {record.name} apart; choose another --dataset.")


def _epsilon(options: argparse.Namespace, card: Mapping[str, Any], data: "Data") -> int:
    return options.epsilon or card.get("epsilon", data.record.epsilon)


def _checked(options: argparse.Namespace, card: Mapping[str, Any], classifier: Any, data: "Data") -> Found:
    from inference.evaluation.masking import run_checks

    pictures = data.test[: min(options.pictures or PICTURES, PICTURES)]
    with Bar("Checking") as bar:
        return run_checks(classifier, pictures, epsilon=_epsilon(options, card, data), on_step=bar.show)


def _protocol(options: argparse.Namespace, card: Mapping[str, Any], data: "Data") -> "Protocol":
    pictures = min(options.pictures or ATTACKED, len(data.test))
    named = TESTED[options.attack].at(_epsilon(options, card, data), pictures, seed=options.seed)
    return replace(named, steps=options.steps or named.steps, restarts=options.restarts or named.restarts)
