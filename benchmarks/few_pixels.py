"""How far attacks on few pixels get on the shipped digits, beside torchattacks where it has them.

    python -m benchmarks.few_pixels [--pictures 100] [--evolved 20] [--peers 5] [--only jsma]

JSMA: the first test pictures that are named right, each towards the nine other classes, within 78 values (DEEPSEC's
protocol, where 90 % and more are right) and within the paper's 14.5 %; and without a target, towards the runner-up,
beside the best of all nine. Evolution: untargeted, with the quick values and the paper's, on the pictures that are
named right with the smallest margin of the first 2,000: few pixels fool hardly any other. Peers are slow: they get the
first few pictures, and our row below theirs is of the same.
"""

import argparse
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attacks import run
from attacks.losses import margin
from attacks.records.l0 import ONE_PIXEL
from benchmarks.timing import circumstances, table
from inference.data.base import load_data
from inference.networks.classifier import Classifier, load
from inference.networks.threads import set_threads

MOST = 78  # values, a tenth of a digit's
NEVER = 10**6  # values, where a class is not reached


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--evolved", type=int, default=20)
    parser.add_argument("--peers", type=int, default=5)
    parser.add_argument("--only", choices=TABLES)
    chosen = parser.parse_args()
    set_threads()
    for name in [chosen.only] if chosen.only else TABLES:
        TABLES[name](chosen)
    print(f"\nMNIST, the first test pictures, seed 0; {circumstances('torchattacks', 'scipy')}")


def jsma_tables(chosen: argparse.Namespace) -> None:
    """With targets, beside the peer, and without."""
    models = {slug: load(slug, "cpu") for slug in ("digits", "digits-plain", "digits-hardened")}
    print("\nJSMA, targeted\n")
    head = ["classifier", "n", f"within {MOST} values", "within 14.5 %", "values, mean of those"]
    print(table(head, [targeted(slug, model, chosen.pictures) for slug, model in models.items()]))
    print(f"\nJSMA, targeted, within {MOST} values, the first {chosen.peers} pictures\n")
    print(table(["", "n", "reached"], beside_peer(models["digits"], chosen.peers)))
    print("\nJSMA without a target\n")
    head = ["classifier", "n", "towards the runner-up", "values, median", "best of nine", "values, median"]
    print(table(head, [untargeted(slug, model, chosen.pictures) for slug, model in models.items()]))


def evolution_tables(chosen: argparse.Namespace) -> None:
    """For each number of pixels, and beside the peer."""
    model = load("digits", "cpu")
    print("\nEvolution, without a target, `digits`\n")
    head = ["pixels", "values", "n", "fooled", "queries, median of those"]
    print(table(head, evolved(model, chosen.evolved)))
    print(f"\nEvolution, 3 pixels, the nearest {chosen.peers} pictures\n")
    print(table(["", "n", "fooled", "queries, all"], evolved_beside_peer(model, chosen.peers)))


