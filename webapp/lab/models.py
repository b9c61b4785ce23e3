"""Pictures and what was computed of them: one row per job, with the columns of its kind."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webapp.jobs.models import Job, Outcome
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
        return self.sample or str(self.id)[:8]

    def url(self) -> str:
        return reverse("picture", args=[self.id])

    def thumbnail_url(self) -> str:
        """Names the content too, so that it may be kept for good."""
        return reverse("thumbnail", args=[self.id, self.sha256[:12]])


class Prediction(Outcome):
    """The network's answer on a picture."""

    picture = models.ForeignKey(Picture, models.CASCADE, related_name="predictions", verbose_name=_("picture"))
    top = models.JSONField(_("top classes"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("prediction"), _("predictions")

    def about(self) -> dict[str, Any]:
        return {"image": str(self.picture_id)}


class Attack(Outcome):
    """An attack on a picture at one level, judged on the bytes that were saved."""

    FILES = ("adversarial_file", "sign_file")

    picture = models.ForeignKey(Picture, models.CASCADE, related_name="attacks", verbose_name=_("picture"))
    attack = models.CharField(_("attack"), max_length=40)
    params = models.JSONField(_("parameters"))
    original_top = models.JSONField(_("top classes before"), null=True)
    adversarial_top = models.JSONField(_("top classes after"), null=True)
    control_top = models.JSONField(_("top classes under noise"), null=True)
    label_from = models.JSONField(_("class to leave"), null=True)
    target = models.JSONField(_("class to reach"), null=True)
    adversarial_file = models.CharField(_("file of the attacked picture"), max_length=200, blank=True)
    adversarial_sha256 = models.CharField(_("SHA-256 of the attacked picture"), max_length=64, blank=True)
    sign_file = models.CharField(_("file of the signs"), max_length=200, blank=True)
    bytes = models.PositiveIntegerField(_("bytes"), default=0)
    fooled = models.BooleanField(_("fooled"), null=True)
    reached = models.BooleanField(_("reached the target"), null=True)
    verified = models.BooleanField(_("verified on the saved bytes"), null=True)
    zero_gradient = models.BooleanField(_("zero gradient"), null=True)
    linf_levels = models.PositiveSmallIntegerField(_("L∞ in levels"), null=True)
    l2 = models.FloatField(_("L2"), null=True)
    ssim = models.FloatField(_("SSIM"), null=True)
    changed_pixels = models.PositiveIntegerField(_("changed pixels"), null=True)
    attacked_pixels = models.PositiveIntegerField(_("attacked pixels"), null=True)
    # Of attacks before these were measured, the following are null.
    attacked_values = models.PositiveIntegerField(_("attacked values"), null=True)
    zero_gradient_pixels = models.PositiveIntegerField(_("pixels with a zero gradient"), null=True)
    flat_from = models.PositiveSmallIntegerField(_("level from which plain grey is in reach"), null=True)
    control_l2 = models.FloatField(_("L2 of the noise"), null=True)
    control_reach = models.FloatField(_("noise at the network’s input, of the attack’s"), null=True)
    seconds = models.FloatField(_("seconds"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("attack"), _("attacks")

    def about(self) -> dict[str, Any]:
        return {"image": str(self.picture_id), "attack": self.attack, "params": self.params}

    @property
    def epsilon(self) -> int:
        return self.params["epsilon"]

    def current_ladder(self) -> "Ladder | None":
        """The newest ladder of this attack; who shows many attacks reads `newest_ladders` of all at once."""
        if (ladders := getattr(self, "newest_ladders", None)) is None:
            ladders = self.ladders.newest_first().select_related("job")[:1]
        return next(iter(ladders), None)


class LadderQuerySet(models.QuerySet["Ladder"]):
    def newest_first(self) -> "LadderQuerySet":
        return self.order_by("-job__created")


class Ladder(Outcome):
    """Every declared level judged along one gradient."""

    attack = models.ForeignKey(Attack, models.CASCADE, related_name="ladders", verbose_name=_("attack"))
    partial = models.BinaryField(
        _("judged so far"), null=True, help_text=_("Probabilities judged so far, float32, until all are there.")
    )
    result = models.JSONField(_("result"), null=True)

    objects = LadderQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("ladder"), _("ladders")

    def about(self) -> dict[str, Any]:
        return {"of": str(self.attack_id)}


class Level(Outcome):
    """The picture of one attack at one level, saved, reread and judged."""

    FILES = ("image_file",)

    attack = models.ForeignKey(Attack, models.CASCADE, related_name="levels", verbose_name=_("attack"))
    k = models.PositiveSmallIntegerField(_("level"))
    image_file = models.CharField(_("file"), max_length=200, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    bytes = models.PositiveIntegerField(_("bytes"), default=0)
    top = models.JSONField(_("top classes"), null=True)
    verified = models.BooleanField(_("verified on the saved bytes"), null=True)
    linf_levels = models.PositiveSmallIntegerField(_("L∞ in levels"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("level"), _("levels")
        constraints = (models.UniqueConstraint(fields=("attack", "k"), name="one_level_once"),)

    def about(self) -> dict[str, Any]:
        return {"of": str(self.attack_id), "k": self.k}


class Draws(Outcome):
    """How often random noise alone changes the answer: many draws of one attack's control at one level."""

    attack = models.ForeignKey(Attack, models.CASCADE, related_name="draws", verbose_name=_("attack"))
    k = models.PositiveSmallIntegerField(_("level"))
    said = models.JSONField(_("class named under each draw"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("draws of noise"), _("draws of noise")
        constraints = (models.UniqueConstraint(fields=("attack", "k"), name="drawn_once_at_each_level"),)

    def about(self) -> dict[str, Any]:
        return {"of": str(self.attack_id), "k": self.k}


def picture_of(job: Job) -> Picture | None:
    """The picture a job is about, whatever its kind."""
    match job.result():
        case Prediction() | Attack() as row:
            return row.picture
        case Ladder() | Level() | Draws() as row:
            return row.attack.picture
    return None
