"""Deleting pictures and jobs with everything that was made of them, whatever is going on at the moment."""

from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from webapp.core import files
from webapp.core.errors import Refusal
from webapp.jobs.models import Job, JobQuerySet, ways_to_pictures
from webapp.jobs.services import cancel, leave
from webapp.pictures.models import Picture
from webapp.visitors.models import Visitor


def delete_picture(picture: Picture) -> None:
    """Cancel its jobs, remove rows and files; nothing of it comes back."""
    if picture.visitor_id is None:
        raise Refusal(403, "sample", gettext("The samples belong to everybody and stay."))
    _delete(picture)


def delete_samples_of(dataset: str) -> None:
    """The samples that were taken from a dataset, with everything visitors had computed of them."""
    for picture in Picture.objects.samples().filter(facts__dataset=dataset):
        _delete(picture)


@transaction.atomic
def _delete(picture: Picture) -> None:
    Picture.objects.select_for_update().filter(pk=picture.pk).first()  # nothing is begun on it from here on
    forget_jobs(jobs_of(picture))
    picture.delete()
    transaction.on_commit(lambda: files.delete([picture.file]))


def delete_all(visitor: Visitor) -> int:
    """Everything a visitor has brought, and what was made for him of the samples; how many pictures it was."""
    pictures = list(visitor.pictures.all())
    for picture in pictures:
        delete_picture(picture)
    forget_jobs(Job.objects.filter(visitor=visitor))
    for job in visitor.asked.all():
        leave(job, visitor)
    return len(pictures)


@transaction.atomic
def forget_jobs(jobs: JobQuerySet) -> None:
    """Cancel and remove jobs with their results and files."""
    rows = _held(jobs)
    names = [name for job in rows for name in job_files(job)]
    for job in rows:
        cancel(job)
    Job.objects.filter(pk__in=[job.pk for job in rows]).delete()
    transaction.on_commit(lambda: files.delete(names))


def _held(jobs: JobQuerySet) -> list[Job]:
    """The jobs, locked: one that ends just now has either written its files' names or will find no row.

    Looked for again after each lock, because an attack that ended while we waited has begun its sweep.
    """
    held: list[Job] = []
    while len(found := list(jobs)) > len(held):
        held = list(Job.objects.select_for_update().filter(pk__in=[job.pk for job in found]).order_by("pk"))
        jobs = jobs.all()  # else the rows already read would be given again
    return held


def job_files(job: Job) -> list[str]:
    """The names of the files a job has written."""
    row = job.result()
    return row.files() if row else []


def jobs_of(picture: Picture) -> JobQuerySet:
    """Every job about a picture, whatever its kind."""
    return Job.objects.filter(reduce(or_, (Q(**{way: picture}) for way in ways_to_pictures())))
