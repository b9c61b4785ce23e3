"""Where attacks start: drawn at random within the budget. Drawn on the CPU, wherever the pictures are."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from attacks.projections import TINY
from attacks.shapes import Generators


def random_start(images: Tensor, epsilon: float | Tensor, generator: Generators = None) -> Tensor:
    """Evenly from the L∞ ball of that radius around `images`, within [0, 1]."""
    return (images + (2 * drawn(torch.rand, images, generator) - 1) * epsilon).clamp_(0, 1)


def random_start_l2(images: Tensor, radius: float | Tensor, generator: Generators = None) -> Tensor:
    """Evenly from the L2 ball of that radius around `images`, then kept within [0, 1].

    A Gaussian draw has no preferred direction; the length U^(1/d) of d values is as often in a shell as it is large.
    """
    direction = drawn(torch.randn, images, generator).flatten(1)
    share = drawn(torch.rand, images[:, :1, :1, :1], generator)
    length = share ** (1 / direction.shape[1]) * radius
    unit = direction / direction.norm(dim=1, keepdim=True).clamp(min=TINY)
    return (images + unit.view_as(images) * length).clamp_(0, 1)


def of_rows(generator: Generators, rows: Tensor) -> Generators:
    """The generators of these pictures, where each has its own."""
    if generator is None or isinstance(generator, Generator):
        return generator
    return [generator[row] for row in rows.tolist()]


def drawn(draw: Callable[..., Tensor], like: Tensor, generator: Generators) -> Tensor:
    """By torch.rand or torch.randn, as large as `like` and where it is."""
    if generator is None or isinstance(generator, Generator):
        return draw(like.shape, generator=generator).to(like)
    return torch.stack([draw(like.shape[1:], generator=own) for own in generator]).to(like)
