"""What was taken from elsewhere is what was taken, with its licence."""

import hashlib

from tests.support.paths import ROOT

VENDOR = ROOT / "static" / "vendor"


def test_every_vendored_file_is_the_one_that_was_vendored():
    listed = dict(reversed(line.split()) for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    found = {
        str(file.relative_to(VENDOR)): hashlib.sha256(file.read_bytes()).hexdigest() for file in VENDOR.glob("*/*")
    }
    assert found == listed
    assert all((folder / "LICENSE").exists() for folder in VENDOR.iterdir() if folder.is_dir())
