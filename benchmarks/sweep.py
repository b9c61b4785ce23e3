"""33 levels of one 512 x 512 photograph judged by our sweep, against 33 runs of the fastest peer.

    python -m benchmarks.sweep [--rounds 7]

A peer's run is the attack and a verdict at one epsilon, on timm's network as loaded, or, in the last row, on our folded
one. Ours is one gradient and 33 verdicts on 8-bit pictures; "with control" judges the noise at the levels where the
site does, too, which the peers do not. Contestants take turns; seconds for the whole sweep, median (quartiles).
"""

import argparse
import statistics
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from PIL import Image
from skimage import data
from torch import Tensor, nn

from attacks.controls import noise_signs
from attacks.fgsm import gradient_sign
from benchmarks.peers import PACKAGES, PEERS, AsLoaded
from benchmarks.timing import circumstances, interleaved, ratio, table
from inference.experiment.sweep import steps_of
from inference.networks.classifier import Classifier, load

LEVELS = range(33)
OWN = 2  # the attack's level
SIZE = 512


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    served = load("imagenet-lite0")
    picture = photograph()
    images = served.to_pixels(picture[None])
    with torch.no_grad():
        labels = served(images).argmax(dim=1)
    loaded = AsLoaded().eval().to(served.device)
    best = fastest(loaded, images, labels)
    contestants = {
        "Gibbon": partial(ours, served, picture, control=False),
        "Gibbon, with control": partial(ours, served, picture, control=True),
        f"{best}, as loaded": peer(best, loaded, images, labels),
        f"{best}, on our folded network": peer(best, served, images, labels),
    }
    check_agreement(contestants)
    timed = interleaved(contestants, rounds)
    print(f"\n{len(LEVELS)} levels of a {SIZE} x {SIZE} photograph, {rounds} rounds, seconds: median (quartiles)\n")
    head = ["", "seconds", "/ Gibbon", "/ Gibbon with control"]
    print(table(head, [row(name, seconds, timed) for name, seconds in timed.items()]))
    print(f"\n{served.device}; {circumstances(*PACKAGES)}")


def photograph() -> np.ndarray:
    """The cat's head, uint8 (512, 512, 3)."""
    return np.array(Image.fromarray(data.chelsea()).crop((75, 0, 375, 300)).resize((SIZE, SIZE)))


def ours(served: Classifier, picture: np.ndarray, *, control: bool) -> list[int]:
    """One gradient, then every level: the classes named. The control is judged where the site judges it."""
    sign = gradient_sign(served, served.to_pixels(picture[None]), None).sign[0]
    signs = sign.permute(1, 2, 0).cpu().numpy().astype(np.int8)
    noise = noise_signs(0, channels=3, size=served.input_size, side=SIZE) if control else signs
    steps = [step for step in steps_of(LEVELS, OWN) if control or not step.control]
    named = served.probabilities_moved(picture, [(step.value, noise if step.control else signs) for step in steps])
    named = named.argmax(axis=1).tolist()
    return [name for step, name in zip(steps, named, strict=True) if not step.control]


def peer(name: str, model: nn.Module, images: Tensor, labels: Tensor) -> Callable[[], list[int]]:
    """An attack and a verdict for every level: the classes named."""
    attack = PEERS[name](model, images, labels)

    def sweep() -> list[int]:
        named = []
        for k in LEVELS:
            # Level 0 is the smallest float and not 0, which a library may refuse: it costs a run like any other.
            attacked = torch.as_tensor(attack(max(k / 255, 1e-12))).to(images.device)
            with torch.no_grad():
                named.append(int(model(attacked).argmax()))
        return named

    return sweep


def fastest(model: nn.Module, images: Tensor, labels: Tensor) -> str:
    """The peer whose single attack on this picture is quickest, in five turns."""
    attacks = {name: partial(make(model, images, labels), 2 / 255) for name, make in PEERS.items()}
    timed = interleaved(attacks, 5)
    print("Single attacks: " + ", ".join(f"{name} {statistics.median(s) * 1e3:.0f} ms" for name, s in timed.items()))
    return min(timed, key=lambda name: statistics.median(timed[name]))


def check_agreement(contestants: dict[str, Callable[[], list[int]]]) -> None:
    """The same classes at nearly every level: peers do not round to 8 bits, and near ties may fall either way."""
    named = [contestant() for contestant in contestants.values()]
    for other in named[1:]:
        same = sum(one == two for one, two in zip(named[0], other, strict=True))
        assert same >= len(LEVELS) - 3, f"only {same} of {len(LEVELS)} verdicts agree"


def row(name: str, seconds: list[float], timed: dict[str, list[float]]) -> list[str]:
    low, middle, high = statistics.quantiles(seconds, n=4)
    spread = f"{middle:.2f} ({low:.2f}–{high:.2f})"
    return [name, spread, ratio(seconds, timed["Gibbon"]), ratio(seconds, timed["Gibbon, with control"])]


if __name__ == "__main__":
    main()
