"""What becomes of attacks without a budget when they are saved as bytes: of the sample photographs and of digits.

Run it from the repository's root: python -m benchmarks.saved [deepfool cw ddn] [--digits 50]. DeepFool goes onto the
boundary and not beyond it, which rounding undoes most easily.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from inference.data.base import load_data
from inference.experiment.picture import attack
from inference.images import canonicalise, pixels
from inference.networks.classifier import load

SAMPLES = Path("inference/assets/samples")
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "deepfool": {"overshoot": 0.0},
    "cw": {},
    "ddn": {},
}


def photographs() -> Iterator[bytes]:
    """The samples, as they are uploaded."""
    for facts in json.loads((SAMPLES / "samples.json").read_text(encoding="utf-8")):
        if facts["dataset"] == "imagenet":
            yield canonicalise((SAMPLES / facts["file"]).read_bytes(), "photo").png


def digits(count: int) -> Iterator[bytes]:
    """The first of the test part."""
    for picture in load_data("mnist").test[:count].images:
        yield pixels.write(picture.permute(1, 2, 0).numpy())


def measure(slug: str, classifier_slug: str, pictures: list[bytes]) -> str:
    """One line of the table."""
    classifier, states, floats, saved, passes = load(classifier_slug), [], [], [], []
    started = time.perf_counter()
    for png in pictures:
        result = attack(classifier, png, slug, OPTIONS[slug]).result
        states.append(result.state)
        passes.append(result.cost.forwards or 0)
        if result.state == "success" and result.float_distances:
            floats.append(result.float_distances.l2)
            saved.append(result.distances.l2)
    seconds = (time.perf_counter() - started) / len(pictures)
    return (
        f"{slug:10}{classifier_slug:18}{states.count('success'):4} of {len(states):<4}"
        f"{median(floats):10.4f}{median(saved):10.4f}{median(passes):8.0f}{seconds:9.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("attacks", nargs="*", default=list(OPTIONS))
    parser.add_argument("--digits", type=int, default=50)
    asked = parser.parse_args()
    rooms = {"imagenet-lite0": list(photographs())}
    rooms["digits"] = rooms["digits-hardened"] = list(digits(asked.digits))
    print("attack    network            saved      L2 float     saved  passes  seconds (medians; seconds: mean)")
    for slug in asked.attacks:
        for classifier_slug, pictures in rooms.items():
            print(measure(slug, classifier_slug, pictures), flush=True)


if __name__ == "__main__":
    main()
