"""What a worker does for each kind of job: load, call the core, save. Only workers import this (it needs torch)."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import numpy as np
from django.utils.translation import gettext_noop as _

from inference import experiment
from inference.experiment.sweep import assemble_ladder
from inference.networks.classifier import Classifier
from webapp.core import files
from webapp.jobs import failures
from webapp.jobs.models import Job
from webapp.jobs.run import JobFailed, Run
from webapp.jobs.services import create_job, urgent_work_waits
from webapp.lab.models import Attack, Draws, Ladder, Level, Outcome, Prediction
from webapp.registry.loading import classifier_of

Row = TypeVar("Row", bound=Outcome)

LADDER_CHUNK = {"cpu": 4}  # levels, about 0.1 s of work; elsewhere the whole ladder takes no longer
LADDER_SECONDS = 20.0  # then others have their turn, and a slow machine stays within a job's time limit
GONE = _("The picture was deleted.")
DISK_FULL = _("This site's disk is full. Nothing was stored; please try again later.")
failures_told = partial(failures.failures_told, disk_full=DISK_FULL, gone=GONE)


def predict(run: Run) -> None:
    """Probabilities of one picture."""
    row = _row(Prediction, run, "picture")
    with failures_told():
        found = experiment.predict(_classifier(run), files.read(row.picture.file))
        run.finish(lambda: _update(row, top=found["top"]))


def attack(run: Run) -> None:
    """Attack, control, verdict on the saved bytes; the ladder follows as a job of its own."""
    row = _row(Attack, run, "picture")
    with failures_told(), kept_only_if_saved() as written:
        made = experiment.attack(
            _classifier(run),
            files.read(row.picture.file),
            row.attack,
            row.params,
            on_step=lambda done, total, text: run.step(done, text),
        )
        written += [files.write("results", made.adversarial_png), files.write("results", made.sign_png)]

        def save() -> None:
            _update(
                row,
                original_top=made.original,
                adversarial_top=made.adversarial,
                control_top=made.control,
                label_from=made.label_from,
                target=made.target,
                adversarial_file=written[0],
                sign_file=written[1],
                adversarial_sha256=hashlib.sha256(made.adversarial_png).hexdigest(),
                bytes=len(made.adversarial_png) + len(made.sign_png),
                **{name: getattr(made, name) for name in PLAIN_NUMBERS},
            )
            begin_ladder(row, job=run.job)

        run.finish(save)


PLAIN_NUMBERS = (
    "fooled", "reached", "verified", "zero_gradient", "linf_levels", "l2", "ssim",
    "changed_pixels", "attacked_pixels", "attacked_values", "zero_gradient_pixels", "flat_from", "control_l2",
    "control_reach", "seconds",
)  # fmt: skip


def begin_ladder(row: Attack, *, job: Job) -> None:
    """Queue the judging of every level of `row`."""
    total = job.answered_by.classifier.levels + 1
    ladder_job = create_job(kind="ladder", visitor=job.visitor, version=job.answered_by, total=total)
    Ladder.objects.create(job=ladder_job, attack=row)


def begin_draws(row: Attack, *, k: int) -> None:
    """Queue more draws of the noise at level `k`, unless they were asked for already; in a transaction."""
    Attack.objects.select_for_update().filter(pk=row.pk).first()  # one after the other with whoever asks just now
    if not row.draws.filter(k=k).exists():
        job = create_job(kind="draws", visitor=row.job.visitor, version=row.job.answered_by)
        Draws.objects.create(job=job, attack=row, k=k)


def ladder(run: Run) -> None:
    """Judge level after level; give the worker back, with what was judged, as soon as somebody waits for it."""
    row = _row(Ladder, run, "attack__picture")
    with failures_told():
        classifier, begun = _classifier(run), time.monotonic()
        so_far = _partial(row, classifier)
        while (done := so_far.shape[1]) < run.job.total:
            so_far = np.concatenate([so_far, _next_levels(row, classifier, done, run.job.total)], axis=1)
            done = so_far.shape[1]
            if done < run.job.total and (urgent_work_waits(run.job) or time.monotonic() - begun > LADDER_SECONDS):
                run.give_back(done, partial(_update, row, partial=so_far.tobytes()))
                return
            run.step(done)
        result = assemble_ladder(
            classifier.labels,
            list(range(run.job.total)),
            *so_far,
            label_from=_index(row.attack.label_from),
            target=_index(row.attack.target),
        )

        def save() -> None:
            _update(row, partial=None, result=result)
            begin_draws(row.attack, k=row.attack.epsilon)

        run.finish(save)


def draws(run: Run) -> None:
    """What the network says under each of many draws of the noise; a fraction of a second, so in one go."""
    row = _row(Draws, run, "attack__picture")
    with failures_told():
        png, seed = files.read(row.attack.picture.file), row.attack.params["seed"]
        said = experiment.judge_draws(_classifier(run), png, row.k, seed=seed)
        run.finish(lambda: _update(row, said=said))


def _next_levels(row: Ladder, classifier: Classifier, first: int, total: int) -> np.ndarray:
    """(2, a few levels, classes): as many as are judged at once before the worker looks for more urgent work."""
    count = LADDER_CHUNK.get(classifier.device.type, total)
    judged = experiment.judge_levels(
        classifier,
        files.read(row.attack.picture.file),
        files.read(row.attack.sign_file),
        list(range(first, min(first + count, total))),
        seed=row.attack.params["seed"],
    )
    return np.stack(judged)


def level(run: Run) -> None:
    """One level as a file: written, reread, judged."""
    row = _row(Level, run, "attack__picture")
    with failures_told(), kept_only_if_saved() as written:
        made = experiment.judge_level(
            _classifier(run), files.read(row.attack.picture.file), files.read(row.attack.sign_file), row.k
        )
        written.append(files.write("results", made.png))
        run.finish(
            lambda: _update(
                row,
                image_file=written[0],
                sha256=made.sha256,
                bytes=len(made.png),
                top=made.top,
                verified=made.verified,
                linf_levels=made.linf_levels,
            )
        )


@contextmanager
def kept_only_if_saved() -> Iterator[list[str]]:
    """Files named in the list are deleted again if the block does not end well."""
    written: list[str] = []
    try:
        yield written
    except BaseException:
        files.delete(written)
        raise


def _row(model: type[Row], run: Run, related: str) -> Row:
    """The job's own row, with what it is about."""
    row = model._default_manager.select_related(related).filter(pk=run.job.pk).first()
    if row is None:
        raise JobFailed("picture_gone", GONE)
    return row


def _classifier(run: Run) -> Classifier:
    return classifier_of(run.job.answered_by)


def _index(scored: Any) -> Any:
    return scored and scored["index"]


def _partial(row: Ladder, classifier: Classifier) -> np.ndarray:
    """(2, levels judged so far, classes): under attack, under the control."""
    return np.frombuffer(row.partial or b"", dtype=np.float32).reshape(2, -1, len(classifier.labels))


def _update(row: Any, **columns: Any) -> None:
    """Write columns of a row that still exists; one deleted meanwhile does not come back."""
    type(row).objects.filter(pk=row.pk).update(**columns)
