"""Jobs in company: a worker takes along some that wait and can be done beside the one that it does.

Nobody waits for company: who finds none is done alone. Each keeps a claim, a lease, progress, cancelling, failure and
end of its own; computed is each in a thread of its own, which must not use the database. Messages about the others
find their rows claimed, or done, and do nothing.

Whoever was tried before is done alone: should one of them end its process again, it takes no others with it, and who
was beside it the first time has lost one attempt, not three.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.module_loading import import_string

from webapp.core.prepared import prepared
from webapp.jobs import attempts, run
from webapp.jobs.models import Job, JobQuerySet, Status


@dataclass(frozen=True)
class Work:
    """One job's, in two halves."""

    compute: Callable[..., Any]  # (on_step=(done, total, text) -> None) -> what it came to; in a thread, beside others
    save: Callable[[Callable[[], Any]], None]  # calls what it is given for that, which raises what computing raised
    asked: Any = None  # what `Company.batch` must know of it


@dataclass(frozen=True)
class Company:
    """How jobs of a kind are done beside each other. Only workers import one."""

    most: Callable[[Job], int]  # how many at once, this one among them; 1 where nothing is gained
    beside: Callable[[Job, JobQuerySet], JobQuerySet]  # those of the waiting jobs of its kind and version that can be
    begin: Callable[[run.Run], Work]  # loads what it needs from rows and files
    threads: Callable[[], Executor]
    batch: Callable[[Sequence[Work]], Sequence[Work]] = lambda works: works  # computes before what all need: the rest


def do(job: Job) -> None:
    """The whole work of a claimed job, with that of others that wait and can be done beside it."""
    company = _company_of(job)
    jobs = [job, *_taken_along(job, company)] if company else [job]
    if company and len(jobs) > 1:
        _do_all(jobs, company)
    else:
        run.do(job)


def _company_of(job: Job) -> Company | None:
    name = job.described.company
    company: Company | None = import_string(name) if name and job.attempts == 1 else None
    return company if company and company.most(job) > 1 else None


def _taken_along(job: Job, company: Company) -> list[Job]:
    """Claimed, the oldest first; beside what somebody asked for, nothing that nobody did."""
    same = (job.kind, job.queue, job.version_id)
    if not _any_like(*same):
        return []
    waiting = _like(*same).order_by("unasked", "created")
    if not job.unasked:
        waiting = waiting.filter(unasked=False)
    chosen = list(company.beside(job, waiting).values_list("pk", flat=True)[: company.most(job) - 1])
    return [claimed for job_id in chosen if (claimed := attempts.claim(job_id))]


def _like(kind: Any, queue: Any, version: Any) -> JobQuerySet:
    return Job.objects.filter(status=Status.QUEUED, attempts=0, kind=kind, queue=queue, version=version)


@prepared
def _any_like(kind: Any, queue: Any, version: Any) -> QuerySet[Job, Any]:
    return _like(kind, queue, version).order_by().values_list("pk")[:1]


class _Going:
    """One of them, from its beginning to its end."""

    def __init__(self, job: Job, company: Company) -> None:
        self.run, self.told, self.stopped = run.Run(job), (), False
        self.work = company.begin(self.run)

    def submit(self, threads: Executor, work: Work) -> None:
        self.future = threads.submit(work.compute, on_step=self._on_step)

    def _on_step(self, *told: Any) -> None:
        """In its thread."""
        if self.stopped:
            raise run.Stopped
        self.told = told

    def save(self) -> None:
        """What it came to, to whatever end that is."""
        with run.attempted(self.run.job):
            self.work.save(self.future.result)

    def goes_on(self) -> bool:
        """Tells how far it is; False if it ends here, because it was asked to."""
        with run.attempted(self.run.job):
            if self.told:
                done, total, text = self.told
                self.run.step(done, text, total=total)
            return True
        return False

    def stop(self) -> None:
        self.stopped = True
        self.future.cancel()


def _do_all(jobs: Sequence[Job], company: Company) -> None:
    with ExitStack() as held:
        for job in jobs:
            held.enter_context(run.holding(job))
        going = []
        for job in jobs:
            with run.attempted(job):
                going.append(_Going(job, company))
        works = company.batch([one.work for one in going]) if going else []
        try:
            for one, work in zip(going, works, strict=True):
                one.submit(company.threads(), work)
            while going:
                going = _still_going(going)
        finally:  # however this ends, nothing is computed for nobody
            for one in going:
                one.stop()


def _still_going(going: Sequence[_Going]) -> list[_Going]:
    """Those that are not done after a moment; who is done is saved, who was asked to stop has ended."""
    wait([one.future for one in going], timeout=run.PACE, return_when=FIRST_COMPLETED)
    left = []
    for one in going:
        if one.future.done():
            one.save()
        elif one.goes_on():
            left.append(one)
        else:
            one.stop()
    return left
