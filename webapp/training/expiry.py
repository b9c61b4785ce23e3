"""What leaves by itself: checkpoints nobody can resume any more, and datasets that were refused."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from inference.catalog.datasets import DATASETS
from webapp.core import files
from webapp.jobs.models import ENDED, Status
from webapp.pictures.expiry import delete_unnamed
from webapp.training.datasets import remove
from webapp.training.models import Dataset, Preparation, TrainingRun, checkpoints_since


def delete_old_checkpoints() -> int:
    """Remove the folders of trainings that are done, gone, or ended longer ago than CHECKPOINT_DAYS; how many."""
    over = Q(job__status=Status.DONE) | Q(job__status__in=ENDED, job__finished__lt=checkpoints_since())
    removed = 0
    for folder in (Path(settings.MEDIA_DIR) / "trainings").glob("*"):
        if not _is_needed(folder.name, over):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def delete_refused_datasets() -> int:
    """Remove what is left of ZIPs that were no use, a day after their owner was told why; how many."""
    limit = timezone.now() - timedelta(days=1)
    refused = Dataset.objects.filter(facts__isnull=True, preparations__job__status__in=ENDED, created__lt=limit)
    own = list(refused.exclude(slug__in=DATASETS).distinct())
    for dataset in own:
        remove(dataset)
    return len(own)


def delete_orphans() -> int:
    """Remove ZIPs, prepared datasets and their pages' pictures that processes which were killed have left; how many."""
    named = set(Preparation.objects.values_list("archive", flat=True))
    for file, pictures in Dataset.objects.values_list("file", "pictures"):
        named |= {file, *pictures.values()}
    storages = (default_storage, files.shelf())
    return sum(delete_unnamed(("archives", "datasets"), storage, named) for storage in storages)


def _is_needed(name: Any, over: Q) -> bool:
    """Whether the training of that folder may still go on."""
    try:
        return TrainingRun.objects.filter(pk=name).exclude(over).exists()
    except ValidationError:
        return False
