"""What a worker does for each kind of job: load, call the core, save. Only workers import this (it needs torch)."""

import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache, partial
from typing import Any, TypeVar

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from inference import experiment
from inference.catalog.results import PredictResult
from inference.networks.classifier import Classifier
from webapp.core import files
from webapp.core.prepared import Prepared, prepared
from webapp.jobs import failures
from webapp.jobs.line import urgent_work_waits
from webapp.jobs.models import Job
from webapp.jobs.run import PACE, JobFailed, Run
from webapp.jobs.stepwise import in_steps
from webapp.lab import saving
from webapp.lab.models import Attack, Draws, Outcome, Point, Prediction, Sweep
from webapp.lab.partial import packed, unpacked
from webapp.lab.services import swept_values
from webapp.pictures.models import Picture
from webapp.registry.loading import classifier_of

Row = TypeVar("Row", bound=Outcome)

CHUNK = {"cpu": 8}  # pictures judged at once, less than 0.1 s of work; elsewhere all together take no longer
DRAWS = 20  # of the noise at one value: how often it alone changes the answer
TOLD = 0.15  # seconds until whoever waits for a verdict has it, and a program that wants no levels has said so
SWEEP_SECONDS = 20.0  # then others have their turn, and a slow machine stays within a job's time limit
GONE = _("The picture was deleted.")
failures_worded = partial(failures.failures_worded, disk_full=files.DISK_FULL, gone=GONE)


def predict(run: Run) -> None:
    """Probabilities of one picture."""
    row = row_of(Prediction, run, "picture")
    with failures_worded():
        save_prediction(run, row, prediction_of(run, row)())


def prediction_of(run: Run, row: Prediction) -> Callable[[], PredictResult]:
    """What is to be computed; without the database from here on."""
    png, truth = files.read(row.picture.file), truth_of(row.picture)
    return partial(experiment.predict, classifier_for(run), png, truth=truth)


def save_prediction(run: Run, row: Prediction, found: PredictResult) -> None:
    run.finish(lambda: saving.save_prediction(row, found))


def attack(run: Run) -> Iterator[None]:
    """Attack, control, verdict on the saved bytes; the sweep of a ray follows as a job of its own.

    In turns where it takes many steps. What it has reached lies in its thread: another worker begins anew.
    """
    row = row_of(Attack, run, "picture")
    with failures_worded():
        live = LiveTrace(row)
        work = partial(experiment.attack, *asked_of(run, row), truth=truth_of(row.picture), recorder=live.recorder)

        def each(done: int, total: int, text: str) -> None:
            live.save()
            run.step(done, text, total=total)

        made = yield from in_steps(lambda on_step: work(on_step=on_step), each, turns=run.job.line.takes_turns)
        save_attack(run, row, made)


def asked_of(run: Run, row: Attack) -> tuple[Classifier, bytes, str, Mapping[str, Any]]:
    """What an attack begins with."""
    return classifier_for(run), files.read(row.picture.file), row.attack, row.params


def save_attack(run: Run, row: Attack, made: experiment.Attacked) -> None:
    """Its files, then its row and the end of the job."""
    pictures = {
        "adversarial_file": made.png,
        "sign_file": made.sign_png,
        "change_file": made.change_png,
        "trace_file": made.trace_jpeg,
    }
    with kept_only_if_saved() as written:
        columns = saving.write(pictures, written)
        run.finish(lambda: saving.save_attack(row, made.result, columns, judged=_for_the_sweep(row, made)))


def _for_the_sweep(row: Attack, made: experiment.Attacked) -> bytes:
    """What the attack of a ray has judged of its sweep already."""
    if row.record.path != "ray":
        return b""
    return packed({experiment.Step(0): made.original, experiment.Step(row.budget): made.probabilities})


class LiveTrace:
    """What an attack went through so far, on its row as often as somebody can see it."""

    def __init__(self, row: Attack) -> None:
        self.row, self.recorder, self.saved = row, experiment.Recorder(), float("-inf")

    def save(self) -> None:
        now = time.monotonic()
        if now - self.saved < PACE or (trace := self.recorder.trace()) is None:
            return
        self.saved = now
        saving.update(self.row, live=asdict(trace))


def truth_of(picture: Picture) -> str | None:
    """What a sample shows; of a visitor's picture nobody knows."""
    return (picture.facts or {}).get("truth_label")


