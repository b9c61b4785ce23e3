"""What a step of an iterative attack costs beside the gradient that no step can do without.

    python -m benchmarks.step_speed [--rounds 15] [--networks imagenet-lite0,digits-hardened] [--processor-time]

Each attack takes ten steps: ten gradients and one forward pass. Beside it stand ten bare gradient passes and one
forward pass of the same network on the same pictures, in turns. Milliseconds a run, median (quartiles), and the median
of the ratios within a round, which a busy machine disturbs less; --processor-time leaves out the time in which others
had the processor.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attacks import run
from attacks.frozen import frozen
from benchmarks.timing import circumstances, interleaved, spread, table
from inference.data.base import load_data
from inference.networks.classifier import load

STEPS = 10
ATTACKS = ("bim", "pgd", "mi-fgsm", "apgd-ce")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--networks", default="imagenet-lite0,digits-hardened")
    parser.add_argument("--processor-time", action="store_true")
    options = parser.parse_args()
    clock = time.process_time if options.processor_time else time.perf_counter
    rows = [row for slug in options.networks.split(",") for row in measured(slug, options.rounds, clock)]
    print(f"{STEPS} steps, {options.rounds} rounds{', processor time' if options.processor_time else ''}.\n")
    print(table(["pictures", "attack", "ms a run", "bare passes", "ratio"], rows))
    print(f"\n{circumstances()}")


def pictures(slug: str) -> tuple[str, Tensor, int]:
    """(what they are, (N, C, H, W), a strength in grey levels)."""
    if slug == "imagenet-lite0":
        return "a picture, 224 × 224", torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(0)), 2
    return f"100 digits, {slug}", load_data("mnist").test[:100].images.float() / 255, 77


def measured(slug: str, rounds: int, clock: Callable[[], float]) -> list[list[str]]:
    model, (name, images, epsilon) = load(slug, "cpu"), pictures(slug)
    with torch.no_grad():
        labels = model(images).argmax(1)
    contestants: dict[str, Callable[[], object]] = {"bare": partial(bare, model, images, labels)}
    for attack in ATTACKS:
        contestants[attack] = partial(run, attack, model, images, labels, {"epsilon": epsilon, "steps": STEPS})
    seconds = interleaved(contestants, rounds, clock=clock)
    rows = []
    for attack in ATTACKS:
        shares = [one / other for one, other in zip(seconds[attack], seconds["bare"], strict=True)]
        rows.append(
            [name, attack, spread(seconds[attack]), spread(seconds["bare"]), f"{statistics.median(shares):.3f}×"]
        )
    return rows


def bare(model: nn.Module, images: Tensor, labels: Tensor) -> None:
    with frozen(model):
        for _ in range(STEPS):
            pixels = images.clone().requires_grad_(True)
            torch.autograd.grad(cross_entropy(model(pixels), labels), pixels)
        with torch.no_grad():
            model(images)


if __name__ == "__main__":
    main()
