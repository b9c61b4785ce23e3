"""Small networks that attacks are tried on: one whose optimum is known, one that bends, one without a gradient."""

import torch
from torch import Tensor, nn


class Linear(nn.Module):
    """logits = W x on flattened pixels."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, pixels: Tensor) -> Tensor:
        return pixels.flatten(1) @ self.weight.T


class Flat(nn.Module):
    """The same logits for every picture: the gradient is zero everywhere."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes

    def forward(self, pixels: Tensor) -> Tensor:
        ahead = torch.arange(self.classes, 0, -1, dtype=pixels.dtype, device=pixels.device)
        return ahead + 0 * pixels.flatten(1).sum(1, keepdim=True)


def bent(classes: int = 5, *, channels: int = 1, height: int = 6, width: int = 6, seed: int = 0) -> nn.Sequential:
    """A small network whose loss is not linear, with the layers whose mode matters; in training mode."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = nn.Sequential(
            nn.Conv2d(channels, 6, 3),
            nn.BatchNorm2d(6),
            nn.Tanh(),
            nn.Dropout(0.5),
            nn.Flatten(),
            nn.Linear(6 * (height - 2) * (width - 2), classes),
        )
    network[-1].weight.data *= 3
    return network
