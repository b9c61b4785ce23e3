"""Checkpoints leave when nobody can resume them any more."""

import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from webapp.jobs.models import ENDED, Status
from webapp.training.models import TrainingRun


def delete_old_checkpoints() -> int:
    """Remove the folders of trainings that are done, gone, or ended longer ago than CHECKPOINT_DAYS; how many."""
    limit = timezone.now() - timedelta(days=settings.CHECKPOINT_DAYS)
    over = Q(job__status=Status.DONE) | Q(job__status__in=ENDED, job__finished__lt=limit)
    removed = 0
    for folder in (Path(settings.MEDIA_DIR) / "trainings").glob("*"):
        if not _is_needed(folder.name, over):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _is_needed(name: str, over: Q) -> bool:
    """Whether the training of that folder may still go on."""
    try:
        return TrainingRun.objects.filter(pk=name).exclude(over).exists()
    except ValidationError:
        return False
