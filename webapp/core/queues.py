"""The lines that work waits in; a worker serves the ones it is given, most urgent first."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Queue:
    """One line. Where several are served by one worker, it asks at each step whether a more urgent one has work."""

    name: str
    after: tuple[str, ...] = ()  # the queues whose jobs the same worker serves first
    begun_first: bool = False  # what has begun goes on before what has not: its jobs are done in slices
    most_waiting: str = ""  # name of the setting: beyond so many waiting jobs nobody may add one
    warm: bool = False  # its workers load the live classifiers when they start


INTERACTIVE = Queue("interactive", most_waiting="QUEUE_LIMIT", warm=True)
SWEEP = Queue("sweep", after=("interactive",), begun_first=True)
TRAIN = Queue("train")

FORMER_NAMES = {"ladder": "sweep"}  # a worker that is started as it was before goes on
QUEUES = {queue.name: queue for queue in (INTERACTIVE, SWEEP, TRAIN)}
