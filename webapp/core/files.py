"""The bytes of pictures and results in storage, under names nobody can guess."""

import errno
import shutil
import uuid
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_noop as _

from webapp.core.errors import Refusal
from webapp.core.storage import AtomicStorage

DISK_FULL = _("This site's disk is full. Nothing was stored; please try again later.")


def write(folder: str, content: bytes, *, ending: str = "png") -> str:
    """Store a picture under a fresh name and return the name. OSError when the disk is full."""
    token = uuid.uuid4().hex
    return default_storage.save(f"{folder}/{token[:2]}/{token}.{ending}", ContentFile(content))


def shelf() -> AtomicStorage:
    """The folder of what is worked on in place (ZIPs, prepared datasets), also where pictures lie in a bucket."""
    return AtomicStorage(location=settings.MEDIA_DIR)


def keep(folder: str, upload: UploadedFile, *, suffix: str) -> str:
    """Store an uploaded file as it came on the shelf, and return its fresh name. OSError when the disk is full."""
    return shelf().save(f"{folder}/{uuid.uuid4().hex}{suffix}", upload)


def read(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()


def delete(names: list[str]) -> None:
    """Remove files, wherever they lie; one that is already gone is fine."""
    for name in names:
        default_storage.delete(name)
        shelf().delete(name)


def refuse_when_disk_is_low() -> None:
    """507 while less than the floor is free, for rows or for files: what is there keeps working, nothing is begun."""
    if min(map(_free, (settings.DATA_DIR, settings.MEDIA_DIR))) < settings.FREE_DISK_BYTES:
        raise disk_full()


def _free(folder: str | Path) -> int:
    """Bytes on the disk of a folder that may not be there yet."""
    place = Path(folder)
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def disk_full() -> Refusal:
    return Refusal(507, "disk_full", DISK_FULL, retry_after=600)


def is_disk_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
