"""The lines that work waits in; a worker serves the ones it is given, most urgent first."""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from webapp.core.words import beside


@dataclass(frozen=True)
class Queue:
    """One line. Where several are served by one worker, it asks at each step whether a more urgent one has work."""

    name: str
    after: tuple[str, ...] = ()  # the queues whose jobs the same worker serves first
    follows: bool = False  # its jobs follow others by themselves: nobody asks for them
    begun_first: bool = False  # what has begun goes on before what has not: its jobs are done in slices
    takes_turns: bool = False  # a worker holds several of its jobs, whose work is a generator, and goes round
    one_each: bool = False  # a visitor has at most one of its jobs open
    most_waiting: str = ""  # name of the setting: beyond so many waiting jobs nobody may add one
    most_seconds: str = ""  # name of the setting: beyond so many expected seconds of work nobody may add a job
    tolerates: str = ""  # name of the setting: the seconds that one job may hold up the others
    limit: str = "JOB_SECONDS"  # name of the setting: a running job is ended after so many seconds of work
    warm: bool = False  # its workers load the live classifiers when they start
    title: str = ""  # what it is for, as an administrator reads it, marked for translation

    @property
    def unasked(self) -> str:
        """Where the broker keeps messages about what nobody asked for: workers look there after all of their queues."""
        return f"{self.name}-unasked"

    @property
    def related(self) -> list[str]:
        """The queues that the same workers serve, this one among them."""
        return [name for name, other in QUEUES.items() if name in (self.name, *self.after) or self.name in other.after]


INTERACTIVE = Queue(
    "interactive", most_waiting="QUEUE_LIMIT", tolerates="INTERACTIVE_SECONDS", warm=True, title=_("at once")
)
SWEEP = Queue("sweep", after=("interactive",), follows=True, begun_first=True, title=_("what follows"))
STUDY = Queue(
    "study",
    after=("interactive", "sweep"),
    takes_turns=True,
    one_each=True,
    most_seconds="STUDY_QUEUE_SECONDS",
    limit="STUDY_SECONDS",
    title=_("long work"),
)
TRAIN = Queue("train", title=_("training"))

FORMER_NAMES = {"ladder": "sweep"}  # a worker that is started as it was before goes on
QUEUES = {queue.name: queue for queue in (INTERACTIVE, SWEEP, STUDY, TRAIN)}


def queue_name(name: str) -> str:
    """A queue by its name, which a worker is started with, and what it is for in the reader's language."""
    queue = QUEUES.get(name)
    return beside(name, gettext(queue.title)) if queue else name
