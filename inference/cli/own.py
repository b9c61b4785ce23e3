"""Own pictures on the command line: a ZIP is read, what was found in it is told, and it becomes a prepared file."""

import argparse
import json
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from inference.catalog.installation import data_folder
from inference.cli.common import BadInput
from inference.cli.progress import Bar
from inference.cli.words import gettext, language, listed, told
from inference.data.zip_names import ENCODINGS, GUESS, find_encoding
from inference.data.zip_refusal import BadZip, report_lines

if TYPE_CHECKING:
    from inference.data.own import Unpacked


def names_encoding(text: str) -> str:
    """An option's type: an encoding of names, as Python or people call it."""
    try:
        return find_encoding(text)
    except (LookupError, ValueError):  # codecs know no name with a NUL in it
        raise argparse.ArgumentTypeError(
            gettext("must be one of: %(known)s") % {"known": listed(key for key in ENCODINGS if key)}
        ) from None


def is_zip(path: Path) -> bool:
    """By name or content; a prepared file is none."""
    return path.suffix.lower() == ".zip" or zipfile.is_zipfile(path)


def report(path: Path, encoding: str = GUESS, *, as_json: bool) -> None:
    """Print what a training would find in the ZIP; BadInput if it could not be taken."""
    try:
        found, refused = _unpacked(path, encoding).refused, None
    except BadZip as error:
        found, refused = (error.report.as_json() if error.report else {}), error
    if as_json:
        problem = {"code": refused.code, "message": told(refused)} if refused else None
        print(json.dumps({"taken": refused is None, "problem": problem, "report": found}, allow_nan=False))
    else:
        _say(report_lines(found, gettext, language()), sys.stdout)
    if refused:
        raise BadInput(told(refused)) from refused


def prepared(path: Path, encoding: str = GUESS) -> Path:
    """The ZIP's pictures as a file to learn from, in the data folder; what was found goes to stderr.

    BadInput if it cannot be taken.
    """
    from inference.data.own import save_own

    try:
        unpacked = _unpacked(path, encoding)
    except BadZip as refused:
        _say(report_lines(refused.report.as_json(), gettext, language()) if refused.report else [], sys.stderr)
        raise BadInput(told(refused)) from refused
    saved = save_own(unpacked, _home(), name=path.stem)
    where = gettext("Prepared, they are in %(file)s.") % {"file": saved.path}
    _say([*report_lines(unpacked.refused, gettext, language()), where], sys.stderr)
    return saved.path.resolve()


def _unpacked(path: Path, encoding: str) -> "Unpacked":
    from inference.data.own import unpack
    from inference.images import canonicalise

    with Bar(gettext("Reading")) as bar:
        return unpack(
            path,
            decode=lambda data: canonicalise(data, "photo").png,
            encoding=encoding,
            on_step=bar.show,
            scratch=_home(),
        )


def _home() -> Path:
    folder = data_folder() / "own-pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _say(lines: list[str], stream: TextIO) -> None:
    for line in lines:
        print(line, file=stream)
