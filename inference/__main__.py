"""The command line: python -m inference predict | attack. The same code as the site's, and no web.

Exit codes: 0 done, 2 bad input (one sentence says what), 1 failed.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from attacks.catalog import ATTACKS, Parameter, ParameterError, validate
from inference.catalog import CLASSIFIERS, UnknownClassifier, card_of
from inference.failures import BadWeights, OutOfMemory
from inference.images import BadImage, Canonical, canonicalise
from inference.labels import described, find_class, namesakes
from inference.report import as_json, attack_lines, predict_lines


class BadInput(Exception):
    """Something the caller can put right; the message is the sentence."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    try:
        options = _parser().parse_args(argv)
        options.command(options)
    except (BadInput, BadImage, ParameterError, UnknownClassifier) as error:
        return _tell(error, code=2)
    except (OSError, BadWeights, OutOfMemory) as error:
        return _tell(error, code=1)
    return 0


def predict(options: argparse.Namespace) -> None:
    """The likeliest classes of one photo."""
    from inference import experiment  # torch comes only with the work

    facts = card_of(options.classifier)
    picture = _picture(options.photo, facts)
    classifier = _load(options.classifier)
    found = experiment.predict(classifier, picture.png)
    if options.json:
        print(json.dumps({"classifier": _version(classifier), **found}, allow_nan=False))
        return
    side = classifier.square(picture.height, picture.width)[2]
    seen = f"the centred {side} x {side} of {picture.width} x {picture.height} pixels"
    print(f"{options.photo}, as {facts['name']} sees it ({seen}):", *predict_lines(found["top"]), sep="\n")


def attack(options: argparse.Namespace) -> None:
    """One attack on one photo, written to a PNG, read back from the disk and judged."""
    facts = card_of(options.classifier)
    _check_out(options.out, options.photo)
    params = validate(options.attack, _params(options, facts), levels=facts["levels"], classes=len(facts["labels"]))
    picture = _picture(options.photo, facts)

    from inference import experiment

    classifier = _load(options.classifier)
    made = experiment.attack(classifier, picture.png, options.attack, params)
    _write(options.out, made.adversarial_png)
    from_disk = options.out.read_bytes()
    written = experiment.predict(classifier, canonicalise(from_disk, facts["preparation"]).png)["top"]
    result = as_json(made, written, verified=made.verified and from_disk == made.adversarial_png)
    if options.json:
        about = {"classifier": _version(classifier), "attack": options.attack, "params": params}
        result["adversarial"] |= {"path": str(options.out), "sha256": hashlib.sha256(from_disk).hexdigest()}
        print(json.dumps(about | result, allow_nan=False))
        return
    print(*attack_lines(result, params, options.out), sep="\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m inference", description="Ask a network what a photo shows, and break it.")
    commands = parser.add_subparsers(metavar="predict | attack", required=True)
    _command(commands, predict)
    attacking = _command(commands, attack)
    attacking.add_argument("--attack", choices=list(ATTACKS), default=next(iter(ATTACKS)), help="default: %(default)s")
    attacking.add_argument("--out", type=Path, required=True, metavar="PNG", help="where the attacked picture goes")
    for parameter in _all_parameters():
        attacking.add_argument(
            f"--{parameter.name.replace('_', '-')}", metavar=_metavar(parameter), help=_help(parameter)
        )
    return parser


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence and leaves the exit code to `main`."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message[0].upper()}{message[1:].rstrip('.')}.")


def _command(commands: Any, work: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
    parser = commands.add_parser(work.__name__, help=work.__doc__, description=work.__doc__)
    parser.set_defaults(command=work)
    parser.add_argument("photo", type=Path)
    parser.add_argument(
        "--classifier",
        default=next(iter(CLASSIFIERS)),
        metavar="NAME",
        help=f"one of {', '.join(CLASSIFIERS)}, or the folder of a version (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _all_parameters() -> list[Parameter]:
    """Every attack's parameters, each name once."""
    return list({parameter.name: parameter for record in ATTACKS.values() for parameter in record.parameters}.values())


def _metavar(parameter: Parameter) -> str:
    return {"levels": "LEVELS", "class": "CLASS", "integer": "NUMBER"}[parameter.kind]


def _help(parameter: Parameter) -> str:
    default = f" Default: {parameter.default}." if parameter.optional and parameter.default is not None else ""
    return (parameter.help + default).replace("%", "%%")


def _params(options: argparse.Namespace, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, as the attack's parameters; `validate` says what is wrong with the rest."""
    kinds = {parameter.name: parameter.kind for parameter in _all_parameters()}
    given = {name: getattr(options, name) for name in kinds if getattr(options, name) is not None}
    return {name: _value(text, kinds[name], facts["labels"]) for name, text in given.items()}


def _value(text: str, kind: str, labels: Sequence[str]) -> Any:
    if kind == "class":
        index = find_class(labels, text)
        others = namesakes(labels, index)
        if others and not text.isdecimal():
            meant, also = described(labels, [index]), described(labels, others)
            print(f"Taken as {meant}; there is also {also}: give the number to choose.", file=sys.stderr)
        return index
    try:
        return int(text)
    except ValueError:
        return text


def _picture(path: Path, facts: Mapping[str, Any]) -> Canonical:
    if not path.is_file():
        raise BadInput(f"There is no file {path}.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    return canonicalise(data, facts["preparation"])


def _check_out(out: Path, photo: Path) -> None:
    if out.suffix.lower() != ".png":
        raise BadInput(f"{out} must end in .png: other formats would change the pixels.")
    if not out.parent.is_dir():
        raise BadInput(f"There is no directory {out.parent}.")
    if out.is_dir() or not os.access(out.parent, os.W_OK):
        raise BadInput(f"{out} cannot be written.")
    if out.exists() and photo.exists() and out.samefile(photo):
        raise BadInput(f"{out} is the photo itself; choose another name.")


def _write(out: Path, data: bytes) -> None:
    """All or nothing: whoever looks sees the old file or the whole new one."""
    with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, 0o666 & ~_umask())
            os.replace(file.name, out)
        except BaseException:
            os.unlink(file.name)
            raise


def _umask() -> int:
    """What a plain open() would have been given; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _load(name: str) -> Any:
    from inference.classifier import load

    try:
        return load(name)
    except ValueError as error:  # GIBBON_DEVICE or GIBBON_TORCH_THREADS that cannot be used
        raise BadInput(str(error)) from error


def _version(classifier: Any) -> dict[str, str]:
    return {"name": classifier.card["name"], "sha256": classifier.sha256, "device": str(classifier.device)}


def _tell(error: Exception, *, code: int) -> int:
    print(error, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
