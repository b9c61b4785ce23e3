"""What is left of each picture by a list of attacks: every outcome kept, and what they come to. Imports no torch.

Right is what is right as it is and after every attack of the list. No change at all is within every budget, and one
more attack never raises a figure.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attacks.catalog import ATTACKS
from attacks.words import gettext_noop
from inference.catalog.comparison import Measured
from inference.catalog.masking_checks import DISTRUSTED, NOTED, SENTENCES
from inference.catalog.protocols import Protocol

VERDICTS: Mapping[str, str] = {
    "linf": gettext_noop(
        "Right on %(right)s of %(of)s pictures under every attack listed (95%% interval %(low)s to %(high)s), "
        "%(budget)s/255 in L-infinity: an upper bound for this threat model only."
    ),
    "l2": gettext_noop(
        "Right on %(right)s of %(of)s pictures under every attack listed (95%% interval %(low)s to %(high)s), "
        "radius %(budget)s in L2, pixels from 0 to 1: an upper bound for this threat model only."
    ),
    "l0": gettext_noop(
        "Right on %(right)s of %(of)s pictures under every attack listed (95%% interval %(low)s to %(high)s), "
        "pixels changed: %(budget)s: an upper bound for this threat model only."
    ),
}
BUDGETS: Mapping[str, str] = {"linf": "epsilon", "l2": "radius", "l0": "pixels"}  # what the budget of a norm is called
RIGHT, BROKEN, UNTRIED = "1", "0", "-"


@dataclass
class Matrix:
    """Pictures and attacks. A column has a letter for each picture: RIGHT, BROKEN or UNTRIED.

    clean: the column of the pictures as they are. attacked: by the protocol as it stands beside a figure.
    """

    clean: str
    attacked: dict[str, str] = field(default_factory=dict)

    def column(self, protocol: Protocol) -> str:
        """Of the attack, as far as it was tried."""
        return self.attacked.get(str(protocol), UNTRIED * len(self.clean))

    def is_of(self, pictures: int) -> bool:
        """Whether each column has a letter for each of so many pictures, and nothing else."""
        columns = [(self.clean, {RIGHT, BROKEN}), *((one, {RIGHT, BROKEN, UNTRIED}) for one in self.attacked.values())]
        return all(isinstance(one, str) and len(one) == pictures and set(one) <= known for one, known in columns)

    def enter(self, protocol: Protocol, places: Sequence[int], right: Sequence[bool]) -> None:
        """Keep the outcomes of the pictures at these places."""
        letters = [*self.column(protocol)]
        for place, one in zip(places, right, strict=True):
            letters[place] = RIGHT if one else BROKEN
        self.attacked[str(protocol)] = "".join(letters)

    def left(self, protocols: Sequence[Protocol]) -> list[bool]:
        """For each picture: right as it is, and broken by none of these."""
        columns = [self.clean, *map(self.column, protocols)]
        return [letters[0] == RIGHT and BROKEN not in letters for letters in zip(*columns, strict=True)]

    def is_done(self, protocols: Sequence[Protocol]) -> bool:
        """Whether each of these was tried on all that the ones before it left: only then is what is left a figure."""
        return not any(
            left and letter == UNTRIED
            for number, protocol in enumerate(protocols)
            for left, letter in zip(self.left(protocols[:number]), self.column(protocol), strict=True)
        )


@dataclass(frozen=True)
class Step:
    """What one attack of the list came to, in its turn."""

    protocol: Protocol
    alone: Measured | None  # right after this attack alone; None where it was tried on survivors only
    tried: int
    broken: int  # of those, earlier attacks' among them
    newly_broken: int
    left: Measured  # after this and all before

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "attack": self.protocol.short,
            "protocol": self.protocol.as_json(),
            "alone": self.alone.as_json() if self.alone else None,
            "tried": self.tried,
            "broken": self.broken,
            "newly_broken": self.newly_broken,
            "left": self.left.as_json(),
        }

    def remark(self, before: Measured, translate: Callable[[str], str] = str) -> str:
        """What it means that an attack without gradients broke pictures that gradients had left; "" if nothing."""
        gain = self.newly_broken / before.of
        if gain <= NOTED:
            return ""
        sentence = SENTENCES["gain_large" if gain > DISTRUSTED else "gain_told"]
        return translate(sentence) % {"gain": self.newly_broken, "left": before.right, "of": before.of}


def steps_of(matrix: Matrix, protocols: Sequence[Protocol]) -> Iterator[Step]:
    """Each attack of the list in its turn; all within one budget."""
    for number, protocol in enumerate(protocols):
        before, after = matrix.left(protocols[:number]), matrix.left(protocols[: number + 1])
        column = matrix.column(protocol)
        whole = all(letter != UNTRIED for letter, clean in zip(column, matrix.clean, strict=True) if clean == RIGHT)
        yield Step(
            protocol,
            Measured.of_each(matrix.left([protocol])) if whole else None,
            len(column) - column.count(UNTRIED),
            column.count(BROKEN),
            sum(before) - sum(after),
            Measured.of_each(after),
        )


def remarks(steps: Sequence[Step], translate: Callable[[str], str] = str) -> list[tuple[Step, str]]:
    """Of the attacks without gradients that followed one with them: what their gain says."""
    found, gradients = [], False
    for before, step in zip([None, *steps], steps, strict=False):
        if before and gradients and not _knows_gradients(step.protocol):
            found.append((step, step.remark(before.left, translate)))
        gradients |= _knows_gradients(step.protocol)
    return [(step, sentence) for step, sentence in found if sentence]


def verdict(steps: Sequence[Step], translate: Callable[[str], str] = str) -> str:
    """The first line of a report."""
    left, protocol = steps[-1].left, steps[-1].protocol
    low, high = left.interval()
    words = {"right": left.right, "of": left.of, "low": f"{low:.2%}", "high": f"{high:.2%}", "budget": protocol.budget}
    return translate(VERDICTS[protocol.norm]) % words


def as_json(matrix: Matrix, budgets: Sequence[Sequence[Protocol]]) -> list[Mapping[str, Any]]:
    """The figures of each budget that is done: before, a picture that was not yet tried would be told as right."""
    return [_budget_json(list(steps_of(matrix, protocols))) for protocols in budgets if matrix.is_done(protocols)]


def _budget_json(steps: Sequence[Step]) -> Mapping[str, Any]:
    return {
        BUDGETS[steps[-1].protocol.norm]: steps[-1].protocol.budget,
        "verdict": verdict(steps),
        "right": steps[-1].left.as_json(),
        "attacks": [step.as_json() for step in steps],
        "remarks": [f"{step.protocol.short}: {sentence}" for step, sentence in remarks(steps)],
    }


def _knows_gradients(protocol: Protocol) -> bool:
    return not protocol.control and ATTACKS[protocol.attack].threat_model.gradients
