"""What attacks without a budget keep of all that they tried: the nearest success, or else the best attempt."""

import torch
from torch import Tensor

from attacks.rows import Kept, of


class Nearest:
    """For each picture the success with the shortest change (L2); while there is none, what came closest to one."""

    def __init__(self, images: Tensor) -> None:
        self.originals = images.detach()
        self._kept = Kept(images)
        self.length = torch.full((len(images),), torch.inf, device=images.device)  # of the nearest success
        self.margin = torch.full((len(images),), -torch.inf, device=images.device)  # of the best attempt

    @property
    def images(self) -> Tensor:
        """(N, C, H, W), the best so far."""
        return self._kept.images

    def offer(
        self, rows: Tensor, tried: Tensor, margin: Tensor, *, least: float = 0.0, change: Tensor | None = None
    ) -> Tensor:
        """(n,) bool, which of `tried` (n, C, H, W) succeed: those with a margin above `least`.

        rows: (n,) int64, which pictures they are of. margin: (n,), as `losses.margin`. change: what `tried` differs by
        from the originals, where that is known already.
        """
        success = margin > least
        length = lengths(tried - of(self.originals, rows) if change is None else change)
        nearer = success & (length < self.length[rows])
        closer = ~success & self.length[rows].isinf() & (margin > self.margin[rows])
        better = nearer | closer
        self._kept.put(rows, better, tried)
        self.length[rows[nearer]] = length[nearer]
        self.margin[rows[closer]] = margin[closer]
        return success


def lengths(change: Tensor) -> Tensor:
    """(N,) Euclidean length of each picture's change."""
    return change.flatten(1).norm(dim=1)
