"""What it costs to watch an attack of many steps: the recorder's share of PGD-40, its sheet of previews written.

    python -m benchmarks.watching [--rounds 5]

Processor seconds of one thread, spent in the attack and in the recorder: beside each other in the same run, so that
whatever else the machine does meets both.
"""

import argparse
import statistics
import time

import numpy as np
import torch
from PIL import Image
from skimage import data

from attacks.pgd import pgd
from attacks.shapes import Seen
from benchmarks.timing import circumstances, table
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
        timed = [attacked(classifier, picture) for _ in range(1 + rounds)][1:]  # the first one warms up
        attack, watching = (statistics.median(times) for times in zip(*timed, strict=True))
        low, middle, high = statistics.quantiles([watched / alone for alone, watched in timed], n=4)
        shares = f"{middle:.1%} ({low:.1%}–{high:.1%})"
        rows.append([name, f"{attack * 1e3:.0f}", f"{watching * 1e3:.0f}", shares])
    print(f"\nPGD-{STEPS}, {rounds} rounds, processor milliseconds: medians, and the share's quartiles\n")
    print(table(["", "attack", "watching", "more"], rows))
    print(f"\n{photos.device}; {circumstances()}")


def photograph(side: int) -> np.ndarray:
    """The cat's head, uint8 (side, side, 3)."""
    return np.array(Image.fromarray(data.chelsea()).crop((75, 0, 375, 300)).resize((side, side)))


def attacked(classifier: Classifier, picture: np.ndarray) -> tuple[float, float]:
    """Processor seconds of the attack itself, and of watching it."""
    before, images = judge(classifier, picture), classifier.to_pixels(picture[None])
    labels, generator = torch.tensor([before.argmax()]), torch.Generator().manual_seed(0)
    recorder, watching = Recorder(), 0.0

    def watch(seen: Seen) -> None:
        nonlocal watching
        begun = time.process_time()
        recorder(seen)
        watching += time.process_time() - begun

    started = time.process_time()
    recorder.begin(images, before, classifier.labels, magnification=pixels.magnification(classifier.levels))
    pgd(classifier, images, labels, epsilon=2 / 255, steps=STEPS, generator=generator, watch=watch)
    middle = time.process_time()
    recorder.finish()
    watching += time.process_time() - middle
    return time.process_time() - started - watching, watching


if __name__ == "__main__":
    main()
