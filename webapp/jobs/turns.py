"""Long work in turns: a worker holds several jobs, goes round them, and serves what is more urgent in between.

The work of such a kind is a generator, `work(run) -> Iterator[State]`. It yields at least every 0.3 s: there the worker
may do something else, or end it. What it yields is a function that gives, while the work stands at this yield, all it
needs to go on from there as bytes; it is asked only when a checkpoint is due. `run.state` holds those bytes where an
earlier attempt left some, else None. Work that yields None begins anew in another worker. The last thing that the work
does is `run.finish(save)`. Work that is told of its steps by a call becomes such a generator by `stepwise`.
"""

import faulthandler
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop as _

from webapp.jobs import company, run, sharing
from webapp.jobs.line import waits
from webapp.jobs.models import Job

State = Callable[[], bytes] | None

TURN = 0.2  # seconds that one has before the worker looks around
HELD = 4  # jobs in a worker's memory; more wait in the line, for a place or for another worker
CHECKPOINT = 10.0  # seconds of work that a lost worker may lose
STUCK = 60  # seconds after which work that does not yield is given up together with its process
STDERR = 2  # where the worker's process tells what it was at then

TOO_LONG = _("This took more than %(seconds)s seconds of work, so it was stopped. Ask for less of it.")


class Turns(run.Run):
    """One attempt at a job, in turns; what it tells is recorded after each."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.state = sharing.kept_state(job)
        if self.state is None:
            job.worked = 0.0  # whatever was done is lost
        self.news: dict[str, Any] = {}
        self.unsaved = 0.0  # seconds of work since the last checkpoint
        self.finished = False
        self.now: State = None  # where the work stands
        self.work: Generator[State] = import_string(job.described.work)(self)
        self.mark = ExitStack()
        self.mark.enter_context(run.holding(job))

    def step(
        self, done: int, text: str = "", values: Mapping[str, Any] | None = None, *, total: int | None = None
    ) -> None:
        """How far it is. Never stops the work: that happens where it yields."""
        news = {"done": done, "text": text, "text_values": dict(values or {})}
        self.news = news | ({"total": total} if total else {})

    def finish(self, save: Callable[[], None]) -> None:
        super().finish(save)
        self.finished = True

    def take_turn(self) -> bool:
        """Work for a while; False when it has ended."""
        begun = time.monotonic()
        for now in self.work:
            self.now = now
            if time.monotonic() - begun >= TURN:
                self._record(time.monotonic() - begun)
                return True
        if not self.finished:
            raise RuntimeError("the work ended without a result")
        return False

    def _record(self, seconds: float) -> None:
        self.unsaved += seconds
        self.job.worked += seconds
        if not sharing.record_turn(self.job, worked=self.job.worked, **self.news):
            raise run.Stopped
        if self.job.worked > self.job.seconds:
            raise run.JobFailed("too_long", TOO_LONG, {"seconds": self.job.seconds})

    @property
    def is_due(self) -> bool:
        """Whether there is more to lose than a lost worker may lose, and it can be kept."""
        return self.now is not None and self.unsaved >= CHECKPOINT

    def save(self) -> None:
        """A checkpoint, here."""
        self.checkpoint(self._keep())
        self.unsaved = 0.0

    def let_go(self) -> None:
        """A checkpoint, and back into the line."""
        self.give_back(self.news.get("done", self.job.done), self._keep())

    def close(self) -> None:
        """This process has it no longer; the `with` and `finally` blocks of its work are run."""
        self.mark.close()
        self.work.close()

    def _keep(self) -> Callable[[], None]:
        if self.now is None:
            return lambda: None
        return partial(sharing.keep_state, self.job, self.now())


class Round:
    """The jobs that this process holds, each in its turn."""

    def __init__(self, first: Job) -> None:
        self.queue = first.line
        self.held: deque[Turns] = deque()
        self.leaving = False  # its process was asked to end
        self._take(first)
        self.in_hand = self.held[0] if self.held else None

    def go(self) -> None:
        """Until nothing is left of the queue for this worker."""
        while self.held:
            self._obey()
            if self._serve_urgent():
                continue
            self._take_more()
            one = self._next()
            if one is None or (one.job.unasked and self._serve_urgent(unasked=True)):
                continue
            self.held.remove(one)
            self.held.append(one)
            if not self._give_turn(one):
                self._drop(one)

    def _next(self) -> Turns | None:
        """Whose turn it is: that of what nobody asked for when nothing else is held."""
        return next((one for one in self.held if not one.job.unasked), self.held[0] if self.held else None)

    def close(self) -> None:
        """Drop what is held, however this ends: leases run out, others go on from the checkpoints."""
        for one in list(self.held):
            self._drop(one)

    def _obey(self) -> None:
        """Whoever was cancelled ends; when the process was asked to leave, all go back into the line."""
        rows = sharing.standing(one.job for one in self.held)
        self.leaving |= any(row.pause_requested for row in rows.values())
        for one in list(self.held):
            row = rows.get(one.job.pk)
            one.job.unasked = row is not None and row.unasked
            stops = row is None or row.cancel_requested
            if stops or self.leaving:
                with run.attempted(one.job):
                    if stops:
                        raise run.Stopped
                    one.let_go()
                self._drop(one)

    def _serve_urgent(self, *, unasked: bool = False) -> bool:
        """One more urgent job, whole, with its company; False if there is none."""
        urgent = sharing.claim_urgent(self.queue, unasked=unasked) if self.held else None
        if urgent is None:
            return False
        self._put_in_hand(None)
        with killed_after(urgent.seconds):
            company.do(urgent)
        return True

    def _take_more(self) -> None:
        """Of what somebody waits for: the rest comes alone, by its message."""
        while self.held and len(self.held) < HELD:
            if not (job := sharing.claim_next(self.queue)):
                return
            self._take(job)

    def _take(self, job: Job) -> None:
        with run.attempted(job):
            self.held.appendleft(Turns(job))  # whoever is new is next

    def _give_turn(self, one: Turns) -> bool:
        """Whether this worker goes on with it afterwards."""
        self._put_in_hand(one)
        with run.attempted(one.job), killed_after(STUCK):
            if not one.take_turn():
                return False
            if not one.is_due:
                return True
            if len(self.held) < HELD or not waits(self.queue):
                one.save()
                return True
            one.let_go()
        return False

    def _put_in_hand(self, one: Turns | None) -> None:
        if self.in_hand is not one:
            for job, value in ((self.in_hand, False), (one, True)):
                if job:
                    sharing.put_in_hand(job.job, value)
            self.in_hand = one

    def _drop(self, one: Turns) -> None:
        self.held.remove(one)
        self.in_hand = None if self.in_hand is one else self.in_hand
        with run.attempted(one.job):
            one.close()


def go_round(first: Job) -> None:
    """Do a claimed job and whatever else waits in its queue, in turns."""
    going = Round(first)
    try:
        going.go()
    finally:
        going.close()


@contextmanager
def killed_after(seconds: float) -> Iterator[None]:
    """Ends the process, with a word to its log on where it was, when the block takes longer. Even if nothing yields."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=STDERR)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
