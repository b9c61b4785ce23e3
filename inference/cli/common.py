"""What the commands of `python -m inference` share."""

import argparse
import fcntl
import math
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from attacks.levels import sentence
from attacks.options import SMALL, Option, Value
from attacks.words import gettext_noop as _
from inference.catalog.classifiers import card_of, known
from inference.catalog.errors import BadDataset
from inference.catalog.identity import identity_of
from inference.catalog.installation import find_version
from inference.cli.words import gettext, listed, told

if TYPE_CHECKING:
    from inference.data.base import Data


Number = TypeVar("Number", int, float)


class BadInput(Exception):
    """Something the caller can put right; the message is the sentence."""


class Stopped(Exception):
    """Ctrl-C, answered in good order; the message says how to go on."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence and leaves the exit code to `main`."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(gettext("%(sentence)s.") % {"sentence": f"{message[0].upper()}{message[1:].rstrip('.')}"})


def add_command(commands: Any, work: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
    """A parser for the function's options, under its name and with its docstring."""
    about = gettext(work.__doc__ or "")
    parser = commands.add_parser(work.__name__, help=about, description=about)
    parser.set_defaults(command=work)
    return parser


def option(name: str) -> str:
    """learning_rate as it is typed: --learning-rate."""
    return f"--{name.replace('_', '-')}"


METAVARS = {"levels": "LEVELS", "class": "CLASS", "integer": "NUMBER", "number": "NUMBER", "choice": "CHOICE"}
# The functions' docstrings, which are what is told of the commands.
COMMANDS = (
    _("The likeliest classes of one photo."),
    _("One attack on one photo, written to a PNG, read back from the disk and judged."),
    _("A network learns from a dataset, and is tested. All settings have a default; Ctrl-C stops, --resume goes on."),
    _("How many of a dataset's test pictures a network names correctly, as they are and under attack."),
)


LARGE = _("Of a network that sees more than %(values)s values: %(value)s.")


def help_of(declared: Option, *, more: str = "", default: Value = None) -> str:
    """What is said of a declared option. `more` stands beside the known choices, `default` instead of the declared."""
    known = listed(str(value) for value, _words in declared.choices)
    begun = declared.default if default is None else gettext(str(default))
    texts = [
        gettext(declared.help),
        gettext("One of %(known)s.") % {"known": known} if known else "",
        gettext(more),
        "" if begun is None else gettext("Default: %(value)s.") % {"value": begun},
        "" if declared.large is None else gettext(LARGE) % {"value": declared.large, "values": SMALL},
    ]
    return " ".join(filter(None, texts))


def add_option(parser: Any, declared: Option, text: str) -> None:
    """A declared option on the command line. What is typed stays text: the declaration reads and checks it."""
    name, escaped = option(declared.name), text.replace("%", "%%")
    if declared.kind == "boolean":
        parser.add_argument(name, action=argparse.BooleanOptionalAction, default=None, help=escaped)
    else:
        parser.add_argument(name, metavar=METAVARS[declared.kind], help=escaped)


