"""Fetches Pillow's own test pictures: the source distribution, through pip, checked by SHA-256, kept in a cache.

    python tests/fetch_pillow_images.py            fetches if need be and prints where it lies
    python tests/fetch_pillow_images.py --list     prints what becomes of each picture: the table
                                                   tests/data/pictures/pillow_images.csv

The cache is $GIBBON_TEST_CACHE, else var/test-cache. Once it is there no network is needed.
"""

import argparse
import csv
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = "13.0.0"
ARCHIVE = f"pillow-{VERSION}.tar.gz"
SHA256 = "cdcd1ba258178f7356d74170c9a81ba4eab6a5d55748bc402a5a2a6fe6be3510"
FOLDER = f"pillow-{VERSION}/Tests/images/"
TABLE = ROOT / "tests/data/pictures/pillow_images.csv"


def cached() -> Path:
    """Where the archive lies or will lie."""
    return Path(os.environ.get("GIBBON_TEST_CACHE", ROOT / "var/test-cache")) / ARCHIVE


def fetched() -> Path:
    """The archive, fetched unless it is there already; a sentence and exit 1 if it is not the one we know."""
    path = cached()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            options = ["--quiet", "--no-deps", "--no-binary", "pillow", "--dest", folder]
            subprocess.run([sys.executable, "-m", "pip", "download", *options, f"pillow=={VERSION}"], check=True)
            os.replace(Path(folder, ARCHIVE), path)
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{path} is not Pillow {VERSION} as it was published; please remove it and try again.")
    return path


def pictures() -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every file among Pillow's test pictures."""
    with tarfile.open(fetched()) as archive:
        for member in archive:
            if member.isfile() and member.name.startswith(FOLDER):
                yield member.name.removeprefix(FOLDER), archive.extractfile(member).read()


def list_verdicts() -> None:
    """One line a picture: name, first half of its SHA-256, verdict, code, and for the reader what was found."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["name", "sha256", "verdict", "code", "reason"])
    for name, data in sorted(pictures()):
        table.writerow([name, hashlib.sha256(data).hexdigest()[:32], *verdict(data)])


def verdict(data: bytes) -> tuple[str, str, str]:
    """(accept or refuse, code, reason)."""
    from inference.images import BadImage, canonicalise

    try:
        made = canonicalise(data, "photo")
    except BadImage as refusal:
        found = refusal.__cause__ or refusal.params.get("kind") or "by its header"
        told = f"{type(found).__name__}: {found}" if isinstance(found, Exception) else str(found)
        return "refuse", refusal.code, re.sub(r" <.*>", "", told)  # an address in memory tells nobody anything
    return "accept", "", f"{made.width}x{made.height}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    if parser.parse_args().list:
        sys.path.insert(0, str(ROOT))
        list_verdicts()
    else:
        print(fetched())
