"""What the lab's values take and find: every attack on a photograph and on a digit, and the smallest changes compared.

    python -m benchmarks.lab_values [--only seconds] [--attacks cw,ddn]

Processor seconds of one thread, which on two cores nobody waits longer for, beside what is foretold. Of an attack that
ends with the first success that is a bound. The photograph is as large as they are kept, 768 x 768.
"""

import argparse
import io
import json
import time
from collections.abc import Callable

import torch
from PIL import Image

from attacks import ATTACKS
from attacks.catalog import validate
from benchmarks.saved import SAMPLES
from benchmarks.timing import circumstances, table
from inference.catalog.work import seconds_of
from inference.experiment.picture import attack, limits_of
from inference.images import canonicalise
from inference.networks.classifier import Classifier, load

SIDE = 768
COMPARED = ("ddn", "cw", "deepfool")
PHOTOGRAPHS = ("panda", "castle", "camera", "coffee", "stupa")
DIGITS = ("digit-0", "digit-3", "digit-5", "digit-7", "digit-9")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=TABLES)
    parser.add_argument("--attacks", default=",".join(ATTACKS))
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for name in [chosen.only] if chosen.only else TABLES:
        TABLES[name]([slug for slug in ATTACKS if slug in chosen.attacks.split(",")])
    print(f"\n{circumstances()}")


def seconds_table(slugs: list[str]) -> None:
    """Seconds of each attack, and what is foretold."""
    photo, digit = load("imagenet-lite0", "cpu"), load("digits", "cpu")
    rows = [[slug, *cells(photo, castle(), slug), *cells(digit, sample("digit-3"), slug)] for slug in slugs]
    print("\nThe lab's values, processor seconds\n")
    print(table(["attack", "photo, s", "foretold", "came to", "digit, s", "foretold", "came to"], rows))


def cells(classifier: Classifier, png: bytes, slug: str) -> list[str]:
    """(seconds, foretold, state) of one attack."""
    record, limits = ATTACKS[slug], limits_of(classifier)
    if record.most_values and (limits.values or 0) > record.most_values:
        return ["–", "–", "–"]
    passes, options, begun = classifier.warm(), validate(slug, {}, limits), time.process_time()
    state = attack(classifier, png, slug, options).result.state
    taken = time.process_time() - begun
    return [f"{taken:.2f}", f"{seconds_of(record, options, limits, **passes._asdict()):.2f}", state]


def lengths_table(slugs: list[str]) -> None:
    """How short the change is that attacks without a budget find (L2, before it is saved as bytes)."""
    compared = [slug for slug in COMPARED if slug in slugs]
    print("\nThe length (L2) of what is found, and processor seconds\n")
    rows = []
    for network, names in (("imagenet-lite0", PHOTOGRAPHS), ("digits", DIGITS)):
        classifier = load(network, "cpu")
        for name in names:
            rows.append([name, *(length_and_seconds(classifier, sample(name), slug) for slug in compared)])
    print(table(["sample", *compared], rows))


def length_and_seconds(classifier: Classifier, png: bytes, slug: str) -> str:
    begun = time.process_time()
    result = attack(classifier, png, slug, {}).result
    assert result.float_distances
    told = f"{result.float_distances.l2:.3f} ({time.process_time() - begun:.1f} s)"
    return told if result.state == "success" else f"{told}, {result.state}"


def sample(name: str) -> bytes:
    """As it is uploaded."""
    facts = json.loads((SAMPLES / "samples.json").read_text(encoding="utf-8"))
    (one,) = (one for one in facts if one["file"].startswith(name))
    return canonicalise((SAMPLES / one["file"]).read_bytes(), one["preparation"]).png


def castle() -> bytes:
    """As large as photographs are kept."""
    file = io.BytesIO()
    with Image.open(SAMPLES / "castle.jpg") as whole:
        whole.crop((96, 0, 672, 576)).resize((SIDE, SIDE)).save(file, "PNG")
    return canonicalise(file.getvalue(), "photo").png


TABLES: dict[str, Callable[[list[str]], None]] = {"seconds": seconds_table, "lengths": lengths_table}

if __name__ == "__main__":
    main()
