"""The command that measures a network: how often it is right, as it is and under attack."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attacks.catalog import ATTACKS
from attacks.options import LEVELS, check
from inference.catalog.classifiers import card_of
from inference.catalog.comparison import Measured
from inference.catalog.datasets import DATASETS, DatasetRecord, find
from inference.catalog.installation import pictures_of
from inference.catalog.masking_checks import PICTURES, Found
from inference.catalog.preparations import limits_of
from inference.catalog.protocols import TESTED, NamedProtocol
from inference.catalog.worst_case import BUDGETS, RIGHT
from inference.catalog.worst_case import as_json as as_json_of
from inference.cli.attack_list import LIKE, NAMES, attacks_in, budget_in, listable, norm_in
from inference.cli.common import (
    BadInput,
    about_classifier,
    add_command,
    grey_levels,
    load_classifier,
    load_own,
    named_classifier,
    number,
    reading,
    several,
    whole,
)
from inference.cli.progress import Bar
from inference.cli.report_training import check_lines, figure_lines
from inference.cli.words import gettext, listed, said_of
from inference.cli.worst_case import check_table, measured, report_lines

if TYPE_CHECKING:
    from inference.catalog.protocols import Protocol
    from inference.data.base import Data

ATTACKED = 1000  # test pictures
OTHER_BUDGETS = {"l2": (number(*budget_in("l2").bounds()), "LENGTHS"), "l0": (whole(1, 1000), "NUMBERS")}
ADJUSTABLE, STEPS = next((name, named.steps) for name, named in TESTED.items() if named.adjustable)


def add_to(commands: Any) -> None:
    """Its options."""
    parser = add_command(commands, evaluate)
    _add_asked(parser)
    _add_attack(parser)
    _add_told(parser)


def _add_asked(parser: argparse.ArgumentParser) -> None:
    """Which network, on which pictures."""
    parser.add_argument(
        "classifier",
        type=named_classifier,
        metavar="CLASSIFIER",
        help=gettext(
            "its name, the folder of a version or of a training, or the first 8 digits or more of a version's hash"
        ),
    )
    parser.add_argument(
        "--dataset", metavar="NAME", help=gettext("whose test pictures (default: of what it learnt from)")
    )
    parser.add_argument(
        "--pictures",
        "--images",
        type=whole(1, 1_000_000),
        metavar="NUMBER",
        help=gettext("only the first so many; default: all, and %(count)s under attack") % {"count": ATTACKED},
    )


def _add_attack(parser: argparse.ArgumentParser) -> None:
    """What is tried on them."""
    parser.add_argument(
        "--attack",
        metavar="NAMES",
        help=gettext(
            "untargeted, away from the true label; %(tested)s, as every version is judged; or several with commas "
            "between them, each tried on what those before it left, of %(listed)s, with options as in %(like)s"
        )
        % {"tested": listed(map(_described, TESTED)), "listed": listed(listable()), "like": LIKE},
    )
    parser.add_argument(
        "--epsilon",
        type=several(grey_levels(1, 255)),
        metavar="LEVELS",
        help=gettext("one, or several with commas between them; default: what is usual for the dataset"),
    )
    for norm, (kind, metavar) in OTHER_BUDGETS.items():
        text = gettext("as --epsilon, for a list of attacks in %(norm)s: %(means)s; default: %(value)s")
        means = {"l2": gettext("how long the change may be, pixels from 0 to 1"), "l0": gettext("how many pixels")}
        words = {"norm": NAMES[norm], "means": means[norm], "value": budget_in(norm).default}
        parser.add_argument(f"--{BUDGETS[norm]}", type=several(kind), metavar=metavar, help=text % words)
    for name, most, default in (("--steps", 1000, STEPS), ("--restarts", 100, 1)):
        text = gettext("of %(attack)s; default: %(value)s") % {"attack": ADJUSTABLE, "value": default}
        parser.add_argument(name, type=whole(1, most), metavar="NUMBER", help=text)
    parser.add_argument(
        "--seed",
        type=whole(0, 2**31 - 1),
        default=0,
        metavar="NUMBER",
        help=gettext("of the random starts; default: 0"),
    )
    parser.add_argument(
        "--checks",
        action="store_true",
        help=gettext("look for masked gradients, on the first %(count)s pictures at most") % {"count": PICTURES},
    )
    parser.add_argument(
        "--everywhere",
        action="store_true",
        help=gettext("try each attack on all pictures, so that each has its own figure"),
    )
    parser.add_argument(
        "--saved",
        action="store_true",
        help=gettext(
            "with a list of attacks: judge the bytes that each picture would be saved as; without it, and in the "
            "literature, figures are of the attack’s floats"
        ),
    )


def _add_told(parser: argparse.ArgumentParser) -> None:
    """Where the figures go."""
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help=gettext(
            "where each picture's outcomes go, with all figures in a JSON file beside it; an evaluation that was "
            "interrupted goes on from there"
        ),
    )
    parser.add_argument("--json", action="store_true", help=gettext("print one JSON object"))


def evaluate(options: argparse.Namespace) -> None:
    """How many of a dataset's test pictures a network names correctly, as they are and under attack."""
    card = card_of(options.classifier)
    _check_attack(options)
    named = _named(pictures_of(options.classifier) if options.dataset is None else options.dataset, card)

    from inference.evaluation.accuracy import as_json
    from inference.evaluation.accuracy import evaluate as measure

    if named in DATASETS:
        _refuse_other_classes(card, find(named))  # before it is loaded, which may take a while
    data = _fitting(card, _data(named))
    classifier, test = load_classifier(options.classifier), data.test[: options.pictures]
    if _is_list(options):
        _worst_case(options, card, classifier, data)
        return
    clean = measure(classifier, test).as_json()
    attacked = []
    if options.attack:
        protocol = _protocol(options, card, data)
        with Bar(gettext("Attacking")) as bar:
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
    title = gettext("%(network)s, on the test pictures of %(dataset)s:") % _named_both(card, data)
    print(title, *figure_lines(clean, attacked), sep="\n")
    if found:
        print(*check_lines(found), sep="\n")


