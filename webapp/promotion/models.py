"""Promotions: versions on their way to answering visitors."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from webapp.jobs.models import Outcome
from webapp.registry.models import ModelVersion


class Promotion(Outcome):
    """A version that is to go live: loaded and tried by a worker first, so that a bad one never answers anybody."""

    version = models.ForeignKey(
        ModelVersion, models.CASCADE, related_name="promotions", verbose_name=_("model version")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("promotion"), _("promotions")

    def about(self) -> dict[str, Any]:
        return {"version": self.version.identity}
