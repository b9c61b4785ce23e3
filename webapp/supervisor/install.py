"""Makes the Python environment that `./run` and `./test` use, and keeps it in step with the requirement files.

    python install.py ENVIRONMENT requirements.txt [more files] [--no-deps FILE]

Runs on the bare system's Python (3.11 or later, standard library only), as a file, before anything is installed. A
stamp in the environment names what was installed; while it fits, nothing is done. An install that was cut short leaves
a mark, and the next one starts afresh. Exit codes: 0 done, 1 pip failed, 2 a sentence tells what is in the way.
"""

import argparse
import contextlib
import fcntl
import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

UNFINISHED = "gibbon-unfinished"  # exists while an install is under way


class Refusal(RuntimeError):
    """Nothing can be installed; the sentence says why."""


def main(words: list[str]) -> int:
    """Install what the files name, unless that was done before."""
    parser = argparse.ArgumentParser(description="Prepare the Python environment for Gibbon.")
    parser.add_argument("environment", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--no-deps", type=Path, help="a file whose packages are installed without what they ask for")
    options = parser.parse_args(words)
    environment, files = Path(os.path.abspath(options.environment)), [path.resolve() for path in options.files]
    try:
        if not is_current(environment, files, options.no_deps):
            with only_one(environment):
                install(environment, files, options.no_deps)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The next start begins the installation afresh.\n")
        return 130
    except subprocess.CalledProcessError as error:
        if error.returncode > 0:  # pip gave up in good order; killed, it may have left a package half written
            (environment / UNFINISHED).unlink(missing_ok=True)
        sys.stderr.write(f"The installation failed (pip's exit code {error.returncode}); start again to repeat it.\n")
        return 1
    return 0


def is_current(environment: Path, files: list[Path], bare: Path | None) -> bool:
    """Whether exactly these files were installed here, by this Python, to the end."""
    if (environment / UNFINISHED).exists() or not os.access(python_of(environment), os.X_OK):
        return False
    with contextlib.suppress(FileNotFoundError):
        return stamp(environment, files).read_text() == fingerprint(environment, files, bare)
    return False


def install(environment: Path, files: list[Path], bare: Path | None) -> None:
    """Make the environment if need be, then let pip install; the stamp comes last."""
    if is_current(environment, files, bare):
        return  # somebody else has just done it
    prepare(environment)
    named = " and ".join(path.name for path in files)
    say(f"Installing what {named} asks for into {environment}. The first time this takes some minutes …")
    (environment / UNFINISHED).touch()
    pip(environment, *(word for path in files for word in ("-r", str(path))))
    if bare:
        pip(environment, "--no-deps", "-r", str(bare))
    draft = environment / "gibbon-stamp.draft"
    draft.write_text(fingerprint(environment, files, bare))
    draft.replace(stamp(environment, files))
    (environment / UNFINISHED).unlink()


def prepare(environment: Path) -> None:
    """An environment whose Python runs: the one there, or a new one in place of one that was never finished."""
    is_ours = (environment / "pyvenv.cfg").exists() or (environment / UNFINISHED).exists()
    if not is_ours and any(environment.iterdir()):
        raise Refusal(
            f"{environment} is a folder with other things in it. Name another one: GIBBON_VENV=/another/folder"
        )
    if runs(python_of(environment)) and not (environment / UNFINISHED).exists():
        return
    say(f"Making a Python environment in {environment} with {sys.version.split()[0]} …")
    (environment / UNFINISHED).touch()
    made = subprocess.run([base_python(), "-m", "venv", "--clear", str(environment)], capture_output=True, text=True)
    (environment / UNFINISHED).touch()  # --clear has removed it
    if made.returncode:
        raise Refusal(
            f"This Python cannot make environments:\n{(made.stdout + made.stderr).strip()}\n"
            "On Debian and Ubuntu: apt install python3-venv"
        )


def pip(environment: Path, *words: str) -> None:
    """One call of the environment's pip: its progress on a terminal, else only what goes wrong."""
    options = ["--no-input", "--disable-pip-version-check", *([] if sys.stdout.isatty() else ["-qq"])]
    command = [str(python_of(environment)), "-m", "pip", "install", *options, *words]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def fingerprint(environment: Path, files: list[Path], bare: Path | None) -> str:
    """Hash of every requirement line, the Python that reads them, the machine and the place."""
    facts = [python_version(environment), platform.machine(), str(environment)]
    texts = [path.read_text() for path in [*with_included(files), *([bare] if bare else [])]]
    return hashlib.sha256("\0".join(facts + texts).encode()).hexdigest()


def with_included(files: list[Path]) -> Iterator[Path]:
    """The files and those they include with `-r`."""
    for path in files:
        if not path.exists():
            raise Refusal(f"{path} is missing.")
        yield path
        included = [line.split(maxsplit=1)[1] for line in path.read_text().splitlines() if line.startswith("-r ")]
        yield from with_included([path.parent / name.strip() for name in included])


def stamp(environment: Path, files: list[Path]) -> Path:
    """One stamp for each set of files, so that ./run and ./test do not undo each other's."""
    return environment / f"gibbon-{'-'.join(path.stem for path in files)}.stamp"


def python_of(environment: Path) -> Path:
    """The environment's interpreter."""
    return environment / "bin" / "python"


def python_version(environment: Path) -> str:
    """The version of the Python it was made with: under another one its compiled packages would not load."""
    with contextlib.suppress(FileNotFoundError):
        for line in (environment / "pyvenv.cfg").read_text().splitlines():
            if line.startswith("version"):
                return line.partition("=")[2].strip()
    return ""


def base_python() -> str:
    """The interpreter outside any environment: one that is being cleared cannot make itself."""
    return getattr(sys, "_base_executable", None) or sys.executable


def runs(python: Path) -> bool:
    """Whether this interpreter starts, is new enough and has pip."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


@contextlib.contextmanager
def only_one(environment: Path) -> Iterator[None]:
    """Lock the folder itself (clearing it keeps it), which the system lets go however we end."""
    environment.mkdir(parents=True, exist_ok=True)
    folder = os.open(environment, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Refusal(f"Another ./run or ./test is installing into {environment}. Wait until it is done.") from error
    finally:
        os.close(folder)


def say(text: str) -> None:
    """A line for the person at the console."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
