"""How far the work of one attack is, told to whoever wants to see it."""

import time
from collections.abc import Callable

from attacks.words import gettext_noop

OnStep = Callable[[int, int, str], None]  # (done, total, text); may raise to stop the work


class Stages:
    """Progress through the attack's own steps, of which only it knows how many, and three stages after them.

    Who is told of a step may let others have their turn meanwhile: that is no work.
    """

    def __init__(self, tell: OnStep | None) -> None:
        self.tell, self.steps = tell, 1
        self.started, self.waited = time.perf_counter(), 0.0

    def attacking(self, done: int, total: int) -> None:
        self.steps = total
        self._tell(done, gettext_noop("The attack is under way"))

    def after(self, stage: int, text: str) -> None:
        self._tell(self.steps + stage - 1, text)

    def seconds(self) -> float:
        """Of work, so far."""
        return time.perf_counter() - self.started - self.waited

    def _tell(self, done: int, text: str) -> None:
        if self.tell:
            begun = time.perf_counter()
            self.tell(done, self.steps + 3, text)
            self.waited += time.perf_counter() - begun
