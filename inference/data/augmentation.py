"""Changed pictures to learn from: drawn anew in every epoch, for the whole batch at once, on its own device."""

import math

import torch
from torch import Generator, Tensor
from torch.nn.functional import affine_grid, grid_sample

from inference.catalog.configuration import TrainingConfig


def augment(pixels: Tensor, config: TrainingConfig, generator: Generator) -> Tensor:
    """`pixels`, float [0, 1] (N, C, H, W), changed as the configuration says; the same tensor if it says nothing.

    What is moved in from outside is black for grey pictures (as MNIST's rim is) and repeats the rim for colour ones.
    """
    if config.shift or config.rotation or config.scale or config.flip:
        pixels = _moved(pixels, config, generator)
    if config.erasing:
        pixels = _erased(pixels, generator)
    if config.noise:
        grain = torch.randn(pixels.shape, generator=generator).to(pixels.device)
        pixels = (pixels + grain * (config.noise / 255)).clamp_(0, 1)
    return pixels


def _moved(pixels: Tensor, config: TrainingConfig, generator: Generator) -> Tensor:
    """One affine map for each picture: turned, scaled, shifted, mirrored."""
    count, size = len(pixels), pixels.shape[-1]

    def drawn(most: float) -> Tensor:
        return (torch.rand(count, generator=generator) * 2 - 1) * most

    angle = drawn(math.radians(config.rotation))
    zoom = 1 / (1 + drawn(config.scale / 100))
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0) if config.flip else torch.ones(count)
    across, down = (drawn(config.shift + 0.5).round() * (2 / size) for _ in range(2))  # whole pixels: nothing blurs
    cosine, sine = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    rows = [torch.stack([cosine * mirror, -sine, across], 1), torch.stack([sine * mirror, cosine, down], 1)]
    return warped(pixels, torch.stack(rows, 1))


def warped(pixels: Tensor, maps: Tensor) -> Tensor:
    """Pictures (N, C, H, W), each by its map (N, 2, 3) that says where pixels come from, in halves of a side."""
    grid = affine_grid(maps.to(pixels.device), list(pixels.shape), align_corners=False)
    padding = "zeros" if pixels.shape[1] == 1 else "border"
    return grid_sample(pixels, grid, padding_mode=padding, align_corners=False).clamp_(0, 1)  # rounding may go beyond


def _erased(pixels: Tensor, generator: Generator) -> Tensor:
    """Random erasing (arXiv 1708.04896): half of the pictures get a grey patch, an eighth to a third of a side."""
    count, size = len(pixels), pixels.shape[-1]
    side = (torch.rand(count, generator=generator) * (size / 3 - size / 8) + size / 8).long()
    top, left = ((torch.rand(count, generator=generator) * (size - side + 1)).long() for _ in range(2))
    chosen = torch.rand(count, generator=generator) < 0.5
    place = torch.arange(size)
    rows = (place >= top[:, None]) & (place < (top + side)[:, None])
    columns = (place >= left[:, None]) & (place < (left + side)[:, None])
    patch = (rows[:, :, None] & columns[:, None, :] & chosen[:, None, None])[:, None].to(pixels.device)
    return torch.where(patch, torch.full_like(pixels, 0.5), pixels)