def whole(low: int, high: int) -> Callable[[str], int]:
    """An option's type: whole numbers within these bounds."""

    def number(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(
                gettext("must be a whole number from %(low)d to %(high)d") % {"low": low, "high": high}
            )
        return int(text)

    return number


def number(low: float, high: float) -> Callable[[str], float]:
    """An option's type: numbers within these bounds."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                gettext("must be a number from %(low)g to %(high)g") % {"low": low, "high": high}
            )
        return value

    return read


def grey_levels(low: int, high: int) -> Callable[[str], int]:
    """An option's type: a strength, in whole grey levels of 255."""

    def number(text: str) -> int:
        try:
            return whole(low, high)(text)
        except argparse.ArgumentTypeError:
            template, values = sentence("ε", text, low=low, high=high)
            raise argparse.ArgumentTypeError((gettext(template) % values).removeprefix("ε ")) from None

    return number


def several(one: Callable[[str], Number]) -> Callable[[str], list[Number]]:
    """An option's type: what `one` takes, once or more often with commas between them, each once."""
    return lambda text: list(dict.fromkeys(map(one, text.split(","))))


def named_classifier(text: str) -> str:
    """An option's type: what `inference.load` takes for what was typed. What the site promoted is told."""
    with reading(text):
        found = find_version(text)
        card_of(found)  # may be another's file, which only its owner may read
    if found != text and text in known():
        template = gettext("%(name)s is the version that was promoted on this installation, in %(folder)s.")
        print(template % {"name": text, "folder": found}, file=sys.stderr)
    return found


def load_classifier(name: str) -> Any:
    """The classifier of a slug or a version's folder."""
    from inference.networks.classifier import load

    with settings_in_words():
        return load(name)


def about_classifier(classifier: Any) -> dict[str, str]:
    """Which version answered, for programs."""
    hashes = {"identity": identity_of(classifier.sha256, classifier.card), "sha256": classifier.sha256}
    return {"name": classifier.card["name"], **hashes, "device": str(classifier.device)}


def load_own(path: Path) -> "Data":
    """Own pictures from the file that was prepared of them; BadInput if it is gone, or another."""
    from inference.data import own

    try:
        with reading(path):
            return own.load_own(path, slug="own-" + re.sub(r"[^\w-]", "-", path.stem[:8]))
    except BadDataset as error:
        raise BadInput(told(error)) from error


@contextmanager
def reading(place: Path | str) -> Iterator[None]:
    """What the system says against looking there, as of a name that is too long, is for the caller to put right."""
    try:
        yield
    except OSError as error:
        template = gettext("%(file)s cannot be read: %(reason)s.")
        raise BadInput(template % {"file": place, "reason": error.strerror}) from error


@contextmanager
def alone(place: Path, otherwise: str) -> Iterator[None]:
    """BadInput, with the sentence `otherwise`, while another process is in here with the same place.

    place: a folder, or a file that is here only for this and only as long. The system lets it go with the process.
    """
    folder = place.is_dir()
    held = os.open(place, os.O_RDONLY if folder else os.O_RDWR | os.O_CREAT)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadInput(otherwise) from error
        except OSError:  # some shares of a network have no locks
            pass
        try:
            yield
        finally:
            if not folder:
                place.unlink(missing_ok=True)
    finally:
        os.close(held)


def check_file(file: Path) -> None:
    """BadInput where this file could not be written: told before anything is computed for it."""
    with _written(file):
        if not file.parent.is_dir():
            raise BadInput(gettext("There is no directory %(folder)s.") % {"folder": file.parent})
        if file.exists() and not file.is_file():
            raise BadInput(gettext("%(file)s is not a file: choose another name.") % {"file": file})
        _try_in(file.parent)


def check_folder(folder: Path) -> None:
    """The same of a folder, which may be new, with those above it."""
    with _written(folder):
        there = next(place for place in (folder, *folder.parents) if place.exists() or place.is_symlink())
        if not there.is_dir():
            raise BadInput(gettext("%(folder)s is not a folder.") % {"folder": there})
        _try_in(there)


def _try_in(folder: Path) -> None:
    """By doing it: root has all permissions, also on a disk that is mounted to be read only."""
    TemporaryFile(dir=folder).close()


@contextmanager
def _written(place: Path) -> Iterator[None]:
    """What the system says against writing there is for the caller to put right."""
    try:
        yield
    except OSError as error:
        template = gettext("%(file)s cannot be written: %(reason)s.")
        raise BadInput(template % {"file": place, "reason": error.strerror}) from error


@contextmanager
def settings_in_words() -> Iterator[None]:
    """GIBBON_DEVICE or GIBBON_TORCH_THREADS that cannot be used are for the caller to put right."""
    try:
        yield
    except ValueError as error:
        raise BadInput(str(error)) from error
