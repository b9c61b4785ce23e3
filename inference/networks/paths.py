"""Names of files for libraries that take UTF-8 only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def in_utf8(path: Path) -> Iterator[Path]:
    """The path itself, or another name of the open file while the block lasts: Linux has names that are no UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        with path.open("rb") as file:
            yield Path(f"/dev/fd/{file.fileno()}")
        return
    yield path