def _described(name: str) -> str:
    """A protocol's name and what it stands for: "worst: PGD-50 with 5 starts"."""
    named = TESTED[name].at(1, 1)
    template = gettext("%(name)s: %(called)s with %(starts)s starts")
    if named.restarts == 1:
        return said_of(name, named.called)
    return template % {"name": name, "called": named.called, "starts": named.restarts}


def _check_attack(options: argparse.Namespace) -> None:
    """What an attack is told matters only with one that listens."""
    heard = options.attack in TESTED and TESTED[options.attack].adjustable
    for name in () if heard else ("steps", "restarts"):
        if getattr(options, name) is not None:
            raise BadInput(_nothing_without(f"--{name}", f"--attack {ADJUSTABLE}"))
    if options.epsilon is not None and not (options.attack or options.checks):
        raise BadInput(gettext("--epsilon says nothing without --attack or --checks."))
    for name in ("csv", "everywhere", "saved", *(BUDGETS[norm] for norm in OTHER_BUDGETS)):
        if getattr(options, name) and not options.attack:
            raise BadInput(_nothing_without(f"--{name}", "--attack"))
    if options.attack is not None:
        _check_budgets(options)
    if options.csv is not None:
        check_table(options.csv)
    if options.checks and (_is_list(options) or len(options.epsilon or []) > 1):
        raise BadInput(
            gettext("--checks are made at one strength, beside one attack at most: ask for them by themselves.")
        )


def _check_budgets(options: argparse.Namespace) -> None:
    """The strengths are of the attacks' own norm, and each attack can have them."""
    attacks = attacks_in(options.attack)
    own = norm_in(attacks)
    for norm, name in BUDGETS.items():
        if norm != own and getattr(options, name) is not None:
            template = gettext("--%(given)s says nothing of attacks in %(norm)s: their budget is --%(own)s.")
            raise BadInput(template % {"given": name, "norm": NAMES[own], "own": BUDGETS[own]})
    for named in attacks:
        budget = None if own == "linf" else ATTACKS[named.attack].budget_option
        for strength in getattr(options, BUDGETS[own]) or []:
            if budget:
                check(budget, strength)


def _nothing_without(option: str, other: str) -> str:
    return gettext("%(option)s says nothing without %(other)s.") % {"option": option, "other": other}


def _is_list(options: argparse.Namespace) -> bool:
    """Whether it is the worst case over a list that is asked for, and not a figure as cards have it."""
    several_levels = options.epsilon is not None and len(options.epsilon) > 1
    asked = several_levels or options.csv is not None or options.saved
    return bool(options.attack) and (options.attack not in TESTED or asked)


