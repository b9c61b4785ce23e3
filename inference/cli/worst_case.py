"""What the command line does with a list of attacks: the worst case for each picture, told, and kept in two files."""

import csv
import hashlib
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.catalog.protocols import NamedProtocol, Protocol, worded
from inference.catalog.worst_case import BROKEN, BUDGETS, RIGHT, Matrix, Step, as_json, remarks, steps_of, verdict
from inference.cli.common import BadInput, alone, check_file
from inference.cli.progress import Bar
from inference.cli.words import gettext, ngettext, said_of

if TYPE_CHECKING:
    from inference.data.base import Pictures

WORDS = {RIGHT: "right", BROKEN: "broken"}


def measured(
    classifier: Any,
    pictures: "Pictures",
    attacks: Sequence[NamedProtocol],
    strengths: Sequence[float],
    *,
    seed: int,
    table: Path | None,
    about: Mapping[str, Any],
    everywhere: bool,
    saved: bool = False,
) -> tuple[Matrix, list[list[Protocol]]]:
    """The matrix, and the attacks of each strength. What `table`'s JSON has of the same evaluation is not done again.

    table: the CSV; the JSON beside it has the outcomes and the figures of what is done, and is written after every
    chunk.
    """
    budgets = [
        [replace(named.at(strength, len(pictures), seed=seed), saved=saved) for named in attacks]
        for strength in strengths
    ]
    with _alone(table) if table else nullcontext():
        matrix = _measured(classifier, pictures, budgets, table, about, everywhere=everywhere)
    return matrix, budgets


def _measured(
    classifier: Any,
    pictures: "Pictures",
    budgets: Sequence[Sequence[Protocol]],
    table: Path | None,
    about: Mapping[str, Any],
    *,
    everywhere: bool,
) -> Matrix:
    from inference.evaluation.worst_case import worst_case

    store = _store(table) if table else None

    def save(matrix: Matrix) -> None:
        if store:
            _write(store, json.dumps(_stored(matrix, budgets, about), allow_nan=False, indent=1))

    kept = _kept(store, about) if store else None
    with Bar(gettext("Attacking")) as bar:
        matrix = worst_case(
            classifier, pictures, budgets, kept=kept, save=save, everywhere=everywhere, on_step=bar.show
        )
    save(matrix)
    if table:
        _write(table, csv_of(matrix, budgets, pictures.labels.tolist()))
    return matrix


def check_table(table: Path) -> None:
    """BadInput where the CSV, or the JSON beside it, could not be written."""
    check_file(table)
    if table.suffix.lower() == ".json":
        template = gettext("%(file)s is the name of the JSON beside the CSV: choose another --csv.")
        raise BadInput(template % {"file": table})
    check_file(_store(table))


def report_lines(matrix: Matrix, budgets: Sequence[Sequence[Protocol]]) -> list[str]:
    """For each strength the figure, how it came about attack by attack, and what to think of it."""
    return [line for protocols in budgets for line in _budget_lines(list(steps_of(matrix, protocols)))]


def csv_of(matrix: Matrix, budgets: Sequence[Sequence[Protocol]], labels: Sequence[int]) -> str:
    """A line for each strength and picture: its label, as it is, after each attack (empty: not tried), after all.

    What is wrong as it is stays wrong: no attack has broken it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([BUDGETS[budgets[0][0].norm], "picture", "label", "clean", *(it.short for it in budgets[0]), "all"])
    for protocols in budgets:
        columns, left = [matrix.clean, *map(matrix.column, protocols)], matrix.left(protocols)
        for place, letters in enumerate(zip(*columns, strict=True)):
            outcomes = [WORDS.get(letter, "") for letter in letters]
            outcomes[0] = "right" if letters[0] == RIGHT else "wrong"
            after_all = WORDS[RIGHT if left[place] else BROKEN] if letters[0] == RIGHT else "wrong"
            writer.writerow([protocols[0].budget, place, labels[place], *outcomes, after_all])
    return text.getvalue()


def _budget_lines(steps: Sequence[Step]) -> list[str]:
    return [
        verdict(steps, gettext),
        *map(_step_line, steps),
        *(said_of(step.protocol.short, sentence) for step, sentence in remarks(steps, gettext)),
    ]


def _step_line(step: Step) -> str:
    template = gettext("%(right)s right after %(protocol)s: %(broken)s newly broken, %(tried)s tried")
    if step.alone:
        template = gettext(
            "%(right)s right after %(protocol)s: %(broken)s newly broken, %(tried)s tried; alone it leaves %(alone)s"
        )
    return template % {
        "right": f"{step.left.right:7}",
        "protocol": worded(step.protocol.as_json(), gettext, ngettext),
        "broken": step.newly_broken,
        "tried": step.tried,
        "alone": step.alone and step.alone.right,
    }


def _stored(matrix: Matrix, budgets: Sequence[Sequence[Protocol]], about: Mapping[str, Any]) -> dict[str, Any]:
    outcomes = {"clean": matrix.clean, "attacked": matrix.attacked}
    return {"about": about, "budgets": as_json(matrix, budgets), "outcomes": outcomes}


def _alone(table: Path) -> AbstractContextManager[None]:
    """Two evaluations that write there at once would lose each other's outcomes."""
    template = gettext("Another evaluation is writing to %(file)s: wait until it has ended, or choose another --csv.")
    name = hashlib.sha256(os.fsencode(table.stem)).hexdigest()[:16]  # as short, however long the table's
    return alone(table.with_name(f".lock-{name}"), template % {"file": table})


def _store(table: Path) -> Path:
    return table.with_suffix(".json")


def _kept(store: Path, about: Mapping[str, Any]) -> Matrix | None:
    """What an earlier evaluation left there; BadInput if it was of something else."""
    if not store.exists():
        return None
    try:
        of, made_with, matrix = _read(store)
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        template = gettext("%(file)s is no evaluation to go on with: choose another --csv.")
        raise BadInput(template % {"file": store}) from error
    if of != about["of"]:
        template = gettext("%(file)s is an evaluation of another network, or of other pictures: choose another --csv.")
        raise BadInput(template % {"file": store})
    if made_with != about["made_with"]:
        template = gettext("Goes on under other conditions than before: %(conditions)s.")
        print(template % {"conditions": made_with}, file=sys.stderr)
    return matrix


def _read(store: Path) -> tuple[Mapping[str, Any], Mapping[str, Any], Matrix]:
    """(what it is of, what it was made with, the outcomes); whatever goes wrong where it is no evaluation."""
    found = json.loads(store.read_text(encoding="utf-8"))
    about, outcomes = found["about"], found["outcomes"]
    matrix = Matrix(outcomes["clean"], dict(outcomes["attacked"]))
    if not matrix.is_of(about["of"]["pictures"]):
        raise ValueError(f"{store} has not a letter for each picture.")
    return about["of"], about["made_with"], matrix


def _write(path: Path, text: str) -> None:
    from inference.networks.checkpoints import write_atomically

    write_atomically(path, text.encode())
