"""Work that calls back at each of its steps, as an iterator that stands still at each of them."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
Step = tuple[Any, ...]  # what the work tells of a step


def in_steps(
    work: Callable[[Callable[..., None]], Result], each: Callable[..., None], *, turns: bool
) -> Generator[None, None, Result]:
    """What `work` comes to; at its steps `each` is called here, and then, where others have `turns`, it stands still.

    Without, it is done in this very thread, whose memory and caches are warm.
    """
    if not turns:
        return work(each)
    with closing(Stepwise(work)) as steps:
        for step in steps:
            each(*step)
            yield
    return steps.result


class _Ended(BaseException):
    """Nobody wants the rest; not an Exception, for the work might answer one."""


class Stepwise(Generic[Result]):
    """The steps of `work`, a function of the function that it calls at each; its `result` after the last.

    Closed before, the work ends where it stands. It has a thread of its own, which waits while it stands still: what it
    has switched on for its thread (gradients, say) is switched on for nobody else. It must not use the database.
    """

    result: Result

    def __init__(self, work: Callable[[Callable[..., None]], Result]) -> None:
        self.work, self.ended = work, False
        self.told: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self.wanted: SimpleQueue[None] = SimpleQueue()
        self.steps = self._go()

    def __iter__(self) -> Iterator[Step]:
        return self.steps

    def close(self) -> None:
        self.steps.close()

    def _go(self) -> Any:
        thread = threading.Thread(target=self._do, name="stepwise", daemon=True)
        thread.start()
        try:
            while (told := self.told.get())[0] == "step":
                yield told[1]
                self.wanted.put(None)
        finally:
            self.ended = True
            self.wanted.put(None)
            thread.join()
        if told[0] == "error":
            raise told[1]
        self.result = told[1]

    def _do(self) -> None:
        try:
            self.told.put(("result", self.work(self._on_step)))
        except BaseException as error:  # raised again in the thread that asked
            self.told.put(("error", error))

    def _on_step(self, *step: Any) -> None:
        if not self.ended:
            self.told.put(("step", step))
            self.wanted.get()
        if self.ended:
            raise _Ended
