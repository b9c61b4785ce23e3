"""What a train worker does: learn, look at datasets, look for masked gradients. Only workers import this."""

import shutil
import time
from functools import partial
from pathlib import Path

import numpy as np
from django.conf import settings
from django.utils.translation import gettext_noop as _

from inference.catalog.configuration import TrainingConfig
from inference.catalog.datasets import DATASETS
from inference.data.base import Data, Pictures, load_data
from inference.data.own import load_own
from inference.data.preview import first_of_each_class
from inference.images import pixels
from inference.networks.device import choose_device, describe
from inference.networks.threads import threads
from inference.training.conditions import changed_since
from inference.training.loop import LAST, Epoch, history
from inference.training.loop import train as epochs_of
from inference.training.versions import conclude
from webapp.core import files
from webapp.jobs import failures
from webapp.jobs.run import JobFailed, Run
from webapp.jobs.worker import tell_device
from webapp.lab.samples import ensure_samples_of
from webapp.training.masking import keep_found, order_checks
from webapp.training.masking_work import checked_for_masking
from webapp.training.models import FIGURES, Dataset, Masking, TrainingEpoch, TrainingRun
from webapp.training.preparing import prepare_dataset
from webapp.training.saving import keep_version

PACE = 0.5  # seconds between two looks at whether to stop early
CHECKING = _("Looking for masked gradients")
GONE = _("The training's row was deleted.")
DISK_FULL = _("This site's disk is full. The live version is untouched; free some space and resume the training.")
failures_worded = partial(failures.failures_worded, disk_full=DISK_FULL)


class StopEarly(Exception):
    """The owner has seen enough."""


def train(run: Run) -> None:
    """Epoch after epoch, from the last checkpoint on; then the best one becomes a version."""
    row = TrainingRun.objects.select_related("dataset").filter(pk=run.job.pk).first()
    if row is None:
        raise JobFailed("gone", GONE)
    config, folder = TrainingConfig(**row.config), folder_of(row)
    with failures_worded():
        tell_device(describe(choose_device()), threads())
        data = load(row.dataset)
        stopped = _learn(run, row, config, data, folder)
        _conclude(run, row, config, data, folder, stopped_early=stopped)
    shutil.rmtree(folder, ignore_errors=True)


def prepare(run: Run) -> None:
    """A dataset's facts and pictures for its page; an own one is made from its ZIP first."""
    with failures_worded():
        prepare_dataset(run)


def check_masking(run: Run) -> None:
    """Look for signs that the version's figures under attack flatter it; what is not done in time is told."""
    row = Masking.objects.select_related("version").get(pk=run.job.pk)
    with failures_worded():
        tell_device(describe(choose_device()), threads())
        found = checked_for_masking(row, step=lambda done, total: run.step(done, CHECKING, total=total))
    run.finish(lambda: keep_found(row, found.as_json()))


def folder_of(row: TrainingRun) -> Path:
    """Where the checkpoints lie: in the shared storage, so that any machine's worker can go on."""
    return Path(settings.MEDIA_DIR) / "trainings" / str(row.pk)


def load(dataset: Dataset) -> Data:
    """The pictures of a declared dataset, or of an own one."""
    if dataset.slug in DATASETS:
        return load_data(dataset.slug)
    return load_own(Path(settings.MEDIA_DIR) / dataset.file, slug=dataset.slug)


# --- Learning -----------------------------------------------------------------------------------------------------


def _learn(run: Run, row: TrainingRun, config: TrainingConfig, data: Data, folder: Path) -> bool:
    """Every epoch recorded; True if the owner stopped it before the last one."""
    _training, validation = data.learnt_from(share=config.validation_share, seed=config.seed)
    _catch_up(run, row, folder)
    _tell_changes(run, row, folder)
    watch = Watch(run, row)
    try:
        for epoch in epochs_of(config, data, folder=folder, on_step=watch.step):
            _record(run, row, epoch, validation)
            watch.epochs = epoch.number
    except StopEarly:
        return True
    return False


def _catch_up(run: Run, row: TrainingRun, folder: Path) -> None:
    """Rows for exactly the epochs whose checkpoint was written.

    A row may be missing, if a worker died between the two; or the checkpoints, if their disk was lost.
    """
    known, written = set(row.epochs.values_list("number", flat=True)), history(folder)
    missed = [
        TrainingEpoch(run=row, **{name: figures[name] for name in FIGURES})
        for figures in written
        if figures["number"] not in known
    ]
    lost = known - {figures["number"] for figures in written}

    def save() -> None:
        row.epochs.filter(number__in=lost).delete()
        TrainingEpoch.objects.bulk_create(missed)

    if missed or lost:
        run.checkpoint(save)


def _tell_changes(run: Run, row: TrainingRun, folder: Path) -> None:
    """Another worker's device, threads or libraries give other bits: its owner is told that it went on under them."""
    changed = changed_since(folder / LAST, choose_device())
    if not changed:
        return
    conditions = [*row.conditions, *(change for change in changed if change not in row.conditions)]

    def save() -> None:
        TrainingRun.objects.filter(pk=row.pk).update(conditions=conditions)

    run.checkpoint(save)


class Watch:
    """Progress of one attempt, and whether it should end before its time."""

    def __init__(self, run: Run, row: TrainingRun) -> None:
        self.run, self.row = run, row
        self.epochs = row.epochs.count()
        self.looked = 0.0

    def step(self, seen: int, total: int) -> None:
        """After every step: cheap, but for a look at the row twice a second."""
        self.run.step(seen, total=total)
        now = time.monotonic()
        if self.epochs and now - self.looked > PACE:
            self.looked = now
            if TrainingRun.objects.filter(pk=self.row.pk, stop_requested=True).exists():
                raise StopEarly


def _record(run: Run, row: TrainingRun, epoch: Epoch, validation: Pictures) -> None:
    """The epoch's row and the pictures it got wrong; done again after a crash it replaces what it wrote."""
    columns = {name: getattr(epoch, name) for name in FIGURES if name != "number"}
    wrong = [{"truth": one.truth, "said": one.said, "probability": one.probability} for one in epoch.mistakes]
    old = row.mistakes_file
    new = files.write("results", _strip(validation, [one.index for one in epoch.mistakes])) if wrong else ""

    def save() -> None:
        TrainingEpoch.objects.update_or_create(run=row, number=epoch.number, defaults=columns)
        TrainingRun.objects.filter(pk=row.pk).update(mistakes=wrong, mistakes_file=new)

    try:
        run.checkpoint(save)
    except BaseException:
        files.delete([new] if new else [])
        raise
    row.mistakes_file = new
    files.delete([old] if old else [])


def _strip(pictures: Pictures, indices: list[int]) -> bytes:
    """Pictures side by side, as a PNG."""
    chosen = pictures.images[indices].permute(0, 2, 3, 1).numpy()
    return pixels.write(np.concatenate(list(chosen), axis=1))


def _conclude(
    run: Run, row: TrainingRun, config: TrainingConfig, data: Data, folder: Path, *, stopped_early: bool
) -> None:
    def step(done: int, total: int) -> None:
        run.step(run.job.total, _("Testing the best epoch"))

    made = conclude(config, data, folder=folder, on_step=step)
    kept = keep_version(made, dataset=row.dataset, record=data.record, config=config)
    ensure_samples_of(row.dataset.slug, data.record.preparation, first_of_each_class(data))

    def save() -> None:
        version = kept.row()
        TrainingRun.objects.filter(pk=row.pk).update(version=version, stopped_early=stopped_early)
        type(run.job).objects.filter(pk=row.pk).update(version=version)
        order_checks(version)

    run.finish(save)
