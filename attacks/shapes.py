"""What attacks are given and give back."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from torch import Generator, Tensor

OnStep = Callable[[int, int], None]  # (done, total); may raise to stop the work
Generators = Generator | Sequence[Generator] | None  # one for all pictures, or each has its own


class Direction(NamedTuple):
    """Where to step, and what was learnt on the way: what the function of a "ray" returns."""

    sign: Tensor  # like the images, each value -1, 0 or 1; x + epsilon * sign is the attack, targeted or not
    logits: Tensor  # (N, classes), of the images as they were given

    @property
    def zero_gradient(self) -> Tensor:
        """(N,) bool: nowhere to step; says nothing about how robust the model is."""
        return ~self.sign.flatten(1).any(dim=1)


class Run(NamedTuple):
    """What an attack came to. Counts are of pictures: a batch of 8 that goes through the model once counts 8."""

    adversarial: Tensor  # (N, C, H, W), detached, in [0, 1], within the budget
    forwards: int
    gradients: int
    direction: Direction | None  # of a "ray"


class Seen(NamedTuple):
    """What an attack saw at one step: of the pictures that still take steps."""

    rows: Tensor  # (n,) int64, which pictures of the batch
    images: Tensor  # (n, C, H, W), detached: what was judged; not written into afterwards
    logits: Tensor  # (n, classes), of them
    loss: Tensor  # (n,), as the paper writes it
    start: int = 0  # of an attack that begins anew: which of its beginnings this step belongs to


Watch = Callable[[Seen], None]  # may raise to stop the work
