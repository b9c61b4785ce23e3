"""Some of a batch's pictures: what each has of its own, and what is kept of each without copying more than needed."""

from typing import Any

import torch
from torch import Tensor


def of(value: Any, rows: Tensor) -> Any:
    """The rows of a value that each picture has its own of."""
    if not isinstance(value, Tensor) or not value.ndim or len(value) == len(rows):
        return value
    return value[rows]


def per_picture(values: Tensor) -> Tensor:
    """(N,) as (N, 1, 1, 1), to multiply pictures with."""
    return values.view(-1, 1, 1, 1)


def picked(chosen: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """(N, C, H, W): `new` for the pictures chosen (N,), `old` for the others; one of the two itself where all agree."""
    if chosen.all():
        return new
    return torch.where(per_picture(chosen), new, old) if chosen.any() else old


class Kept:
    """One of each picture's attempts: `images`, (N, C, H, W), at first a copy of those given."""

    def __init__(self, images: Tensor) -> None:
        self.images = images.detach().clone()
        self._borrowed = False  # whether somebody else may still read them

    def put(self, rows: Tensor, chosen: Tensor, tried: Tensor) -> None:
        """Keep those of `tried` (n, C, H, W), the attempts of `rows` (n,), that are chosen (n,).

        Where all there are are chosen, they are kept and not copied: nobody may write into `tried` any more.
        """
        if len(rows) == len(self.images):
            self.images, self._borrowed = picked(chosen, tried, self.images), True
        elif chosen.any():
            if self._borrowed:
                self.images, self._borrowed = self.images.clone(), False
            self.images[rows[chosen]] = tried[chosen]
