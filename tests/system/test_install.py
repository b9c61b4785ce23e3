"""The environment that ./run and ./test make: made once, repaired when cut short, never two at a time."""

import fcntl
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT

INSTALL = ROOT / "webapp" / "supervisor" / "install.py"


def install(environment: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(INSTALL), str(environment), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True)


def wheel(folder: Path, version: str) -> Path:
    """A real, tiny package: `banana`, whose VERSION tells which it is."""
    path = folder / f"banana-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("banana.py", f"VERSION = {version!r}\n")
        info = f"banana-{version}.dist-info"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: banana\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


def installed(environment: Path) -> str:
    """The version of banana in there."""
    code = "import banana; print(banana.VERSION)"
    return subprocess.check_output([environment / "bin" / "python", "-c", code], text=True).strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """requirements.txt naming banana 1, and the environment made from it."""
    folder = tmp_path_factory.mktemp("install")
    (folder / "requirements.txt").write_text(f"--no-index\n{wheel(folder, '1')}\n")
    done = install(folder / "venv", folder / "requirements.txt")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.walk
def test_the_first_install_makes_an_environment_and_the_second_has_nothing_to_do(folder):
    assert installed(folder / "venv") == "1"
    again = install(folder / "venv", folder / "requirements.txt")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.mark.walk
def test_a_changed_requirement_is_installed_also_when_an_included_file_changed(folder):
    (folder / "dev.txt").write_text("-r more.txt\n")
    (folder / "more.txt").write_text(f"--no-index\n{wheel(folder, '1')}\n")
    assert install(folder / "venv", folder / "dev.txt").returncode == 0
    (folder / "more.txt").write_text(f"--no-index\n{wheel(folder, '2')}\n")
    assert install(folder / "venv", folder / "dev.txt").returncode == 0
    assert installed(folder / "venv") == "2"


@pytest.mark.walk
def test_a_failed_install_is_told_and_tried_again_without_starting_afresh(folder):
    (folder / "hopeless.txt").write_text("--no-index\nno-such-package==1\n")
    for _ in range(2):
        failed = install(folder / "venv", folder / "hopeless.txt")
        assert failed.returncode == 1
        assert "no-such-package" in failed.stderr and "start again" in failed.stderr
    assert installed(folder / "venv") in ("1", "2")


@pytest.mark.walk
def test_an_install_that_was_cut_short_starts_afresh(folder):
    environment = folder / "venv"
    half = environment / "half-written"
    half.touch()
    (environment / "gibbon-unfinished").touch()  # what a killed installer leaves
    done = install(environment, folder / "requirements.txt")
    assert done.returncode == 0, done.stderr
    assert not half.exists() and not (environment / "gibbon-unfinished").exists()
    assert installed(environment) == "1"


def test_two_at_once_say_so(tmp_path):
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "venv").mkdir()
    descriptor = os.open(tmp_path / "venv", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    refused = install(tmp_path / "venv", tmp_path / "requirements.txt")
    os.close(descriptor)
    assert refused.returncode == 2
    assert "Another ./run or ./test is installing" in refused.stderr


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").touch()
    refused = install(tmp_path / "photos", tmp_path / "requirements.txt")
    assert refused.returncode == 2
    assert "GIBBON_VENV" in refused.stderr
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["holiday.jpg"]
