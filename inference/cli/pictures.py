"""The commands about one picture: predict and attack."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from attacks.catalog import ATTACKS, find, validate
from attacks.options import Limits, Option, OptionError
from attacks.words import gettext_noop
from inference.catalog.class_names import class_names, dataset_of
from inference.catalog.classifiers import CLASSIFIERS, card_of
from inference.catalog.labels import described, find_class, namesakes
from inference.catalog.preparations import limits_of
from inference.cli.common import (
    BadInput,
    about_classifier,
    add_command,
    add_option,
    check_file,
    help_of,
    load_classifier,
    named_classifier,
    option,
    reading,
)
from inference.cli.report import as_json, attack_lines, from_the_disk, predict_lines
from inference.cli.words import gettext, language, listed, said_of, told, worded
from inference.images import Canonical, canonicalise


def add_to(commands: Any) -> None:
    """Their options."""
    _about_a_photo(add_command(commands, predict))
    attacking = add_command(commands, attack)
    _about_a_photo(attacking)
    attacking.add_argument(
        "--attack", choices=list(ATTACKS), default=next(iter(ATTACKS)), help=gettext("default: %(default)s")
    )
    attacking.add_argument(
        "--out", type=Path, required=True, metavar="PNG", help=gettext("where the attacked picture goes")
    )
    for name in _option_names():
        add_option(attacking, *_told_of(name))


def predict(options: argparse.Namespace) -> None:
    """The likeliest classes of one photo."""
    from inference import experiment  # torch comes only with the work

    facts = card_of(options.classifier)
    picture = _picture(options.photo, facts)
    classifier = load_classifier(options.classifier)
    found = experiment.predict(classifier, picture.png)
    if options.json:
        print(json.dumps({"classifier": about_classifier(classifier), **asdict(found)}, allow_nan=False))
        return
    side = classifier.square(picture.height, picture.width)[2]
    template = gettext(
        "%(photo)s, as %(network)s sees it (the centred %(side)s x %(side)s of %(width)s x %(height)s pixels):"
    )
    words = {"photo": options.photo, "network": gettext(facts["name"]), "side": side}
    size = {"width": picture.width, "height": picture.height}
    print(template % {**words, **size}, *predict_lines(found.top, dataset_of(facts)), sep="\n")


def attack(options: argparse.Namespace) -> None:
    """One attack on one photo, written to a PNG, read back from the disk and judged."""
    facts = card_of(options.classifier)
    _check_out(options.out, options.photo)
    limits = limits_of(facts, facts["levels"])
    params = _checked(options, facts, limits)
    picture = _picture(options.photo, facts)

    from inference import experiment
    from inference.networks.checkpoints import write_atomically

    classifier = load_classifier(options.classifier)
    made = experiment.attack(classifier, picture.png, options.attack, params)
    write_atomically(options.out, made.png)
    from_disk = options.out.read_bytes()
    written = experiment.predict(classifier, canonicalise(from_disk, facts["preparation"]).png)
    result = from_the_disk(made.result, from_disk, written.top, unchanged=from_disk == made.png)
    if options.json:
        about = {"classifier": about_classifier(classifier), "attack": options.attack, "params": params}
        print(json.dumps(about | as_json(result, options.out), allow_nan=False))
        return
    print(*attack_lines(result, find(options.attack), params, options.out, dataset_of(facts)), sep="\n")


def _about_a_photo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", type=Path)
    parser.add_argument(
        "--classifier",
        default=next(iter(CLASSIFIERS)),
        type=named_classifier,
        metavar="NAME",
        help=gettext(
            "%(known)s, or another of this installation; the folder of a version or of a training; or the first 8 "
            "digits or more of a version's hash (default: %(default)s)"
        )
        % {"known": listed(CLASSIFIERS), "default": "%(default)s"},
    )
    parser.add_argument("--json", action="store_true", help=gettext("print one JSON object"))


def _option_names() -> list[str]:
    """Of every attack's options, each once."""
    return list(dict.fromkeys(declared.name for record in ATTACKS.values() for declared in record.options))


def _told_of(name: str) -> tuple[Option, str]:
    """An option of that name, and its help: which attacks have it, where not all do, and what it is to each."""
    declared = {slug: one for slug, record in ATTACKS.items() for one in record.options if one.name == name}
    said: dict[str, list[str]] = {}
    for slug, one in declared.items():
        said.setdefault(help_of(one), []).append(slug)
    everywhere = len(said) == 1 and len(declared) == len(ATTACKS)
    texts = [text if everywhere else said_of(listed(slugs), text) for text, slugs in said.items()]
    return next(iter(declared.values())), " ".join(texts)


def _checked(options: argparse.Namespace, facts: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """The attack's parameters, completed; BadInput names the option that cannot be used."""
    declared = {one.name: one for one in find(options.attack).options}
    given = {name: text for name in _option_names() if (text := getattr(options, name)) is not None}
    try:
        return validate(
            options.attack, {name: _read(declared.get(name), text, facts) for name, text in given.items()}, limits
        )
    except OptionError as error:
        raise BadInput(said_of(option(error.field), told(error))) from error


def _read(declared: Option | None, text: str, facts: Mapping[str, Any]) -> Any:
    """What was typed, as what it is to the attack; an option that it does not have stays text, for `validate`."""
    if declared is None:
        return text
    return _class(text, facts) if declared.kind == "class" else declared.read(text)


def _class(text: str, facts: Mapping[str, Any]) -> int:
    """The number of the class that was typed, by number, by label or by its name in the reader's language."""
    labels = facts["labels"]
    index = find_class(labels, text, class_names(dataset_of(facts), labels, language()))
    others = namesakes(labels, index)
    if others and not text.isdecimal():
        meant, also = described(labels, [index]), described(labels, others)
        template = gettext_noop("Taken as %(meant)s; there is also %(also)s: give the number to choose.")
        print(worded(template, {"meant": meant, "also": also}), file=sys.stderr)
    return index


def _picture(path: Path, facts: Mapping[str, Any]) -> Canonical:
    with reading(path):
        if not path.is_file():
            raise BadInput(gettext("There is no file %(file)s.") % {"file": path})
        data = path.read_bytes()
    return canonicalise(data, facts["preparation"])


def _check_out(out: Path, photo: Path) -> None:
    if out.suffix.lower() != ".png":
        raise BadInput(gettext("%(file)s must end in .png: other formats would change the pixels.") % {"file": out})
    check_file(out)
    with reading(photo):
        if out.exists() and photo.exists() and out.samefile(photo):
            raise BadInput(gettext("%(file)s is the photo itself; choose another name.") % {"file": out})
