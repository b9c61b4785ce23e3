"""What was computed of pictures: one row per job, with the columns of its kind."""

from typing import Any

from django.db import models
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from attacks.catalog import find
from attacks.record import AttackRecord
from webapp.core.prepared import prepared
from webapp.jobs.models import Outcome
from webapp.lab.address import page_of
from webapp.lab.class_words import with_names
from webapp.pictures.models import Picture


class Prediction(Outcome):
    """The network's answer on a picture."""

    PICTURE = "picture"

    picture = models.ForeignKey(Picture, models.CASCADE, related_name="predictions", verbose_name=_("picture"))
    result: Any = models.JSONField(_("result"), null=True, help_text=_("inference.catalog.results.PredictResult"))

    class Meta:
        verbose_name, verbose_name_plural = _("prediction"), _("predictions")

    def about(self) -> dict[str, Any]:
        return {"image": str(self.picture_id)}


class Attack(Outcome):
    """An attack on a picture, judged on the bytes that were saved."""

    FILES = ("adversarial_file", "sign_file", "change_file", "trace_file")
    PICTURE = "picture"
    ALONG = ("picture",)

    picture = models.ForeignKey(Picture, models.CASCADE, related_name="attacks", verbose_name=_("picture"))
    attack = models.CharField(_("attack"), max_length=40)
    params = models.JSONField(_("parameters"))
    result: Any = models.JSONField(_("result"), null=True, help_text=_("inference.catalog.results.AttackResult"))
    adversarial_file = models.CharField(_("file of the attacked picture"), max_length=200, blank=True)
    sign_file = models.CharField(_("file of the signs"), max_length=200, blank=True)
    change_file = models.CharField(_("file of the change, where there are no signs"), max_length=200, blank=True)
    trace_file = models.CharField(_("file of the previews of its steps"), max_length=200, blank=True)
    bytes = models.PositiveIntegerField(_("bytes"), default=0)
    live: Any = models.JSONField(
        _("trace so far"), null=True, help_text=_("inference.catalog.results.Trace, while it runs.")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("attack"), _("attacks")

    def about(self) -> dict[str, Any]:
        return {"image": str(self.picture_id), "attack": self.attack, "params": self.params}

    def page(self) -> str:
        return page_of(self.picture, self.job.answered_by, self.attack, self.params)

    def so_far(self) -> dict[str, Any] | None:
        trace: dict[str, Any] | None = with_names(self.live, self.job.answered_by)
        return trace

    @classmethod
    def listed_with(cls) -> tuple[Prefetch, ...]:
        newest = Prefetch("sweeps", Sweep.objects.newest_first().only("attack"), to_attr="newest_sweeps")
        return (newest, Prefetch("picture"))

    @property
    def record(self) -> AttackRecord:
        """What is declared of the attack."""
        return find(self.attack)

    @property
    def budget(self) -> Any:
        """The budget it was given; None for an attack without one."""
        return self.record.budget_of(self.params)

    def current_sweep(self) -> "Sweep | None":
        """The newest sweep of this attack, read once; who shows many attacks reads `newest_sweeps` of all at once."""
        known = vars(self)
        if "newest_sweeps" not in known:
            known["newest_sweeps"] = _newest_sweep(self.pk)
            for sweep in known["newest_sweeps"]:
                sweep.attack, sweep.job.version = self, self.job.version  # the same, read already
        return next(iter(known["newest_sweeps"]), None)

    def forget_sweeps(self) -> None:
        """There may be a newer one than was read."""
        vars(self).pop("newest_sweeps", None)


class SweepQuerySet(models.QuerySet["Sweep"]):
    def newest_first(self) -> "SweepQuerySet":
        return self.order_by("-job__created")


class OfAttack(Outcome):
    """What is about an attack, which its model names."""

    PICTURE = "attack__picture"

    attack: Any
    attack_id: Any

    class Meta:
        abstract = True

    @classmethod
    def listed_with(cls) -> tuple[Prefetch, ...]:
        return (Prefetch("attack"),)


class Sweep(OfAttack):
    """A picture judged at many budgets: at each along one direction, or where an attack that runs again was tried."""

    UNLISTED = ("partial",)
    FILE_LISTS = ("tried",)

    attack = models.ForeignKey(Attack, models.CASCADE, related_name="sweeps", verbose_name=_("attack"))
    partial = models.BinaryField(
        _("judged so far"), null=True, help_text=_("Probabilities judged so far, float32, until all are there.")
    )
    tried = models.JSONField(
        _("budgets tried"), default=list, help_text=_("Of an attack that runs again: value, outcome and file of each.")
    )
    bytes = models.PositiveIntegerField(_("bytes"), default=0)
    result: Any = models.JSONField(_("result"), null=True, help_text=_("inference.catalog.results.SweepResult"))

    objects = SweepQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("sweep"), _("sweeps")

    def about(self) -> dict[str, Any]:
        return {"of": str(self.attack_id)}


@prepared
def _newest_sweep(attack: Any) -> SweepQuerySet:
    """The newest of an attack, if there is one."""
    return Sweep.objects.filter(attack=attack).newest_first().select_related("job").defer("partial")[:1]


class AtValue(OfAttack):
    """What is about one value of an attack's sweep, and done once for each."""

    value = models.FloatField(_("value"), help_text=_("Of the option that is swept."))

    class Meta:
        abstract = True

    def about(self) -> dict[str, Any]:
        return {"of": str(self.attack_id), "value": self.plain_value}

    @property
    def plain_value(self) -> float:
        """The value as it was asked for: 2, not 2.0."""
        return int(self.value) if self.value == int(self.value) else self.value


class Point(AtValue):
    """The picture at one point of the sweep, saved, reread and judged."""

    FILES = ("image_file",)

    attack = models.ForeignKey(Attack, models.CASCADE, related_name="points", verbose_name=_("attack"))
    image_file = models.CharField(_("file"), max_length=200, blank=True)
    bytes = models.PositiveIntegerField(_("bytes"), default=0)
    result: Any = models.JSONField(_("result"), null=True, help_text=_("inference.catalog.results.PointResult"))

    class Meta:
        verbose_name, verbose_name_plural = _("point of a sweep"), _("points of sweeps")
        constraints = (models.UniqueConstraint(fields=("attack", "value"), name="one_point_once"),)


class Draws(AtValue):
    """How often random noise alone changes the answer: many draws of one attack's control at one value."""

    attack = models.ForeignKey(Attack, models.CASCADE, related_name="draws", verbose_name=_("attack"))
    named = models.JSONField(_("class named under each draw"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("draws of noise"), _("draws of noise")
        constraints = (models.UniqueConstraint(fields=("attack", "value"), name="drawn_once_at_each_value"),)