def right(model: Classifier, count: int) -> tuple[Tensor, Tensor]:
    """The first test pictures that it names right, and their labels."""
    test = load_data("mnist").test[: count + count // 10 + 5]
    images = test.images.float() / 255
    with torch.no_grad():
        good = (model(images).argmax(1) == test.labels).nonzero().flatten()[:count]
    return images[good], test.labels[good]


def near(model: Classifier, count: int) -> tuple[Tensor, Tensor]:
    """Of those it names right the nearest to another class, and their labels."""
    images, labels = right(model, 2000)
    with torch.no_grad():
        ahead = margin(model(images), labels)
    nearest = ahead.topk(count).indices
    return images[nearest], labels[nearest]


def nine_targets(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Each picture nine times, its label, and the other classes."""
    others = [kind for label in labels.tolist() for kind in range(10) if kind != label]
    return images.repeat_interleave(9, 0), labels.repeat_interleave(9), torch.tensor(others)


def values_needed(model: Classifier, images: Tensor, labels: Tensor, target: Tensor | None) -> tuple[Tensor, Tensor]:
    """(N,) how many values JSMA changed, NEVER where it did not arrive; and bool, where it did."""
    found = run("jsma", model, images, labels, {}, target=target).adversarial
    with torch.no_grad():
        named = model(found).argmax(1)
    arrived = named != labels if target is None else named == target
    return (found != images).flatten(1).sum(1).masked_fill(~arrived, NEVER), arrived


def targeted(slug: str, model: Classifier, count: int) -> list[str]:
    """One row."""
    needed, arrived = values_needed(model, *nine_targets(*right(model, count)))
    mean = f"{needed[arrived].float().mean():.1f}" if arrived.any() else "–"
    return [slug, str(len(needed)), share(needed <= MOST), share(arrived), mean]


def untargeted(slug: str, model: Classifier, count: int) -> list[str]:
    """Towards the runner-up, and towards all others, of which the nearest counts."""
    images, labels = right(model, count)
    second, arrived = values_needed(model, images, labels, None)
    nearest = values_needed(model, *nine_targets(images, labels))[0].view(-1, 9).amin(1)
    return [slug, str(len(labels)), share(arrived), middle(second), share(nearest < NEVER), middle(nearest)]


def beside_peer(model: Classifier, count: int) -> list[list[str]]:
    """torchattacks' JSMA, which follows the logits' derivatives, and ours on the same pictures."""
    import torchattacks

    images, labels, target = nine_targets(*right(model, count))
    peer = torchattacks.JSMA(model, theta=1.0, gamma=0.099)  # rounded up to 78 values
    peer.set_mode_targeted_by_label(quiet=True)
    found = {
        "torchattacks": peer(images.clone(), target),  # it writes into what it is given
        "Gibbon": run("jsma", model, images, labels, {"distortion": 10.0}, target=target).adversarial,
    }
    with torch.no_grad():
        return [[name, str(len(target)), share(model(made).argmax(1) == target)] for name, made in found.items()]


def evolved(model: Classifier, count: int) -> list[list[str]]:
    """A row for each number of pixels and each preset."""
    images, labels = near(model, count)
    rows = []
    for preset in ONE_PIXEL.presets:
        for pixels in (1, 3, 10):
            options = {"pixels": pixels, **preset.values}
            runs = [
                run("few-pixels", model, image[None], label[None], options, generator=seeded(number))
                for number, (image, label) in enumerate(zip(images, labels, strict=True))
            ]
            fooled = fooled_by(model, torch.cat([one.adversarial for one in runs]), labels)
            asked = [one.forwards for one, hit in zip(runs, fooled.tolist(), strict=True) if hit]
            told = f"{median(asked):.0f}" if asked else "–"
            rows.append([str(pixels), preset.label, str(len(labels)), share(fooled), told])
    return rows


def evolved_beside_peer(model: Classifier, count: int) -> list[list[str]]:
    """torchattacks with its usual values and with as many queries as our quick ones, and ours."""
    import torchattacks

    images, labels = near(model, count)
    peers: dict[str, Any] = {
        "torchattacks, its usual values": torchattacks.OnePixel(model, pixels=3),
        "torchattacks, popsize 100, 9 generations": torchattacks.OnePixel(model, pixels=3, steps=9, popsize=100),
    }
    ours = {"pixels": 3, "population": 100, "generations": 9}
    contestants: dict[str, Callable[[], Tensor]] = {name: partial(peer, images, labels) for name, peer in peers.items()}
    contestants["Gibbon, quick"] = lambda: (
        run("few-pixels", model, images, labels, ours, generator=seeded(0)).adversarial
    )
    rows = []
    for name, attack in contestants.items():
        np.random.seed(0)
        with counted(model) as asked:
            found = attack()
        rows.append([name, str(count), share(fooled_by(model, found, labels)), str(sum(asked))])
    return rows


@contextmanager
def counted(model: Classifier) -> Any:
    """How many pictures each call of the model was about."""
    asked: list[int] = []
    hook = model.register_forward_hook(lambda _model, _inputs, logits: asked.append(len(logits)))
    yield asked
    hook.remove()


def fooled_by(model: Classifier, found: Tensor, labels: Tensor) -> Tensor:
    """(N,) bool."""
    with torch.no_grad():
        return model(found).argmax(1) != labels


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def share(of: Tensor) -> str:
    return f"{of.float().mean():.1%}"


def middle(values: Tensor) -> str:
    """The median; those that never arrive count as more than any."""
    found = int(values.median())
    return "–" if found == NEVER else str(found)


TABLES = {"jsma": jsma_tables, "evolution": evolution_tables}

if __name__ == "__main__":
    main()
