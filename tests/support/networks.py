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


class Stubborn(nn.Module):
    """What another network says, but always the same class: attacks on it go through all that they may try."""

    def __init__(self, network: nn.Module, label: int = 0) -> None:
        super().__init__()
        self.network, self.label = network, label

    def forward(self, pixels: Tensor) -> Tensor:
        logits = self.network(pixels)
        ahead = torch.zeros_like(logits)
        ahead[:, self.label] = 100
        return logits + ahead


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


def central(classes: int, *, pictures: int = 20) -> tuple[Linear, Tensor, Tensor]:
    """(network, pictures, labels): grey pictures of 6 × 6 so near to the boundaries that nothing meets 0 or 1."""
    generator = torch.Generator().manual_seed(1)
    weight = torch.randn(classes, 36, generator=generator)
    model = Linear(weight - weight.mean(1, keepdim=True))  # plain grey is on every boundary
    images = 0.5 + 0.1 * torch.randn(pictures, 1, 6, 6, generator=generator)
    return model, images, model(images).argmax(1).detach()


def boundary_distances(model: Linear, images: Tensor, labels: Tensor) -> Tensor:
    """(N, classes) how far it is (L2) to where each other class is level with the label; the label's own: infinite."""
    with torch.no_grad():
        logits = model(images)
        ahead = logits.gather(1, labels[:, None]) - logits
        distances = ahead / (model.weight[labels][:, None] - model.weight).norm(dim=2)
    return distances.scatter(1, labels[:, None], torch.inf)
