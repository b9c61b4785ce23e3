"""Classifiers, their immutable versions, and which one is live."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Classifier(models.Model):
    """What a visitor chooses: a name under which one version is live."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    preparation = models.CharField(_("pictures are prepared as"), max_length=10)
    levels = models.PositiveSmallIntegerField(_("largest epsilon"), help_text=_("In levels of 255."))

    class Meta:
        verbose_name, verbose_name_plural = _("classifier"), _("classifiers")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name

    def live(self) -> "ModelVersion":
        """The version that answers; ModelVersion.DoesNotExist when nothing was promoted yet."""
        return self.versions.get(live=True)


class ModelVersion(models.Model):
    """Weights and the card that describes them; immutable, named by the SHA-256 of the weights."""

    classifier = models.ForeignKey(Classifier, models.CASCADE, related_name="versions", verbose_name=_("classifier"))
    sha256 = models.CharField("SHA-256", max_length=64)
    name = models.CharField(_("name"), max_length=100)
    source = models.CharField(
        _("source"), max_length=200, help_text=_("What a worker loads: a shipped classifier's slug or a stored file.")
    )
    card = models.JSONField(_("card"))
    live = models.BooleanField(_("live"), default=False)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    promoted = models.DateTimeField(_("promoted"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("model version"), _("model versions")
        ordering = ("-created",)
        permissions = (("promote_modelversion", _("Can decide which version answers")),)
        constraints = (
            models.UniqueConstraint(fields=("classifier", "sha256"), name="one_version_per_weights"),
            models.UniqueConstraint(
                fields=("classifier",), condition=models.Q(live=True), name="one_live_version_per_classifier"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.sha256[:8]})"

    @property
    def labels(self) -> list[str]:
        return self.card["labels"]

    def brief(self) -> dict[str, Any]:
        """What an answer says of the version that made it."""
        return {"classifier": self.classifier.slug, "sha256": self.sha256, "name": self.name}
