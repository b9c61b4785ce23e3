"""Normalisation as the first layer of a model, so that everything outside it speaks of pixels in [0, 1]."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class Normalise(nn.Module):
    """(255 x - mean) / std for each colour; mean and std are in 0..255, one number for all colours or one for each."""

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        scale, shift = [255.0 / s for s in std], [-m / s for m, s in zip(mean, std, strict=True)]
        # Plain numbers where one serves all colours: a third of the time of a tensor that is broadcast.
        self.scale: Any = scale[0] if len(set(scale)) == 1 else None
        self.shift: Any = shift[0] if len(set(shift)) == 1 else None
        if self.scale is None or self.shift is None:
            self.scale = self.shift = None
            for name, values in (("scale", scale), ("shift", shift)):
                delattr(self, name)
                self.register_buffer(name, torch.tensor(values)[:, None, None], persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        return pixels * self.scale + self.shift
