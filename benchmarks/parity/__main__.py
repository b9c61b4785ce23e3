"""Our attacks beside the libraries' on the test digits, at equal passes: who fools more, and is it more than chance?

    python -m benchmarks.parity [--attacks bim,pgd] [--pictures 500] [--minutes 90] [--folder parity]

The first test pictures on `digits` and `digits-hardened`, in chunks; each attack of each library on each chunk is kept
in the folder, so that the same command goes on where it was stopped. Everybody takes the same steps of the same size
(benchmarks/parity/pairs.py); passes are counted at the network. Ours is "not worse" where it fools at most one point
fewer and McNemar's exact test, corrected by Holm for the whole table, does not show fewer; an attack that looks for the
smallest change where its median is at most 2 % larger. Ends with 1 where it is worse.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from benchmarks.parity.outcomes import OURS, outcome
from benchmarks.parity.pairs import PAIRS
from benchmarks.parity.verdicts import Line, holm
from benchmarks.timing import circumstances, table
from inference.data.base import load_data
from inference.networks.classifier import load

NETWORKS = ("digits", "digits-hardened")
HEAD = [
    "network",
    "attack",
    "library",
    "fooled",
    "Gibbon",
    "only they",
    "only ours",
    "p (Holm)",
    "gradients",
    "Gibbon's",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attacks", default=",".join(PAIRS))
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--chunk", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--folder", type=Path, default=Path("parity"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    found, missing = gather(options)
    worse = report(found, options)
    if missing:
        print(f"\n{missing} chunks did not come to be in {options.minutes:g} minutes: the same command goes on.")
    print(f"\n{circumstances('torchattacks', 'foolbox', 'adv-lib', 'adversarial-robustness-toolbox')}")
    sys.exit(1 if worse or missing else 0)


def gather(options: argparse.Namespace) -> tuple[dict, int]:
    """({(network, attack): {library: its chunks' outcomes}}, how many chunks there was no time for)."""
    test, until = load_data("mnist").test[: options.pictures], time.monotonic() + 60 * options.minutes
    found: dict = {}
    missing = 0
    for network in options.networks.split(","):
        model = load(network, "cpu")
        for slug in options.attacks.split(","):
            pair = PAIRS[slug]
            for library in (OURS, *pair.libraries):
                chunks = found.setdefault((network, slug), {}).setdefault(library, [])
                for number, start in enumerate(range(0, len(test), options.chunk)):
                    if time.monotonic() > until:
                        missing += 1
                        continue
                    some = test[start : start + options.chunk]
                    chunks.append(outcome(options.folder, network, slug, pair, library, number, model, some))
                    print(f"\r{network} {slug} {library} {start + len(some)}      ", end="", file=sys.stderr)
    print(file=sys.stderr)
    return found, missing


def report(found: dict, options: argparse.Namespace) -> list[str]:
    """Prints the table; the lines where ours is worse."""
    lines = {
        (network, slug, library): _line(slug, libraries, library)
        for (network, slug), libraries in found.items()
        for library in libraries
        if library != OURS and len(libraries[library]) == len(libraries[OURS]) > 0
    }
    held = dict(zip(lines, holm([line.p for line in lines.values()]), strict=True))
    rows, worse = [], []
    for key, line in lines.items():
        libraries, good = found[key[:2]], line.not_worse(held[key])
        rows.append([*key, *_cells(line, held[key]), _passes(libraries[key[2]]), _passes(libraries[OURS])])
        rows[-1].append("not worse" if good else "**worse**")
        worse += [] if good else [" ".join(key)]
    print(f"First {options.pictures} test digits; gradients are those asked for a picture.\n")
    print(table([*HEAD, "Gibbon is"], rows))
    return worse


def _line(slug: str, libraries: dict, library: str) -> Line:
    ours, theirs = libraries[OURS], libraries[library]
    parts = [
        [value for chunk in chunks for value in chunk[key]] for key in ("fooled", "sizes") for chunks in (ours, theirs)
    ]
    return Line(*parts, smallest=PAIRS[slug].budgets is None)


def _cells(line: Line, held: float) -> list[str]:
    if line.smallest:
        ours, theirs = line.medians()
        return [f"median {theirs:.3f}", f"median {ours:.3f}", "", "", ""]
    only_they = sum(b and not a for a, b in zip(line.ours, line.theirs, strict=True))
    only_ours = sum(a and not b for a, b in zip(line.ours, line.theirs, strict=True))
    return [str(sum(line.theirs)), str(sum(line.ours)), str(only_they), str(only_ours), f"{held:.2g}"]


def _passes(chunks: list[dict]) -> str:
    return f"{sum(chunk['gradients'] for chunk in chunks) / sum(len(chunk['fooled']) for chunk in chunks):.1f}"


if __name__ == "__main__":
    os.environ.setdefault("TQDM_DISABLE", "1")
    main()
