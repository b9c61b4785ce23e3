"""Datasets, trainings with their epochs, and checks of what they made: what an owner starts and a train worker does."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inference.catalog.datasets import DATASETS
from inference.catalog.errors import Diverged
from webapp.core.shown import shown
from webapp.core.words import beside
from webapp.jobs.models import IN_VAIN, Outcome, Status
from webapp.registry.models import ModelVersion


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def ready(self) -> "DatasetQuerySet":
        """Those that a training can use."""
        return self.filter(facts__isnull=False)


class Dataset(models.Model):
    """Pictures to learn from: one that Gibbon declares, or an owner's own, prepared from a ZIP."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    file = models.CharField(_("file"), max_length=200, blank=True, help_text=_("Own pictures only: as prepared."))
    facts = models.JSONField(_("facts"), null=True, help_text=_("Counts, statistics and report; null until prepared."))
    pictures = models.JSONField(_("picture files"), default=dict, help_text=_("What its page shows."))
    created = models.DateTimeField(_("created"), default=timezone.now)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("dataset"), _("datasets")
        ordering = ("created", "slug")

    def __str__(self) -> str:
        return shown(self.name)

    def get_absolute_url(self) -> str:
        return reverse("dataset", args=[self.slug])

    @property
    def own(self) -> bool:
        """Whether somebody brought it."""
        return self.slug not in DATASETS


class Preparation(Outcome):
    """A dataset looked at for its page; an own one is made from its ZIP first."""

    FILES = ("archive",)

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="preparations", verbose_name=_("dataset"))
    archive = models.CharField(_("ZIP"), max_length=200, blank=True)
    encoding = models.CharField(_("encoding of names"), max_length=20, blank=True, help_text=_("Empty: found out."))
    report = models.JSONField(_("report"), null=True, help_text=_("What was found in a ZIP that was refused."))

    class Meta:
        verbose_name, verbose_name_plural = _("preparation"), _("preparations")

    def about(self) -> dict[str, Any]:
        return {"dataset": self.dataset.slug}


class TrainingRun(Outcome):
    """One training: its configuration, and what came of it."""

    FILES = ("mistakes_file",)

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="runs", verbose_name=_("dataset"))
    network = models.CharField(_("network"), max_length=40)
    config = models.JSONField(_("configuration"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("started by")
    )
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children", verbose_name=_("repeats"))
    stop_requested = models.BooleanField(_("asked to stop early"), default=False)
    conditions = models.JSONField(
        _("other conditions"), default=list, help_text=_("What was different when it went on: name, now, before.")
    )
    stopped_early = models.BooleanField(_("stopped early"), default=False)
    mistakes = models.JSONField(_("pictures it got wrong"), default=list)
    mistakes_file = models.CharField(_("file of the pictures it got wrong"), max_length=200, blank=True)
    version = models.ForeignKey(
        ModelVersion, models.SET_NULL, null=True, related_name="runs", verbose_name=_("model version")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("training run"), _("training runs")
        ordering = ("-job__created",)
        permissions = (("control_trainingrun", _("Can stop, cancel and resume trainings")),)

    def __str__(self) -> str:
        return beside(str(self.dataset), str(self.pk)[:8])

    @classmethod
    def listed_with(cls) -> tuple[models.Prefetch, ...]:
        return tuple(map(models.Prefetch, ("dataset", "version__classifier", "epochs")))

    def get_absolute_url(self) -> str:
        return reverse("training_run", args=[self.pk])

    def page(self) -> str:
        return self.get_absolute_url()

    def about(self) -> dict[str, Any]:
        return {"dataset": self.dataset.slug, "network": self.network, "config": self.config}

    @property
    def goes_on(self) -> bool:
        """Whether it was ended in vain, its checkpoints are still kept, and going on may end otherwise."""
        kept = not (self.job.finished and self.job.finished < checkpoints_since())
        return self.job.status in IN_VAIN and kept and not self.diverged

    @property
    def diverged(self) -> bool:
        """Whether its loss was no number: what goes on with the same settings blows up again."""
        return self.job.status == Status.FAILED and self.job.error_code == Diverged.code


def checkpoints_since() -> datetime:
    """Of trainings that ended before, no checkpoints are kept."""
    return timezone.now() - timedelta(days=settings.CHECKPOINT_DAYS)


class TrainingEpoch(models.Model):
    """What one epoch came to: inference.training.loop.Epoch, in columns of its own."""

    run = models.ForeignKey(TrainingRun, models.CASCADE, related_name="epochs", verbose_name=_("training run"))
    number = models.PositiveIntegerField(_("epoch"))
    training_loss = models.FloatField(_("training loss"))
    training_error = models.FloatField(_("training error"))
    validation_loss = models.FloatField(_("validation loss"))
    validation_error = models.FloatField(_("validation error"))
    fgsm_accuracy = models.FloatField(_("accuracy under FGSM"), null=True)
    pgd_accuracy = models.FloatField(_("accuracy under PGD-10"), null=True)
    gradient_norm = models.FloatField(_("gradient norm"))
    learning_rate = models.FloatField(_("learning rate"))
    seconds = models.FloatField(_("seconds"))
    pictures_per_second = models.FloatField(_("pictures per second"))
    best = models.BooleanField(_("best so far"))

    class Meta:
        verbose_name, verbose_name_plural = _("epoch"), _("epochs")
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="each_epoch_once"),)

    def __str__(self) -> str:
        return str(self.number)

    def figures(self) -> dict[str, Any]:
        """As the core gives them."""
        return {name: getattr(self, name) for name in FIGURES}


FIGURES = tuple(field.name for field in TrainingEpoch._meta.concrete_fields if field.name not in ("id", "run"))


class Masking(Outcome):
    """A version looked at for masked gradients: signs that its figures under attack flatter it.

    In a row of its own, for the version's card never changes.
    """

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="maskings", verbose_name=_("model version"))
    full = models.BooleanField(_("without a limit of time"), default=False)
    found = models.JSONField(_("what was found"), null=True, help_text=_("As inference.catalog.masking_checks.Found."))

    class Meta:
        verbose_name, verbose_name_plural = _("masking checks"), _("masking checks")

    def about(self) -> dict[str, Any]:
        return {"version": self.version.identity, "full": self.full}
