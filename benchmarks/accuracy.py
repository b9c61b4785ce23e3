"""Measures the accuracy that the classifier's card states, and writes it there with --write.

    python -m benchmarks.accuracy [--write]

On two small sets, both counted in full, so that a reader sees at once how little they prove: the 20 ImageNet
photographs that foolbox's wheel carries (their classes are in the file names), and Gibbon's own samples
with a known truth. A picture counts as right when its true class is the likeliest.
"""

import argparse
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import torch

from inference.assets import ASSETS
from inference.catalog.classifiers import CLASSIFIERS, card
from inference.experiment.picture import predict
from inference.images import canonicalise
from inference.networks.classifier import load

SLUG = "imagenet-lite0"
SAMPLES = ASSETS / "samples"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="put the result into the card")
    write = options.parse_args().write
    classifier = load(SLUG)
    measured = [
        measure(classifier, "the 20 ImageNet photographs that foolbox 3.3.4 carries", foolbox_photos()),
        measure(classifier, "the sample photographs here with a known truth", own_samples()),
    ]
    print("| on | right | of | true class among the first five |\n| --- | --- | --- | --- |")
    for row in measured:
        print(f"| {row['on']} | {row['right']} | {row['of']} | {row['right_in_five']} |")
    print(f"\n{classifier.device}, torch {torch.__version__}, weights {classifier.sha256[:12]}")
    if write:
        store(measured)


def foolbox_photos() -> Iterator[tuple[Path, int]]:
    """(file, true class) of foolbox's photographs: imagenet_00_243.jpg shows class 243."""
    spec = importlib.util.find_spec("foolbox")
    assert spec and spec.submodule_search_locations, "foolbox is missing: see benchmarks/requirements.txt"
    for path in sorted((Path(spec.submodule_search_locations[0]) / "data").glob("imagenet_*.jpg")):
        yield path, int(path.stem.rpartition("_")[2])


def own_samples() -> Iterator[tuple[Path, int]]:
    """(file, true class) of the samples whose truth is one of ImageNet's classes."""
    for sample in json.loads((SAMPLES / "samples.json").read_text(encoding="utf-8")):
        if sample["dataset"] == "imagenet" and sample["truth"] is not None:
            yield SAMPLES / sample["file"], sample["truth"]


def measure(classifier, on: str, photos: Iterator[tuple[Path, int]]) -> dict:
    """How many of the photographs are named rightly; each goes through the upload path."""
    tops = [(truth, predict(classifier, canonicalise(path.read_bytes(), "photo").png).top) for path, truth in photos]
    right = sum(top[0].index == truth for truth, top in tops)
    in_five = sum(truth in [entry.index for entry in top[:5]] for truth, top in tops)
    return {"on": on, "right": right, "of": len(tops), "right_in_five": in_five}


def store(measured: list[dict]) -> None:
    """Into the card, beside what its authors published."""
    facts = card(SLUG)
    counts = " and ".join(f"{row['right']} of {row['of']} ({row['on']})" for row in measured)
    facts["accuracy"] |= {"text": f"{counts} named rightly, as measured here", "measured": measured}
    text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    CLASSIFIERS[SLUG].card.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
