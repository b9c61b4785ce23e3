"""Where torchvision's own code may download a dataset to: one process at a time, with failures told in a sentence."""

import fcntl
import socket
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

from attacks.words import gettext_noop as _
from inference.catalog.datasets import DatasetRecord, datasets_folder, folder_of
from inference.catalog.errors import BadDataset

SILENCE = 30  # seconds without a byte after which a server is given up: torchvision itself would wait for ever
FAILURES = (
    *(OSError, HTTPException, EOFError),  # the network, the disk
    *(RuntimeError, LookupError, ValueError),  # torchvision: another hash, no such file, a table without its columns
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error),
)


@contextmanager
def downloading(record: DatasetRecord) -> Iterator[Path]:
    """The folder to download to. What goes wrong inside is a BadDataset that tells what to do."""
    folder = datasets_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock, _patience():
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    except FAILURES as error:
        raise _advice(record, error) from error


def _advice(record: DatasetRecord, error: BaseException) -> BadDataset:
    reason = " ".join(str(getattr(error, "reason", error)).split()).rstrip(".")
    there = folder_of(record)
    if there:
        template = _(
            "The files of %(dataset)s in %(folder)s cannot be used: %(reason)s. "
            "Delete them and connect this machine to the internet, so that they are downloaded again."
        )
        return BadDataset(template, dataset=record.name, folder=str(there), reason=reason)
    template = _(
        "%(dataset)s is not on this machine and could not be downloaded: %(reason)s. "
        "Connect it to the internet, or put the files into %(folder)s."
    )
    return BadDataset(template, dataset=record.name, reason=reason, folder=str(datasets_folder() / record.folders[0]))


@contextmanager
def _patience() -> Iterator[None]:
    """No connection opened in here waits longer than SILENCE."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SILENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
