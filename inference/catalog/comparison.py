"""Figures that are counted picture by picture, and what two of them tell of each other. Imports no torch."""

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Z = 1.959964  # of the normal distribution: intervals are of 95 %
NOISE = 0.05  # two networks that are equally good differ by as much in one comparison of twenty


@dataclass(frozen=True)
class Measured:
    """So many right of all that were judged; `each` has a bit for every picture, in the order of the test set."""

    right: int
    of: int
    each: str = ""  # the bits, packed from the highest on, in base64

    @classmethod
    def of_each(cls, right: Sequence[bool]) -> "Measured":
        """Counted from one answer for each picture."""
        bits = "".join("1" if one else "0" for one in right)
        whole = -(-len(bits) // 8)
        packed = int(bits.ljust(8 * whole, "0") or "0", 2).to_bytes(whole, "big")
        return cls(bits.count("1"), len(bits), base64.b64encode(packed).decode())

    @property
    def accuracy(self) -> float:
        return self.right / self.of

    def interval(self) -> tuple[float, float]:
        """Wilson's interval for the accuracy, at 95 % (Wilson 1927)."""
        n, p = self.of, self.accuracy
        middle, half = p + Z * Z / (2 * n), Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        low, high = (middle - half) / (1 + Z * Z / n), (middle + half) / (1 + Z * Z / n)
        return low if self.right else 0.0, high if self.right < n else 1.0  # at the ends without rounding

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "right": self.right,
            "of": self.of,
            "accuracy": self.accuracy,
            "interval": list(self.interval()),
            "each": self.each,
        }


def outcomes(figure: Mapping[str, Any]) -> list[bool]:
    """Right or wrong for each picture, from a figure as Measured.as_json() gives it; none if it does not say."""
    packed = base64.b64decode(figure.get("each", ""))
    if not packed:
        return []
    return [bit == "1" for bit in f"{int.from_bytes(packed, 'big'):0{8 * len(packed)}b}"[: figure["of"]]]


@dataclass(frozen=True)
class Paired:
    """Two networks on the same pictures: only the pictures count on which they differ."""

    gained: int  # pictures that the first has right and the second wrong
    lost: int  # the other way round
    of: int

    @property
    def difference(self) -> float:
        """The first one's accuracy less the second one's."""
        return (self.gained - self.lost) / self.of

    @cached_property
    def p(self) -> float:
        """McNemar's exact test, two-sided: how often equally good networks differ at least so much (McNemar 1947)."""
        differing = self.gained + self.lost
        tail = sum(math.comb(differing, few) for few in range(min(self.gained, self.lost) + 1))
        return min(1.0, 2 * tail / 2**differing)

    def interval(self) -> tuple[float, float]:
        """Of the difference, at 95 %: Wald's with one picture more on either side (Bonett and Price 2012)."""
        n, more, fewer = self.of + 2, self.gained + 1, self.lost + 1
        middle, both = (more - fewer) / n, (more + fewer) / n
        half = Z * math.sqrt((both - middle * middle) / n)
        return max(-1.0, middle - half), min(1.0, middle + half)

    @property
    def shown(self) -> bool:
        """Whether the difference is beyond noise."""
        return self.p < NOISE


def paired(first: Sequence[bool], second: Sequence[bool]) -> Paired:
    """Two rows of outcomes, picture by picture."""
    pairs = list(zip(first, second, strict=True))
    return Paired(sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs), len(pairs))


def compare(first: Mapping[str, Any], second: Mapping[str, Any]) -> Paired | None:
    """Two figures as their cards have them; None where they cannot be compared picture by picture.

    They can where each tells its pictures' outcomes, as many, under the same protocol. That both are of the same test
    set is for the caller to know.
    """
    ours, theirs = outcomes(first), outcomes(second)
    if not ours or len(ours) != len(theirs) or first.get("protocol") != second.get("protocol"):
        return None
    return paired(ours, theirs)
