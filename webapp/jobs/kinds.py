"""Every kind of long work: declared in the `kinds` module of the app that does it, found here."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string, module_has_submodule
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from webapp.core.queues import Queue

LOST = _(
    "The worker stopped %(attempts)s times while doing this job, so it was given up. "
    "Try a smaller picture; if it happens again, tell the person who runs this site."
)


@dataclass(frozen=True)
class JobKind:
    """What the site must know of one kind; dotted names, so that the web process imports nothing only workers need."""

    slug: str
    queue: Queue
    work: str  # the function that does it: webapp.jobs.run.Run -> None, or a generator (webapp.jobs.turns)
    model: str  # "app.Model", one-to-one with the job: what was asked, and the result
    serializer: str  # the result as JSON: (row, share token or None) -> dict
    partial: bool = False  # whether there is a result to show before it is done
    long: Queue | None = None  # where one waits that takes longer than its queue tolerates
    limit: str = ""  # name of the setting: a running one is ended after so many seconds of work; else its queue's
    expects: str = ""  # dotted name: (row, perhaps unsaved, version) -> seconds of one worker, None if nobody can tell
    patience: str = ""  # name of the setting: a visitor's is dropped when it has not ended after so many seconds
    lost: str = LOST  # what is said when its workers stopped too often
    hands_over: bool = False  # lets go when its worker is asked to leave, for another one to go on
    joined: bool = False  # what is everybody's is waited for by whoever asks: who leaves it does not stop it for others
    resumable: bool = False  # whether a cancelled one may be queued again, as a failed one may
    company: str = ""  # dotted name: how waiting ones are done beside one that runs (webapp.jobs.company.Company)
    name: str = ""  # as an administrator reads it, marked for translation

    def seconds_in(self, queue: Queue) -> int:
        """After how much work one that waits there is ended."""
        return int(getattr(settings, self.limit or queue.limit))

    def expected_seconds(self, row: Any, version: Any) -> float | None:
        """How long a worker will take for what `row` asks of `version`; None where nobody can tell."""
        found: float | None = import_string(self.expects)(row, version) if self.expects else None
        return found

    def queue_for(self, expected: float | None) -> Queue:
        """Where a job of so many expected seconds waits."""
        if self.long and (expected is None or expected > getattr(settings, self.queue.tolerates)):
            return self.long
        return self.queue

    @property
    def row_name(self) -> str:
        """What a job calls the row of its kind's own model."""
        return self.model.split(".")[1].lower()


def kind_name(slug: str) -> str:
    """What a kind is called in the reader's language; one that is declared no more by its slug."""
    kind = kinds().get(slug)
    return gettext(kind.name) if kind and kind.name else slug


@cache
def kinds() -> Mapping[str, JobKind]:
    """slug -> kind, in the order of the apps."""
    modules = [
        import_module(f"{app.name}.kinds")
        for app in apps.get_app_configs()
        if app.name != __package__ and module_has_submodule(app.module, "kinds")
    ]
    return MappingProxyType({kind.slug: kind for module in modules for kind in getattr(module, "KINDS", ())})