def _worst_case(options: argparse.Namespace, card: Mapping[str, Any], classifier: Any, data: "Data") -> None:
    """The worst case for each picture over the attacks listed, at each strength."""
    from inference.evaluation.conditions import about

    pictures = data.test[: min(options.pictures or ATTACKED, len(data.test))]
    attacks = attacks_in(options.attack)
    for named in attacks:
        ATTACKS[named.attack].refuse_size(limits_of(card, LEVELS))
    if options.attack in TESTED:
        attacks = [_adjusted(options, attacks[0])]
    norm = norm_in(attacks)
    usual = _epsilon(options, card, data) if norm == "linf" else budget_in(norm).default
    told = about(about_classifier(classifier), data.record.slug, pictures)
    matrix, budgets = measured(
        classifier, pictures, attacks, getattr(options, BUDGETS[norm]) or [usual],
        seed=options.seed, table=options.csv, about=told, everywhere=options.everywhere, saved=options.saved,
    )  # fmt: skip
    if options.json:
        print(json.dumps({"about": told, "budgets": as_json_of(matrix, budgets)}, allow_nan=False))
        return
    template = gettext("%(network)s, on the first %(count)s test pictures of %(dataset)s:")
    title = template % {**_named_both(card, data), "count": len(pictures)}
    clean = Measured.of_each([letter == RIGHT for letter in matrix.clean]).as_json()
    print(title, *figure_lines(clean, []), *report_lines(matrix, budgets), sep="\n")


def _named(dataset: str | Path | None, card: Mapping[str, Any]) -> str:
    """The dataset asked for, a file perhaps, or else the one that the network learnt from."""
    named = card.get("dataset", {}).get("slug") if dataset is None else str(dataset)
    if dataset is None and named not in DATASETS:
        template = gettext("Name the test pictures with --dataset: what %(network)s learnt from is not at hand.")
        raise BadInput(template % {"network": gettext(card["name"])})
    with reading(named):
        return named if Path(named).is_file() else find(named).slug


def _named_both(card: Mapping[str, Any], data: "Data") -> dict[str, str]:
    return {"network": gettext(card["name"]), "dataset": gettext(data.record.name)}


def _data(named: str) -> "Data":
    from inference.data.base import load_data

    return load_data(named) if named in DATASETS else load_own(Path(named))


def _fitting(card: Mapping[str, Any], data: "Data") -> "Data":
    """The pictures whose classes the network knows, by their names, if it knows no others."""
    from inference.data.base import only_of

    record = data.record
    if card["preparation"] == record.preparation and card["labels"] == list(record.labels):
        return data
    _refuse_other_classes(card, record)
    template = gettext("Of the %(all)s classes of %(dataset)s only the %(known)s that %(network)s knows are judged.")
    told = {"all": len(record.labels), "known": len(card["labels"])}
    print(template % {**told, "dataset": gettext(record.name), "network": gettext(card["name"])}, file=sys.stderr)
    known = only_of(data, card["labels"])
    if not len(known.test):
        template = gettext(
            "%(dataset)s has no test pictures of classes that %(network)s knows; choose another --dataset."
        )
        raise BadInput(template % {"network": gettext(card["name"]), "dataset": gettext(record.name)})
    return known


def _refuse_other_classes(card: Mapping[str, Any], record: DatasetRecord) -> None:
    """Where the network knows classes that the dataset does not have."""
    if card["preparation"] != record.preparation or not set(card["labels"]) <= set(record.labels):
        template = gettext("%(network)s does not tell the classes of %(dataset)s apart; choose another --dataset.")
        raise BadInput(template % {"network": gettext(card["name"]), "dataset": gettext(record.name)})


def _epsilon(options: argparse.Namespace, card: Mapping[str, Any], data: "Data") -> int:
    return options.epsilon[0] if options.epsilon else card.get("epsilon", data.record.epsilon)


def _checked(options: argparse.Namespace, card: Mapping[str, Any], classifier: Any, data: "Data") -> Found:
    from inference.evaluation.masking import run_checks

    pictures = data.test[: min(options.pictures or PICTURES, PICTURES)]
    with Bar(gettext("Checking")) as bar:
        return run_checks(classifier, pictures, epsilon=_epsilon(options, card, data), on_step=bar.show)


def _protocol(options: argparse.Namespace, card: Mapping[str, Any], data: "Data") -> "Protocol":
    pictures = min(options.pictures or ATTACKED, len(data.test))
    named = _adjusted(options, TESTED[options.attack])
    return named.at(_epsilon(options, card, data), pictures, seed=options.seed)


def _adjusted(options: argparse.Namespace, named: NamedProtocol) -> NamedProtocol:
    return replace(named, steps=options.steps or named.steps, restarts=options.restarts or named.restarts)
