"""Where files lie: media written whole or not at all, static files under names that carry their hash."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class AtomicStorage(FileSystemStorage):
    """Files appear under their name only when every byte is on the disk; a killed process leaves no half file."""

    def replace(self, name: str, content: "File[Any]") -> None:
        """Store a file in the place of one that may be there; readers find the one or the other, whole."""
        self._save(name, content)

    def older(self, folder: str, limit: float) -> Iterator[str]:
        """The names below a folder that were last written before a time, in seconds since 1970; drafts too."""
        for path in Path(self.path(folder)).rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                if path.is_file() and path.stat().st_mtime < limit:
                    yield path.relative_to(self.location).as_posix()

    def _save(self, name: str, content: "File[Any]") -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        return name


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed names for ES modules too, so that an old script never meets a new page."""

    support_js_module_import_aggregation = True
    manifest_strict = False
