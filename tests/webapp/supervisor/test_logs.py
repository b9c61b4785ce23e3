"""Logs that grow: copied and emptied, also where the disk has no room for the copy."""

import errno
from pathlib import Path

import pytest

from webapp.supervisor import logs
from webapp.supervisor.logs import Logs

LIMIT = 1000


@pytest.fixture
def grown(tmp_path: Path) -> Logs:
    """One that has been full before, and is again."""
    found = Logs(tmp_path, limit=LIMIT)
    found.path("web").write_bytes(b"x" * (LIMIT + 1))
    (tmp_path / "web.log.1").write_bytes(b"old")
    return found


def test_what_is_full_is_kept_once_and_goes_on_empty(grown: Logs) -> None:
    grown.path("worker").write_bytes(b"y" * LIMIT)
    grown.rotate()
    sizes = {path.name: path.stat().st_size for path in grown.directory.iterdir()}
    assert sizes == {"web.log": 0, "web.log.1": LIMIT + 1, "worker.log": LIMIT}


@pytest.mark.parametrize("written", [10, None], ids=["half a copy", "no copy"])
def test_on_a_full_disk_the_copy_is_given_up_and_not_the_site(
    grown: Logs, monkeypatch: pytest.MonkeyPatch, written: int | None
) -> None:
    def half(_source: Path, copy: Path) -> None:
        copy.unlink()
        if written:
            copy.write_bytes(b"x" * written)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(logs.shutil, "copyfile", half)
    grown.rotate()
    assert [(path.name, path.stat().st_size) for path in grown.directory.iterdir()] == [("web.log", 0)]
