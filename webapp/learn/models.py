"""What was computed for lessons: a row for each result, everybody's where it holds no visitor's picture."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webapp.jobs.models import Outcome
from webapp.learn.computations import COMPUTATIONS
from webapp.learn.computations import Computation as Record
from webapp.pictures.models import Picture


class Computation(Outcome):
    """What was asked, and what came of it; found again by its key."""

    PICTURE = "picture"

    computation = models.CharField(_("computation"), max_length=40)
    options = models.JSONField(_("options"))
    key = models.CharField(max_length=64, blank=True, help_text=_("Empty for what holds a visitor's picture."))
    picture = models.ForeignKey(
        Picture, models.CASCADE, null=True, related_name="computations", verbose_name=_("picture")
    )
    drawing = models.BinaryField(
        _("drawing"), null=True, help_text=_("28 rows of 28 grey bytes, never stored as a file.")
    )
    prepared = models.BooleanField(_("prepared"), default=False, help_text=_("Stays, asked for or not."))
    asked = models.DateTimeField(_("last asked for"), default=timezone.now)
    live: Any = models.JSONField(_("result so far"), null=True)
    result: Any = models.JSONField(_("result"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("computation"), _("computations")
        constraints = (models.UniqueConstraint(fields=("key",), condition=~Q(key=""), name="computed_once"),)

    def about(self) -> dict[str, Any]:
        return {"computation": self.computation, "options": self.options}

    def so_far(self) -> Any:
        return self.live

    @property
    def record(self) -> Record:
        """What is declared of it."""
        return COMPUTATIONS[self.computation]
