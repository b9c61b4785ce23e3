"""What LeNet gains on a CPU by the layers of inference/networks/layers.py.

    python -m benchmarks.layers [--rounds 100]

A batch of 64 digits through LeNet and back: to the weights, as in training, and to the pixels, as in an attack; with
Gibbon's layers and with torch's of the same weights, in turns.
"""

import argparse
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.timing import circumstances, interleaved, ratio, spread, table
from inference.networks.build import Shape, build
from inference.networks.layers import MaxPool2x2, SmallConv2d
from inference.networks.threads import set_threads

BATCH = 64


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    set_threads()
    torch.manual_seed(0)
    rows = []
    for width in (1, 2):
        ours = build("lenet", Shape(1, 28, 10), {"width": width})
        for what, derive in (("weights", to_weights), ("pixels", to_pixels)):
            given = torch.rand(BATCH, 1, 28, 28), torch.randint(0, 10, (BATCH,))
            contestants = {"Gibbon": partial(derive, ours, *given), "torch": partial(derive, plain(ours), *given)}
            seconds = interleaved(contestants, rounds)
            gain = ratio(seconds["torch"], seconds["Gibbon"])
            rows.append([f"LeNet, width {width}", what, *(spread(seconds[name]) for name in contestants), gain])
    print(table(["network", "gradient of", "Gibbon's layers, ms", "torch's, ms", "gain"], rows))
    print(f"\nMedians and quartiles of {rounds} rounds, {BATCH} pictures; {circumstances()}")


def plain(network: nn.Module) -> nn.Module:
    """The same weights in torch's layers."""
    layers: list[nn.Module] = []
    for layer in network.children():
        if isinstance(layer, MaxPool2x2):
            layer = nn.MaxPool2d(2)
        elif isinstance(layer, SmallConv2d):
            same = nn.Conv2d(layer.in_channels, layer.out_channels, layer.kernel_size[0], padding=layer.padding[0])
            same.load_state_dict(layer.state_dict())
            layer = same
        layers.append(layer)
    return nn.Sequential(*layers)


def to_weights(network: nn.Module, pixels: Tensor, labels: Tensor) -> None:
    network.requires_grad_(True)
    torch.autograd.grad(cross_entropy(network(pixels), labels), list(network.parameters()))


def to_pixels(network: nn.Module, pixels: Tensor, labels: Tensor) -> None:
    network.requires_grad_(False)
    leaf = pixels.clone().requires_grad_(True)
    torch.autograd.grad(cross_entropy(network(leaf), labels), leaf)


if __name__ == "__main__":
    main()
