"""Our attacks beside the libraries' on the test digits, at equal passes: who fools more, and is it more than chance?

    python -m benchmarks.parity [--attacks bim,pgd] [--pictures 500] [--minutes 90] [--folder parity]

The first test pictures on `digits` and `digits-hardened`, in chunks; each attack of each library on each chunk is kept
in the folder, so that the same command goes on where it was stopped, and tells with `--minutes 0` what there is.
Everybody takes the same steps of the same size
(benchmarks/parity/pairs.py); passes are counted at the network. Ours is "not worse" where it fools at most one point
fewer and McNemar's exact test, corrected by Holm for the whole table, does not show fewer; an attack that looks for the
smallest change where besides the median length is at most 2 % larger, of the pictures that both fool. Ends with 1 where
it is worse. 20 photographs are listed with cheap settings, without a judgement: they are too few.
"""

import argparse
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from benchmarks.accuracy import foolbox_photos
from benchmarks.parity.outcomes import OURS, outcome
from benchmarks.parity.pairs import PAIRS, PHOTO_PAIRS, Pair
from benchmarks.parity.verdicts import Line, holm
from benchmarks.timing import circumstances, table
from inference.data.base import Pictures, load_data
from inference.networks.classifier import load

DIGITS, PHOTOS = ("digits", "digits-hardened"), "imagenet-lite0"
PHOTO_SIZE, PHOTOS_AT_ONCE = (224, 224), 10
HEAD = [
    "network",
    "attack",
    "library",
    "fooled",
    "Gibbon",
    "only they",
    "only ours",
    "p (Holm)",
    "length",
    "Gibbon's",
    "gradients",
    "Gibbon's",
]
Found = dict[tuple[str, str], dict[str, list[dict]]]  # {(network, row): {library: its chunks' outcomes}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attacks", default=",".join(PAIRS))
    parser.add_argument("--libraries", help="only these; without it all that have the attack")
    parser.add_argument("--networks", default=",".join((*DIGITS, PHOTOS)))
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--chunk", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--folder", type=Path, default=Path("parity"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    found, missing = gather(options)
    worse = judged(found, options)
    listed(found)
    for (network, row), libraries in found.items():
        for library, chunks in libraries.items():
            if count := sum(chunk.get("no_numbers", 0) for chunk in chunks):
                print(f"\n{library} gave no numbers for {count} pictures ({network}, {row}): not fooled.")
    if missing:
        print(f"\n{missing} chunks did not come to be in {options.minutes:g} minutes: the same command goes on.")
    print(f"\n{circumstances('torchattacks', 'foolbox', 'adv-lib', 'adversarial-robustness-toolbox')}")
    sys.exit(1 if worse or missing else 0)


def gather(options: argparse.Namespace) -> tuple[Found, int]:
    """(what each did, how many chunks there was no time for); what takes longest comes last."""
    until = time.monotonic() + 60 * options.minutes
    models = {network: load(network, "cpu") for network in options.networks.split(",")}
    pictures = {network: _pictures(network, options.pictures) for network in models}
    found: Found = {}
    missing = 0
    for row in options.attacks.split(","):
        for network, model in models.items():
            if row not in pairs_of(network):
                continue
            pair = pairs_of(network)[row]
            some = pictures[network][: pair.pictures]
            size = PHOTOS_AT_ONCE if network == PHOTOS else options.chunk
            wanted = options.libraries.split(",") if options.libraries else pair.libraries
            for library in (OURS, *(name for name in pair.libraries if name in wanted)):
                chunks = found.setdefault((network, row), {}).setdefault(library, [])
                for number, start in enumerate(range(0, len(some), size)):
                    part, over = some[start : start + size], time.monotonic() >= until
                    made = outcome(
                        options.folder, network, row, pair, library, number, model, part, only_kept=over
                    )  # fmt: skip
                    if made is None:
                        missing += 1
                        continue
                    chunks.append(made)
                    print(f"\r{network} {row} {library} {start + len(part)}      ", end="", file=sys.stderr)
    print(file=sys.stderr)
    return found, missing


def pairs_of(network: str) -> Mapping[str, Pair]:
    """The rows of a network."""
    return PHOTO_PAIRS if network == PHOTOS else PAIRS


def _pictures(network: str, count: int) -> Pictures:
    """The first test digits, or the photographs that foolbox carries, as the network sees them."""
    if network != PHOTOS:
        return load_data("mnist").test[:count]
    paths, classes = zip(*foolbox_photos(), strict=True)
    photos = np.stack([np.asarray(ImageOps.fit(Image.open(path).convert("RGB"), PHOTO_SIZE)) for path in paths])
    return Pictures(torch.from_numpy(photos).permute(0, 3, 1, 2).contiguous(), torch.tensor(classes))


def judged(found: Found, options: argparse.Namespace) -> list[str]:
    """Prints the digits' table; the lines where ours is worse."""
    lines = _lines(found, photos=False)
    held = dict(zip(lines, holm([line.p for line in lines.values()]), strict=True))
    rows, worse = [], []
    for key, line in lines.items():
        good = line.not_worse(held[key])
        rows.append([*_cells(key, line, found, f"{held[key]:.2g}"), "not worse" if good else "**worse**"])
        worse += [] if good else [" ".join(key)]
    if rows:
        print(f"First {options.pictures} test digits; gradients are those asked for a picture.\n")
        print(table([*HEAD, "Gibbon is"], rows))
    return worse


def listed(found: Found) -> None:
    """Prints the photographs' table."""
    if lines := _lines(found, photos=True):
        print("\nPhotographs with cheap settings, not judged.\n")
        print(table(HEAD, [_cells(key, line, found, "") for key, line in lines.items()]))


def _lines(found: Found, *, photos: bool) -> dict[tuple[str, str, str], Line]:
    """Of each library that has done as many chunks as ours."""
    return {
        (network, row, library): _line(pairs_of(network)[row], libraries, library)
        for (network, row), libraries in found.items()
        for library in libraries
        if (network == PHOTOS) == photos and library != OURS and len(libraries[library]) == len(libraries[OURS]) > 0
    }


def _line(pair: Pair, libraries: Mapping[str, list[dict]], library: str) -> Line:
    ours, theirs = libraries[OURS], libraries[library]
    parts = [
        [value for chunk in chunks for value in chunk[key]] for key in ("fooled", "sizes") for chunks in (ours, theirs)
    ]
    return Line(*parts, smallest=pair.budgets is None)


def _cells(key: tuple[str, str, str], line: Line, found: Found, held: str) -> list[str]:
    only_they = sum(b and not a for a, b in zip(line.ours, line.theirs, strict=True))
    only_ours = sum(a and not b for a, b in zip(line.ours, line.theirs, strict=True))
    ours, theirs = (f"{median:.3f}" for median in line.medians()) if line.smallest else ("", "")
    counts = [sum(line.theirs), sum(line.ours), only_they, only_ours]
    passes = [_passes(found[key[:2]][library]) for library in (key[2], OURS)]
    return [*key, *map(str, counts), held, theirs, ours, *passes]


def _passes(chunks: list[dict]) -> str:
    return f"{sum(chunk['gradients'] for chunk in chunks) / sum(len(chunk['fooled']) for chunk in chunks):.1f}"


if __name__ == "__main__":
    os.environ.setdefault("TQDM_DISABLE", "1")
    main()
