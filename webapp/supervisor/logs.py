"""What the services say goes to one file each, written by themselves: a stuck supervisor never blocks a service."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import BinaryIO

LIMIT = 5_000_000  # bytes a log may grow to; one older file of that size is kept


class Logs:
    """A directory with NAME.log and, once that was full, NAME.log.1."""

    def __init__(self, directory: Path, *, limit: int = LIMIT) -> None:
        self.directory, self.limit = directory, limit
        directory.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """The file a service writes to."""
        return self.directory / f"{name}.log"

    def open(self, name: str) -> BinaryIO:
        """Open for appending, so that it may be emptied while a service writes."""
        descriptor = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "wb", buffering=0)

    def size(self, name: str) -> int:
        """Bytes now; where the words of the next process begin."""
        with contextlib.suppress(FileNotFoundError):
            return self.path(name).stat().st_size
        return 0

    def rotate(self) -> None:
        """Copy and empty every file over the limit. A line written between the two is lost; a log is not a ledger.

        Where the disk has no room for the copy there is none: the room is wanted more.
        """
        for path in self.directory.glob("*.log"):
            if path.stat().st_size > self.limit:
                older = path.with_suffix(".log.1")
                try:
                    shutil.copyfile(path, older)
                except OSError:
                    older.unlink(missing_ok=True)
                os.truncate(path, 0)

    def last_words(self, name: str, *, since: int = 0) -> list[str]:
        """The last six non-empty lines written after byte `since`."""
        with contextlib.suppress(FileNotFoundError), self.path(name).open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0 if since > end else since, end - 8000))
            text = file.read().decode(errors="replace")
            return [line.rstrip() for line in text.splitlines() if line.strip()][-6:]
        return []
