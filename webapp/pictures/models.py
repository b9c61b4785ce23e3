"""Pictures that visitors bring, and the samples."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webapp.core.shown import shown
from webapp.visitors.models import Visitor


def default_expiry() -> datetime:
    return timezone.now() + timedelta(days=settings.PICTURE_DAYS)


class PictureQuerySet(models.QuerySet["Picture"]):
    def visible_to(self, visitor: Visitor | None) -> "PictureQuerySet":
        return self.filter(Q(visitor=None) | Q(visitor=visitor)) if visitor else self.filter(visitor=None)

    def owned_by(self, visitor: Visitor | None) -> "PictureQuerySet":
        return self.filter(visitor=visitor) if visitor else self.none()

    def samples(self) -> "PictureQuerySet":
        return self.filter(visitor=None).order_by("created")

    def expired(self) -> "PictureQuerySet":
        return self.filter(expires__lt=timezone.now())


class Picture(models.Model):
    """A canonical picture: this PNG is what is predicted, attacked and shown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visitor = models.ForeignKey(Visitor, models.CASCADE, null=True, related_name="pictures", verbose_name=_("visitor"))
    sample = models.SlugField(_("sample"), max_length=64, null=True, unique=True)  # noqa: DJ001 - NULLs may repeat, "" may not
    facts = models.JSONField(_("facts of a sample"), null=True, editable=False)
    preparation = models.CharField(_("prepared as"), max_length=10)
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))
    sha256 = models.CharField("SHA-256", max_length=64)
    file = models.CharField(_("file"), max_length=200)
    bytes = models.PositiveIntegerField(_("bytes"))
    created = models.DateTimeField(_("created"), default=timezone.now)
    expires = models.DateTimeField(_("expires"), null=True, default=default_expiry)

    objects = PictureQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("picture"), _("pictures")
        ordering = ("-created",)
        indexes = (models.Index(fields=("visitor", "-created"), name="picture_of_visitor"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(visitor=None, expires=None) | Q(visitor__isnull=False), name="samples_do_not_expire"
            ),
        )

    def __str__(self) -> str:
        return shown((self.facts or {}).get("title") or self.sample) if self.sample else str(self.id)[:8]

    def url(self) -> str:
        return reverse("picture", args=[self.id])

    def thumbnail_url(self) -> str:
        """Names the content too, so that it may be kept for good."""
        return reverse("thumbnail", args=[self.id, self.sha256[:12]])
