"""What it costs to watch an attack of many steps: PGD-40 with a recorder, its sheet of previews written, and without.

    python -m benchmarks.watching [--rounds 5]

Contestants take turns; processor seconds of one thread, so that other programs on the machine count less.
"""

import argparse
import statistics
import time
from functools import partial

import numpy as np
import torch
from PIL import Image
from skimage import data

from attacks.pgd import pgd
from benchmarks.timing import circumstances, interleaved, table
from inference.experiment.judging import judge
from inference.experiment.trace import Recorder
from inference.images import pixels
from inference.networks.classifier import Classifier, load

STEPS = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    photos, digits = load("imagenet-lite0"), load("digits")
    rows = []
    for name, classifier, picture in (
        ("photograph, 512 x 512", photos, photograph(512)),
        ("photograph, 768 x 768", photos, photograph(768)),
        ("digit", digits, photograph(28)[..., :1].copy()),
    ):
        sides = {
            "alone": partial(attacked, classifier, picture, False),
            "seen": partial(attacked, classifier, picture, True),
        }
        timed = interleaved(sides, rounds, clock=time.process_time)
        differences = [seen / alone - 1 for seen, alone in zip(timed["seen"], timed["alone"], strict=True)]
        low, middle, high = statistics.quantiles(differences, n=4)
        shares = f"{middle:+.1%} ({low:+.1%} to {high:+.1%})"
        rows.append([name, *(f"{statistics.median(timed[side]):.2f}" for side in sides), shares])
    print(f"\nPGD-{STEPS}, {rounds} rounds, processor seconds (medians), and what watching adds: median (quartiles)\n")
    print(table(["", "alone", "watched", "more"], rows))
    print(f"\n{photos.device}; {circumstances()}")


def photograph(side: int) -> np.ndarray:
    """The cat's head, uint8 (side, side, 3)."""
    return np.array(Image.fromarray(data.chelsea()).crop((75, 0, 375, 300)).resize((side, side)))


def attacked(classifier: Classifier, picture: np.ndarray, watched: bool) -> None:
    before, images = judge(classifier, picture), classifier.to_pixels(picture[None])
    recorder = Recorder()
    recorder.begin(images, before, classifier.labels, magnification=pixels.magnification(classifier.levels))
    labels, generator = torch.tensor([before.argmax()]), torch.Generator().manual_seed(0)
    watch = recorder if watched else None
    pgd(classifier, images, labels, epsilon=2 / 255, steps=STEPS, generator=generator, watch=watch)
    recorder.finish()


if __name__ == "__main__":
    main()
