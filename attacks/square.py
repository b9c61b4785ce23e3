"""Square Attack in L-infinity: random search over squares, which asks for scores alone (arXiv 1912.00049).

Its schedule and start are those of AutoAttack (arXiv 2003.01690): squares shrink at fixed queries, however many follow.
"""

import math
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor, nn

from attacks.frozen import frozen
from attacks.losses import cross_entropy, log_odds, margin
from attacks.rows import per_picture, picked
from attacks.shapes import Generators, OnStep, Seen, Watch
from attacks.starts import drawn, of_rows

HALVINGS = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)  # after so many squares their share of the picture halves
BLOCK = 64  # squares drawn at once: a call for each would take longer than the network does for a digit


def square(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float | Tensor,
    queries: int = 500,
    share: float = 0.3,
    target: Tensor | None = None,
    generator: Generators = None,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """For each picture the change with the smallest loss: one that fools, as soon as there is one.

    model: logits from pixels, asked forwards alone. images: float [0, 1], (N, C, H, W). labels: (N,) the class to
    leave; target: (N,) the class to reach instead. epsilon: in pixels, one or (N, 1, 1, 1). queries: of each picture at
    most, the first included; a picture that fools is not asked about again. share: of the picture, what the first
    squares cover (the paper's p). The loss is the label's margin, or a target's cross-entropy, by its log odds. Raises
    ValueError without a query, or for a share that is none.
    """
    if queries < 1 or not 0 < share <= 1:
        raise ValueError("Square needs at least one query, and squares that cover a share of the picture above 0.")
    with frozen(model), torch.inference_mode(False), torch.no_grad():
        found = images.detach().clone()
        left = _begun(found, labels if target is None else target, epsilon)
        for query in range(queries):
            if query % BLOCK == 0:
                left = replace(left, numbers=_numbers(left, generator))
            tried = _squares(left, query - 1, share) if query else _stripes(left, generator)
            logits = model(tried)
            if watch:
                watch(Seen(left.rows, tried, logits, _paper_loss(logits, left.aim, targeted=target is not None)))
            left, fooled = _judged(left, tried, logits, targeted=target is not None)
            if fooled.any():
                found[left.rows[fooled]] = left.best[fooled]
                left = left.only(~fooled)
            if on_step:
                on_step(query + 1, queries)
            if not len(left.rows):
                break
        found[left.rows] = left.best
    return found


def side(squares: int, share: float, height: int, width: int) -> int:
    """How long a square's sides are, in pixels, after so many squares before it."""
    halved = sum(squares > end for end in HALVINGS)
    return max(1, round(math.sqrt(share / 2**halved * height * width)))


@dataclass(frozen=True)
class _Left:
    """The pictures that do not fool yet."""

    rows: Tensor  # (n,) which of the batch
    aim: Tensor  # (n,) the class to leave, or to reach
    ends: Tensor  # (n, 2, C, H, W), every value as dark as it may be, and as light
    best: Tensor  # with the smallest loss until now,
    least: Tensor  # (n,) which is this
    numbers: Tensor  # (n, BLOCK, 2 + C): of each square its place, and a sign for each colour

    def only(self, some: Tensor) -> "_Left":
        return _Left(*(getattr(self, part.name)[some] for part in fields(self)))


def _begun(images: Tensor, aim: Tensor, epsilon: float | Tensor) -> _Left:
    ends = torch.stack([(images - epsilon).clamp(min=0), (images + epsilon).clamp(max=1)], dim=1)
    rows = torch.arange(len(images), device=images.device)
    least = torch.full((len(images),), torch.inf, device=images.device)
    return _Left(rows, aim, ends, images.clone(), least, least)


def _numbers(left: _Left, generator: Generators) -> Tensor:
    like = left.best.new_empty(len(left.rows), BLOCK, 2 + left.best.shape[1])
    return drawn(torch.rand, like, of_rows(generator, left.rows))


def _stripes(left: _Left, generator: Generators) -> Tensor:
    """Every column of every colour as dark or as light as it may be."""
    signs = drawn(torch.rand, left.best[:, :, :1], of_rows(generator, left.rows))
    return torch.where(signs < 0.5, left.ends[:, 0], left.ends[:, 1])


def _squares(left: _Left, squares: int, share: float) -> Tensor:
    """The best pictures with one square more, each at a place of its own. One that would change nothing turns round."""
    height, width = left.best.shape[2:]
    numbers = left.numbers[:, (squares + 1) % BLOCK]
    length = side(squares, share, height, width)
    rows, columns = (_places(numbers[:, axis], length, end) for axis, end in enumerate((height, width)))
    picture, colour = (torch.arange(size, device=rows.device) for size in left.best.shape[:2])
    there = (picture[:, None, None, None], colour[:, None, None], rows[:, None, :, None], columns[:, None, None])
    before, light = left.best[there], (numbers[:, 2:] >= 0.5)[:, :, None, None]
    after = left.ends[there[0], light.long(), *there[1:]]
    same = per_picture((after == before).flatten(1).all(1))
    if same.any():
        after = left.ends[there[0], (light ^ same).long(), *there[1:]]
    return left.best.index_put(there, after)


def _places(number: Tensor, length: int, end: int) -> Tensor:
    """(n, length): `length` pixels in a row, from a first one that all places from edge to edge are equally often."""
    length = min(length, end)
    first = (number * (end - length + 1)).long()[:, None]
    return first + torch.arange(length, device=number.device)


def _judged(left: _Left, tried: Tensor, logits: Tensor, *, targeted: bool) -> tuple[_Left, Tensor]:
    """With what has a smaller loss than all before; and (n,) bool: it fools."""
    gain = margin(logits, left.aim, left.aim if targeted else None)
    loss = log_odds(logits, left.aim) if targeted else -gain
    better = (loss < left.least) | (gain > 0)
    best = picked(better, tried, left.best)  # neither is written into
    return replace(left, best=best, least=torch.where(better, loss, left.least)), gain > 0


def _paper_loss(logits: Tensor, aim: Tensor, *, targeted: bool) -> Tensor:
    """(n,), to be lowered: the margin of the class to leave, or the cross-entropy of the class to reach."""
    return cross_entropy(logits, aim) if targeted else -margin(logits, aim)
