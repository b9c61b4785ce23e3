"""Whether ours is not worse than a library's: the two conditions, and all tests of one table held together."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from inference.catalog.comparison import NOISE, paired

POINT = 0.01  # of all pictures: so far ours may stay behind
LONGER = 1.02  # so much as long may the median change be


@dataclass(frozen=True)
class Line:
    """One library beside ours, picture by picture. p is McNemar's exact."""

    ours: Sequence[bool]
    theirs: Sequence[bool]
    our_sizes: Sequence[float]
    their_sizes: Sequence[float]
    smallest: bool  # the attack looks for the smallest change

    @property
    def p(self) -> float:
        return paired(self.ours, self.theirs).p

    @property
    def behind(self) -> int:
        """By how many pictures ours fools fewer."""
        return sum(self.theirs) - sum(self.ours)

    def medians(self) -> tuple[float, float]:
        """(ours, theirs), of the pictures that both fool; without one both are infinite."""
        both = [place for place, hits in enumerate(zip(self.ours, self.theirs, strict=True)) if all(hits)]
        ours, theirs = ([sizes[place] for place in both] for sizes in (self.our_sizes, self.their_sizes))
        return (statistics.median(ours), statistics.median(theirs)) if both else (math.inf, math.inf)

    def not_worse(self, held: float) -> bool:
        """held: the p-value, corrected for all tests of the table."""
        ours, theirs = self.medians() if self.smallest else (0.0, 0.0)
        if ours > LONGER * theirs:
            return False
        return self.behind <= POINT * len(self.ours) and not (self.behind > 0 and held < NOISE)


def holm(values: Sequence[float]) -> list[float]:
    """p-values corrected for their number, in the order given (Holm 1979)."""
    order, held, largest = sorted(range(len(values)), key=values.__getitem__), [0.0] * len(values), 0.0
    for rank, at in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[at]))
        held[at] = largest
    return held
