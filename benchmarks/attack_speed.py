"""FGSM on EfficientNet-Lite0 at 224 x 224: ours on the served network, the peers on timm's network as loaded.

    python -m benchmarks.attack_speed [--rounds 30]

The last column shows the peers on our folded network, so that one sees what is the network's merit and what the
attack's. Contestants take turns; times are milliseconds a call, median (quartiles). Before anything is timed, all must
have made the same picture.
"""

import argparse
from functools import partial

import torch
from skimage import data
from torch import Tensor, nn

from attacks import run
from benchmarks.peers import EPSILON, PACKAGES, PEERS, AsLoaded, bare_gradient
from benchmarks.timing import circumstances, interleaved, ratio, spread, table
from inference.networks.classifier import load

BARE = "bare gradient"
OURS = "Gibbon"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    served = load("imagenet-lite0")
    loaded = AsLoaded().eval().to(served.device)
    for batch in (1, 8):
        images, labels = pictures(served, batch)
        contestants = line_up(served, loaded, images, labels)
        check_agreement(contestants, images)
        timed = interleaved({name: partial(attack, EPSILON) for name, attack in contestants.items()}, rounds)
        print(f"\nBatch {batch}, {rounds} rounds, ms a call: median (quartiles)\n")
        print(table(["", "as loaded", "/ Gibbon", "on our folded network", "/ Gibbon"], rows(timed)))
    print(f"\n{served.device}; {circumstances(*PACKAGES)}")


def pictures(served: nn.Module, batch: int) -> tuple[Tensor, Tensor]:
    """Windows of one photograph, and the classes the network sees in them."""
    cat = torch.from_numpy(data.chelsea()).permute(2, 0, 1).float() / 255
    windows = [cat[:, 10 * i : 10 * i + 224, 25 * i : 25 * i + 224] for i in range(batch)]
    images = torch.stack([window.contiguous() for window in windows]).to(served.device)
    with torch.no_grad():
        return images, served(images).argmax(dim=1)


def line_up(served: nn.Module, loaded: nn.Module, images: Tensor, labels: Tensor) -> dict:
    """Every contestant by name; (as loaded) and (folded) tell the networks apart."""
    contestants = {
        OURS: lambda epsilon: run("fgsm", served, images, labels, {"epsilon": round(255 * epsilon)}).adversarial
    }
    for kind, model in (("as loaded", loaded), ("folded", served)):
        contestants[f"{BARE} ({kind})"] = bare_gradient(model, images, labels)
        contestants |= {f"{name} ({kind})": make(model, images, labels) for name, make in PEERS.items()}
    return contestants


def check_agreement(contestants: dict, images: Tensor) -> None:
    """The same signs everywhere but where the gradient is too small for float32 to say."""
    ours = (contestants[OURS](EPSILON) - images).sign()
    for name, attack in contestants.items():
        if BARE not in name:
            theirs = (torch.as_tensor(attack(EPSILON)).to(images.device) - images).sign()
            same = (ours == theirs).float().mean().item()
            assert same > 0.995, f"{name} makes another picture: {same:.2%} of the signs agree"


def rows(timed: dict[str, list[float]]) -> list[list[str]]:
    ours = timed[OURS]
    lines = [[OURS, "", "", spread(ours), "1.00×"]]
    for name in (BARE, *PEERS):
        loaded, folded = timed[f"{name} (as loaded)"], timed[f"{name} (folded)"]
        lines.append([name, spread(loaded), ratio(loaded, ours), spread(folded), ratio(folded, ours)])
    return lines


if __name__ == "__main__":
    main()
