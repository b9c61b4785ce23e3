"""Makes the Python environment that `./run` and `./test` use, and keeps it in step with the requirement files.

    python install.py ENVIRONMENT [-c constraints.txt] requirements.txt [more files] [--no-deps FILE]

Runs on the bare system's Python (3.11 or later, standard library only), as a file, before anything is installed. A
stamp in the environment names what was installed; while it fits, pip is not even asked, which takes it seconds. pip
and venv do the rest, but for one thing: an install that was killed may leave a package half written, which pip takes
for a whole one. So it leaves a mark, and the next one starts afresh. Exit codes: 0 done, 1 pip failed, 2 a sentence
tells what is in the way.
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
QUIET = [] if sys.stdout.isatty() else ["-qq"]  # pip's progress on a terminal, else only what goes wrong


class Refusal(RuntimeError):
    """Nothing can be installed; the sentence says why."""


def main(words: list[str]) -> int:
    """Install what the files name, unless that was done before."""
    parser = argparse.ArgumentParser(description="Prepare the Python environment for Gibbon.")
    parser.add_argument("environment", type=lambda text: Path(os.path.abspath(text)))
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("-c", dest="constraints", type=Path, help="the versions of whatever the files bring with them")
    parser.add_argument("--no-deps", type=Path, help="a file whose packages are installed without what they ask for")
    options = parser.parse_args(words)
    environment: Path = options.environment
    try:
        if not is_current(environment, options):
            with only_one(environment):
                install(environment, options)
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


def is_current(environment: Path, options: argparse.Namespace) -> bool:
    """Whether exactly these files were installed here, by this Python, to the end."""
    if (environment / UNFINISHED).exists() or not os.access(python_of(environment), os.X_OK):
        return False
    with contextlib.suppress(FileNotFoundError):
        return stamp(environment, options).read_text() == fingerprint(environment, options)
    return False


def install(environment: Path, options: argparse.Namespace) -> None:
    """Make the environment if need be, then let pip install; the stamp comes last."""
    prepare(environment)
    named = " and ".join(path.name for path in options.files)
    say(f"Installing what {named} asks for into {environment}. The first time this takes some minutes …")
    (environment / UNFINISHED).touch()
    bounds = ["-c", str(options.constraints)] if options.constraints else []
    pip = [str(python_of(environment)), "-m", "pip", "--no-input", "--disable-pip-version-check", *QUIET, "install"]
    files = [word for path in options.files for word in ("-r", str(path))]
    bare = [["--no-deps", "-r", str(options.no_deps)]] if options.no_deps else []
    for wanted in [files, *bare]:
        subprocess.run([*pip, *bounds, *wanted], check=True, stdin=subprocess.DEVNULL)
    stamp(environment, options).write_text(fingerprint(environment, options))
    (environment / UNFINISHED).unlink()


def prepare(environment: Path) -> None:
    """An environment whose Python runs: the one there, or a new one in place of one that was never finished."""
    is_ours = (environment / "pyvenv.cfg").exists() or (environment / UNFINISHED).exists()
    if not is_ours and any(environment.iterdir()):
        raise Refusal(
            f"{environment} is a folder with other things in it. Name another one: GIBBON_VENV=/another/folder"
        )
    if has_pip(python_of(environment)) and not (environment / UNFINISHED).exists():
        return
    say(f"Making a Python environment in {environment} with {sys.version.split()[0]} …")
    (environment / UNFINISHED).touch()
    outer = getattr(sys, "_base_executable", None) or sys.executable  # ours may be the one that is being cleared
    made = subprocess.run([outer, "-m", "venv", "--clear", str(environment)])
    (environment / UNFINISHED).touch()  # --clear has removed it
    if made.returncode:
        raise Refusal("This Python cannot make environments. On Debian and Ubuntu: apt install python3-venv")


def has_pip(python: Path) -> bool:
    """Whether this interpreter starts, and finds its packages: not after the system's Python became another."""
    with contextlib.suppress(OSError):
        return subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0
    return False


def fingerprint(environment: Path, options: argparse.Namespace) -> str:
    """Hash of all there is beside the files (they may include one another), of Python, the machine and the place."""
    folders = {path.resolve().parent for path in [*options.files, options.constraints, options.no_deps] if path}
    texts = [path.read_bytes() for folder in sorted(folders) for path in sorted(folder.glob("*.txt"))]
    place = [os.fsencode(fact) for fact in (sys.version, platform.machine(), environment)]
    return hashlib.sha256(b"\0".join([*place, *texts])).hexdigest()


def stamp(environment: Path, options: argparse.Namespace) -> Path:
    """One stamp for each set of files, so that ./run and ./test do not undo each other's."""
    return environment / f"gibbon-{'-'.join(path.stem for path in options.files)}.stamp"


def python_of(environment: Path) -> Path:
    """The environment's interpreter."""
    return environment / "bin" / "python"


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
