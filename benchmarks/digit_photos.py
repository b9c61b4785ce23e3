"""Handwritten digits as people photograph them: how many the shipped network `digits` still names, one table.

    python -m benchmarks.digit_photos [--count 500] [--processes 2] [--tune] [--only SETTING ...]

Digits of MNIST's test set (a fixed choice, seed 0) are drawn large and smooth and composed into pictures of 500 to 1000
pixels, each with its own size, place, light, blur and grain; then they pass through the door every upload passes
through. Beside each count the 95 % Wilson interval, and the share of what the same digits have as they are.
`--tune` composes pictures of MNIST's training set with another seed: what the preparation was adjusted on.
"""

import argparse
import io
import math
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache

import numpy as np
from PIL import Image

from benchmarks.digit_settings import SETTINGS, UNSEEN
from inference.images import BadImage, canonicalise

Z = 1.96


@cache
def digits(count: int, tune: bool) -> tuple[np.ndarray, np.ndarray]:
    """(pictures uint8 (count, 28, 28), labels): a fixed choice."""
    from inference.data.base import load_data

    data = load_data("mnist")
    pictures = data.training if tune else data.test
    chosen = np.random.default_rng(1 if tune else 0).permutation(len(pictures.labels))[:count]
    return pictures.images[chosen, 0].numpy(), pictures.labels[chosen].numpy()


def prepared(job: tuple[str, np.ndarray, int]) -> np.ndarray | str:
    """The 28 × 28 that the site makes of the composed picture, or why it refuses."""
    setting, digit, seed = job
    try:
        made = canonicalise(SETTINGS[setting](digit, np.random.default_rng([seed, len(setting)])), "digit")
    except BadImage as refusal:
        return refusal.code
    return np.asarray(Image.open(io.BytesIO(made.png)))


def named(pictures: list[np.ndarray]) -> np.ndarray:
    """What `digits` says of each."""
    from inference.networks.classifier import load

    return load("digits", "cpu").probabilities(np.stack(pictures)[..., None]).argmax(axis=1)


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    share, spread = right / count, Z * Z / count
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return middle - half, middle + half


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--only", choices=SETTINGS, nargs="+")
    options = parser.parse_args()
    pictures, labels = digits(options.count, options.tune)
    plain = int((named(list(pictures)) == labels).sum())
    print("| setting | right | 95 % interval | of what they have as they are | refused |\n|---|---|---|---|---|")
    print(f"| as they are | {plain} of {options.count} | {interval(plain, options.count)} | | |")
    with ProcessPoolExecutor(options.processes) as pool:
        for setting in options.only or SETTINGS:
            jobs = [(setting, digit, number + 10_000 * options.tune) for number, digit in enumerate(pictures)]
            print(row(setting, list(pool.map(prepared, jobs, chunksize=10)), labels, plain), flush=True)


def row(setting: str, made: list[np.ndarray | str], labels: np.ndarray, plain: int) -> str:
    taken = [number for number, one in enumerate(made) if not isinstance(one, str)]
    right = int((named([made[number] for number in taken]) == labels[taken]).sum()) if taken else 0  # type: ignore[misc]
    star = " *" if setting in UNSEEN else ""
    codes = Counter(one for one in made if isinstance(one, str))
    refused = ", ".join(f"{count} {code}" for code, count in codes.items()) or "0"
    return (
        f"| {setting}{star} | {right} of {len(made)} | {interval(right, len(made))} | {right / plain:.1%} | {refused} |"
    )


def interval(right: int, count: int) -> str:
    low, high = wilson(right, count)
    return f"{low:.1%} to {high:.1%}"


if __name__ == "__main__":
    main()
