"""The search for the smallest budget at which an attack succeeds. Only workers import this (it needs torch)."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from django.utils.translation import gettext_noop as _

from inference import experiment
from inference.catalog.budgets import next_budget
from inference.catalog.results import Distances, PointControl, Scored
from inference.networks.classifier import Classifier
from webapp.core import files
from webapp.jobs.run import Run
from webapp.jobs.stepwise import in_steps
from webapp.lab import saving
from webapp.lab.models import Sweep
from webapp.lab.work import classifier_for, failures_worded, kept_only_if_saved, row_of

TRYING = _("Trying %(budget)s: step %(done)s of %(total)s")


def search(run: Run) -> Iterator[None]:
    """The attack at one budget after another; what was tried is kept, so that a killed worker's successor goes on."""
    row = row_of(Sweep, run, "attack__picture")
    with failures_worded():
        attack, classifier = row.attack, classifier_for(run)
        png, option = files.read(attack.picture.file), attack.record.budget_option
        assert option is not None  # noqa: S101 - only what has a budget is searched; this narrows the type
        if not row.tried:
            _keep_own(run, row, classifier, png)
        while (value := next_budget(option, _outcomes(row), experiment.limits_of(classifier))) is not None:
            trial = partial(experiment.try_budget, classifier, png, attack.attack, attack.params, value)
            found = yield from _in_steps(run, trial, len(row.tried), option.text(value))
            _keep(run, row, found)
        result = experiment.assemble_sweep(
            classifier.labels,
            option,
            _judged(row, len(classifier.labels)),
            label_from=attack.result["label_from"]["index"],
            target=attack.result["target"] and attack.result["target"]["index"],
        )
        run.finish(lambda: saving.update(row, partial=None, result=asdict(result)))


def _in_steps(
    run: Run, trial: Callable[..., experiment.Tried], tried: int, budget: str
) -> Generator[None, None, experiment.Tried]:
    def each(done: int, total: int, _text: str) -> None:
        run.step(tried, TRYING, {"budget": budget, "done": done, "total": total}, total=tried + 1)

    return (yield from in_steps(lambda on_step: trial(on_step=on_step), each, turns=run.job.line.takes_turns))


def _keep_own(run: Run, row: Sweep, classifier: Classifier, png: bytes) -> None:
    """The picture itself and the attack that the search is about: both are there already."""
    attack = row.attack
    original = experiment.judge_original(classifier, png)
    own = experiment.judge_again(classifier, files.read(attack.adversarial_file), attack.result, attack.budget)
    entry = _entry(own, attack.result["state"] == "success")
    columns = {"tried": [entry], "partial": original.probabilities.tobytes() + own.probabilities.tobytes()}
    _update(run, row, columns)


def _keep(run: Run, row: Sweep, found: experiment.Tried) -> None:
    with kept_only_if_saved() as written:
        stored = saving.write({"file": found.png}, written)
        columns = {
            "tried": [*row.tried, _entry(found.judged, found.succeeded, stored["file"])],
            "partial": bytes(row.partial or b"") + found.judged.probabilities.tobytes(),
            "bytes": row.bytes + stored["bytes"],
        }
        _update(run, row, columns)


def _update(run: Run, row: Sweep, columns: dict[str, Any]) -> None:
    run.checkpoint(partial(saving.update, row, **columns))
    for name, value in columns.items():
        setattr(row, name, value)


def _entry(judged: experiment.Judged, succeeded: bool, file: str = "") -> dict[str, Any]:
    """One budget as the row keeps it; without a file it is the attack's own."""
    control, distances = (asdict(part) if part else None for part in (judged.control, judged.distances))
    return {
        "value": judged.value,
        "succeeded": succeeded,
        "control": control,
        "distances": distances,
        "file": file,
    }


def _outcomes(row: Sweep) -> dict[float, bool]:
    return {one["value"]: one["succeeded"] for one in row.tried}


def _judged(row: Sweep, classes: int) -> list[experiment.Judged]:
    """Everything that was judged, by budget; the first row of probabilities is the picture itself."""
    first, *probabilities = np.frombuffer(bytes(row.partial or b""), np.float32).reshape(-1, classes)
    found = [experiment.Judged(0, first, None)]
    for one, row_of_it in zip(row.tried, probabilities, strict=True):
        control = one["control"] and PointControl(Scored(**one["control"]["top"]), one["control"]["p_original"])
        found.append(experiment.Judged(one["value"], row_of_it, control, Distances(**one["distances"])))
    return sorted(found, key=lambda judged: judged.value)
