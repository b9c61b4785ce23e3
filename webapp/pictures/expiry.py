"""What leaves by itself: expired pictures, files that no row names, and visitors who own nothing."""

import logging
import time
from collections.abc import Container, Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from webapp.jobs.models import Job, outcome_models
from webapp.pictures.deleting import delete_picture, forget_jobs
from webapp.pictures.models import Picture
from webapp.visitors.models import Visitor

logger = logging.getLogger("gibbon.expiry")
ORPHAN_SECONDS = 3600  # a younger file may belong to a job that is just ending
EMPTY_DAYS = 1  # a younger visitor may be about to send the first picture


def delete_expired() -> int:
    """Remove the pictures whose time is over, with everything computed from them."""
    expired = list(Picture.objects.expired()[:100])
    for picture in expired:
        delete_picture(picture)
    return len(expired)


def delete_old_jobs() -> int:
    """Remove what visitors had computed of samples as long ago as pictures are kept: samples themselves stay."""
    limit = timezone.now() - timedelta(days=settings.PICTURE_DAYS)
    old = Job.objects.filter(visitor__isnull=False, created__lt=limit).values_list("pk", flat=True)[:100]
    forget_jobs(Job.objects.filter(pk__in=list(old)))
    return len(old)


def delete_empty_visitors() -> int:
    """Forget browsers of earlier days that own nothing; one that comes back is given a new cookie."""
    limit = timezone.now() - timedelta(days=EMPTY_DAYS)
    owned = [
        relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
        for relation in Visitor._meta.related_objects
    ]
    empty = Visitor.objects.filter(*(~Exists(rows) for rows in owned), user=None, created__lt=limit)
    # one statement: Django's own delete() would look first and then take along a picture that came in between
    return empty._raw_delete(empty.db)


def delete_orphans() -> int:
    """Remove files older than an hour that no row names: left by processes that were killed."""
    return delete_unnamed(("pictures", "results"), default_storage, named_files())


def delete_unnamed(folders: Iterable[str], storage: Any, named: Container[str]) -> int:
    """Remove what has lain for an hour in folders of a storage and is not named; how many."""
    limit = time.time() - ORPHAN_SECONDS
    left = [name for folder in folders for name in storage.older(folder, limit) if name not in named]
    for name in left:
        storage.delete(name)
    return len(left)


def named_files() -> set[str]:
    """Every file that a row names: the pictures, and what jobs of each kind have written."""
    lists: list[QuerySet] = []
    columns: list[QuerySet] = [Picture.objects.values_list("file", flat=True)]
    for outcomes in outcome_models():
        columns += [outcomes._default_manager.values_list(name, flat=True) for name in outcomes.FILES]
        lists += [outcomes._default_manager.values_list(name, flat=True) for name in outcomes.FILE_LISTS]
    listed = {one["file"] for column in lists for objects in column.iterator() for one in objects}
    return listed | {name for column in columns for name in column.iterator()}
