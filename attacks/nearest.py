"""What attacks without a budget keep of all that they tried: the nearest success, or else the best attempt."""

import torch
from torch import Tensor


class Nearest:
    """For each picture the success with the shortest change (L2); while there is none, what came closest to one."""

    def __init__(self, images: Tensor) -> None:
        self.originals = images.detach()
        self.images = self.originals.clone()  # the best so far
        self.length = torch.full((len(images),), torch.inf, device=images.device)  # of the nearest success
        self.margin = torch.full((len(images),), -torch.inf, device=images.device)  # of the best attempt

    def offer(self, rows: Tensor, tried: Tensor, margin: Tensor, *, least: float = 0.0) -> Tensor:
        """(n,) bool, which of `tried` (n, C, H, W) succeed: those with a margin above `least`.

        rows: (n,) int64, which pictures they are of. margin: (n,), as `losses.margin`.
        """
        success = margin > least
        length = lengths(tried - self.originals[rows])
        nearer = success & (length < self.length[rows])
        closer = ~success & self.length[rows].isinf() & (margin > self.margin[rows])
        better = nearer | closer
        self.images[rows[better]] = tried[better]
        self.length[rows[nearer]] = length[nearer]
        self.margin[rows[closer]] = margin[closer]
        return success


def lengths(change: Tensor) -> Tensor:
    """(N,) Euclidean length of each picture's change."""
    return change.flatten(1).norm(dim=1)


def per_picture(values: Tensor) -> Tensor:
    """(N,) as (N, 1, 1, 1), to multiply pictures with."""
    return values.view(-1, 1, 1, 1)
