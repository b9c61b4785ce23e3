"""Making a dataset's row complete: its own pictures from a ZIP, its facts, and what its page shows. Workers only."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop as _

from inference import images
from inference.data.base import Data, load_data
from inference.data.own import load_own, save_own, unpack
from inference.data.preview import augmentation_grid, facts, sample_grid
from inference.data.zip_refusal import BadZip
from webapp.core import files
from webapp.jobs.run import JobFailed, Run
from webapp.training.datasets import forget_file
from webapp.training.models import Dataset, Preparation

TRIES = 12  # each waits some ten seconds for a decoder
GONE = _("The dataset was deleted.")
NO_ZIP = _("Its ZIP is no longer kept: bring it again.")
KNOWN = _("These pictures are here already, under the same name: see %(address)s")


def prepare_dataset(run: Run) -> None:
    """Facts and pictures of the job's dataset; its ZIP is gone afterwards, whether it was of use or not."""
    row = Preparation.objects.select_related("dataset").filter(pk=run.job.pk).first()
    if row is None:
        raise JobFailed("gone", GONE)
    if not row.archive:
        _complete(run, row, load_data(row.dataset.slug), {})
        return
    try:
        _from_archive(run, row)
    except BadZip as refused:
        files.delete([row.archive])
        if refused.report:
            Preparation.objects.filter(pk=row.pk).update(report=refused.report.as_json())
        raise JobFailed(refused.code, refused.message, refused.params) from refused
    except JobFailed:
        files.delete([row.archive])
        raise
    files.delete([row.archive])


def _from_archive(run: Run, row: Preparation) -> None:
    media = Path(settings.MEDIA_DIR)
    if not (media / row.archive).exists():  # refused before, and queued again
        raise JobFailed("gone", NO_ZIP)
    unpacked = unpack(
        media / row.archive,
        decode=_patiently_decoded,
        encoding=row.encoding,
        on_step=lambda done, total: run.step(done, total=total),
    )
    saved = save_own(unpacked, media / "datasets", name=row.dataset.name)
    name = saved.path.relative_to(media).as_posix()
    _refuse_known(row, name)
    data = load_own(saved.path, slug=row.dataset.slug)
    _complete(run, row, data, {"own": saved.facts}, file=name)


def _patiently_decoded(data: bytes) -> bytes:
    """The canonical PNG; nobody waits at this door, and no ZIP is refused because the machine is busy for a while."""
    for _try in range(TRIES - 1):
        with suppress(images.DecoderBusy):
            return images.prepare(data, "photo").png
    return images.prepare(data, "photo").png


def _complete(run: Run, row: Preparation, data: Data, more: dict[str, Any], *, file: str = "") -> None:
    """Write what the page shows, then the row; if the dataset was deleted meanwhile nothing stays."""
    pictures = {name: files.write("datasets", draw(data)) for name, draw in DRAWN.items()}
    columns = {"facts": facts(data) | more, "pictures": pictures, "file": file}
    try:
        run.finish(lambda: _save(row, columns))
    except BaseException:
        files.delete(list(pictures.values()))
        forget_file(file, by=run.job)
        raise


DRAWN: dict[str, Callable[[Data], bytes]] = {"samples": sample_grid, "augmentations": augmentation_grid}


def _save(row: Preparation, columns: dict[str, Any]) -> None:
    if columns["file"]:
        Dataset.objects.order_by("pk").select_for_update().first()  # one worker after the other asks, and saves
        _refuse_known(row, columns["file"])
    Dataset.objects.filter(pk=row.dataset_id).update(**columns)
    Preparation.objects.filter(pk=row.pk).update(archive="")  # if this process is killed now, the file is nobody's


def _refuse_known(row: Preparation, file: str) -> None:
    """Versions of the same pictures under the same name would be the same, of two classifiers."""
    if same := Dataset.objects.filter(file=file).exclude(pk=row.dataset_id).first():
        raise JobFailed("known", KNOWN, {"address": same.get_absolute_url()})
