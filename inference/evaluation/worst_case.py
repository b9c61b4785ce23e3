"""Many attacks on many pictures: later ones on what earlier ones left, a chunk at a time, so that work can go on."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from inference.catalog.protocols import Protocol
from inference.catalog.worst_case import RIGHT, UNTRIED, Matrix
from inference.data.base import Pictures
from inference.evaluation.accuracy import OnStep, at_once, outcomes, right_after, share_of

CHUNK = 100  # pictures at most between two savings
Save = Callable[[Matrix], None]


def worst_case(
    model: nn.Module,
    pictures: Pictures,
    budgets: Sequence[Sequence[Protocol]],
    *,
    kept: Matrix | None = None,
    save: Save = lambda _matrix: None,
    everywhere: bool = False,
    on_step: OnStep | None = None,
) -> Matrix:
    """The matrix after the attacks of each budget, in their order.

    kept: of an evaluation of the same model and pictures that was interrupted; what is in it is not done again. save is
    given the matrix after every chunk. everywhere: each attack is tried on all pictures that are right as they are,
    not on survivors alone: each has a figure of its own then. on_step is told of pictures done; it may raise to stop.
    """
    matrix = kept or Matrix("".join("1" if right else "0" for right in outcomes(model, pictures).tolist()))
    done, total = 0, len(pictures) * sum(map(len, budgets))
    for protocols in budgets:
        for number, protocol in enumerate(protocols):
            places = _wanted(matrix, protocols[:number], protocol, everywhere=everywhere)
            done += len(pictures) - len(places)  # there is nothing left to do about these
            for chunk in places.split(min(CHUNK, at_once(pictures.images))) if len(places) else ():
                tell = share_of(on_step, done, len(chunk), total)
                right = _right_after_all(model, pictures[chunk], protocol, chunk, tell)
                matrix.enter(protocol, chunk.tolist(), right.tolist())
                save(matrix)
                done += len(chunk)
    return matrix


def _wanted(matrix: Matrix, before: Sequence[Protocol], protocol: Protocol, *, everywhere: bool) -> Tensor:
    """(N,) the places that the attack has still to be tried at."""
    open_ = [letter == RIGHT for letter in matrix.clean] if everywhere else matrix.left(before)
    column = matrix.column(protocol)
    wanted = [place for place, one in enumerate(open_) if one and column[place] == UNTRIED]
    return torch.tensor(wanted, dtype=torch.int64)


def _right_after_all(
    model: nn.Module, pictures: Pictures, protocol: Protocol, places: Tensor, on_step: OnStep
) -> Tensor:
    """(N,) bool: right after every start of the attack; later ones for those that are still right."""
    right = torch.ones(len(places), dtype=torch.bool)
    for start in range(protocol.restarts):
        left = right.nonzero().flatten()
        if not len(left):
            break
        right[left] = right_after(model, pictures[left], protocol, start, places[left].tolist(), on_step)
    return right