def sweep(run: Run) -> None:
    """Judge budget after budget; give the worker back, with what was judged, as soon as somebody waits for it."""
    row = row_of(Sweep, run, "attack__picture")
    with failures_worded():
        classifier, begun = classifier_for(run), time.monotonic()
        asked = experiment.steps_of(swept_values(classifier.levels), row.attack.budget)
        judged = unpacked(bytes(row.partial or b""))
        known = {experiment.Step(0), experiment.Step(row.attack.budget)}  # with the verdict that it follows
        while left := [step for step in asked if step not in judged]:
            if judged and judged.keys() <= known and _verdict_is_on_its_way(run.job):
                time.sleep(TOLD / 5)
            else:
                judged |= _next_steps(row, classifier, left)
            done = _whole(asked, judged)
            last = len(judged) == len(asked)
            if not last and (urgent_work_waits(run.job) or time.monotonic() - begun > SWEEP_SECONDS):
                run.give_back(done, partial(saving.update, row, partial=packed(judged)))
                return
            run.step(done)
        attacked, swept = row.attack.result, row.attack.record.budget_option
        assert swept is not None  # noqa: S101 - only rays are swept; this narrows the type
        result = experiment.assemble_ray(
            classifier.labels,
            swept,
            judged,
            label_from=attacked["label_from"]["index"],
            target=attacked["target"] and attacked["target"]["index"],
        )

        run.finish(lambda: saving.save_sweep(row, result))


def _verdict_is_on_its_way(job: Job) -> bool:
    """To somebody; the sweep was created with it. It needs the processors first."""
    return not job.unasked and 0 <= (timezone.now() - job.created).total_seconds() < TOLD


def draws(run: Run) -> None:
    """What the network says under each of many draws of the noise; the worker is given back as by a sweep."""
    row, named = row_of(Draws, run, "attack__picture"), list[int]()
    with failures_worded():
        classifier, png = classifier_for(run), files.read(row.attack.picture.file)
        seeds = range(row.attack.params["seed"], row.attack.params["seed"] + DRAWS)
        named += row.named or []
        while left := seeds[len(named) :][: CHUNK.get(classifier.device.type)]:
            named += experiment.judge_draws(classifier, png, int(row.value), left)
            if len(named) < DRAWS and urgent_work_waits(run.job):
                run.give_back(0, partial(saving.save_draws, row, named))
                return
            run.step(0)
        run.finish(lambda: saving.save_draws(row, named))


def _next_steps(row: Sweep, classifier: Classifier, left: list[experiment.Step]) -> dict[experiment.Step, np.ndarray]:
    """As many as are judged at once before the worker looks for more urgent work."""
    return experiment.judge_steps(
        classifier,
        files.read(row.attack.picture.file),
        files.read(row.attack.sign_file),
        left[: CHUNK.get(classifier.device.type)],
        seed=row.attack.params["seed"],
    )


def _whole(asked: list[experiment.Step], judged: Container[experiment.Step]) -> int:
    """How many values have nothing left to judge."""
    return len({step.value for step in asked} - {step.value for step in asked if step not in judged})


def point(run: Run) -> None:
    """One point of the sweep as a file: written, reread, judged."""
    row = row_of(Point, run, "attack__picture")
    with failures_worded(), kept_only_if_saved() as written:
        pictures = (files.read(row.attack.picture.file), files.read(row.attack.sign_file))
        made = experiment.judge_point(classifier_for(run), *pictures, row.attack.attack, row.plain_value)
        columns = saving.write({"image_file": made.png}, written)
        run.finish(lambda: saving.save_point(row, made.result, columns))


@contextmanager
def kept_only_if_saved() -> Iterator[list[str]]:
    """Files named in the list are deleted again if the block does not end well."""
    written: list[str] = []
    try:
        yield written
    except BaseException:
        files.delete(written)
        raise


def row_of(model: type[Row], run: Run, related: str) -> Row:
    """The job's own row, with what it is about."""
    row: Row | None = _row(model, related).first(run.job.pk)
    if row is None:
        raise JobFailed("picture_gone", GONE)
    row.job = run.job  # read already
    return row


@cache
def _row(model: type[Row], related: str) -> Prepared[Row]:
    return prepared(lambda job: model._default_manager.select_related(related).filter(pk=job))


def classifier_for(run: Run) -> Classifier:
    return classifier_of(run.job.answered_by)
