"""What was computed of pictures: one row per job, with the columns of its kind."""

from typing import Any

from django.db import models
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from webapp.jobs.models import Outcome
from webapp.pictures.models import Picture


class Prediction(Outcome):
    """The network's answer on a picture."""

    PICTURE = "picture"

    picture = models.ForeignKey(Picture, models.CASCADE, related_name="predictions", verbose_name=_("picture"))
    top = models.JSONField(_("top classes"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("prediction"), _("predictions")

    def about(self) -> dict[str, Any]:
        return {"image": str(self.picture_id)}


class Attack(Outcome):
    """An attack on a picture at one level, judged on the bytes that were saved."""

    FILES = ("adversarial_file", "sign_file")
    PICTURE = "picture"

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

    @classmethod
    def listed_with(cls) -> tuple[Prefetch, ...]:
        return (Prefetch("ladders", Ladder.objects.newest_first().only("attack"), to_attr="newest_ladders"),)

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

    PICTURE = "attack__picture"
    UNLISTED = ("partial",)

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
    PICTURE = "attack__picture"

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

    PICTURE = "attack__picture"

    attack = models.ForeignKey(Attack, models.CASCADE, related_name="draws", verbose_name=_("attack"))
    k = models.PositiveSmallIntegerField(_("level"))
    said = models.JSONField(_("class named under each draw"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("draws of noise"), _("draws of noise")
        constraints = (models.UniqueConstraint(fields=("attack", "k"), name="drawn_once_at_each_level"),)

    def about(self) -> dict[str, Any]:
        return {"of": str(self.attack_id), "k": self.k}
