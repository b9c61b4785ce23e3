"""Classifiers, their immutable versions, and which one is live."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import chain, count
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from attacks.options import Limits
from inference.catalog.classifiers import CLASSIFIERS
from inference.catalog.identity import FACTS, identity_of
from inference.catalog.preparations import limits_of
from webapp.core.errors import Refusal
from webapp.core.shown import shown
from webapp.core.words import beside, listed


class ClassifierManager(models.Manager["Classifier"]):
    def of(self, origin: str, *, slug: str, name: str, card: Mapping[str, Any]) -> "Classifier":
        """The classifier of that origin; made if there is none, its slug free of those that others have."""
        defaults = {"slug": self._free(slug, origin), "name": name[:100]}
        defaults |= {"preparation": card["preparation"], "levels": card["levels"]}
        return self.get_or_create(origin=origin, defaults=defaults)[0]

    def _free(self, slug: str, origin: str) -> str:
        """Numbered where the slug belongs to another, or to one that comes with Gibbon."""
        numbered = (f"{slug[:40]}-{number}" for number in count(2))
        for candidate in chain([slug], numbered):
            reserved = candidate in CLASSIFIERS and origin != f"shipped/{candidate}"
            if not reserved and not self.filter(slug=candidate).exclude(origin=origin).exists():
                return candidate
        raise AssertionError("numbers have no end")


class Classifier(models.Model):
    """What a visitor chooses: a name under which one version is live."""

    origin = models.CharField(
        _("origin"),
        max_length=100,
        unique=True,
        editable=False,
        help_text=_("The shipped classifier it is, or the dataset its versions were taught."),
    )
    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    preparation = models.CharField(_("pictures are prepared as"), max_length=10)
    levels = models.PositiveSmallIntegerField(_("largest epsilon"), help_text=_("In levels of 255."))

    objects = ClassifierManager()

    class Meta:
        verbose_name, verbose_name_plural = _("classifier"), _("classifiers")
        ordering = ("id",)

    def __str__(self) -> str:
        return shown(self.name)

    def live(self) -> "ModelVersion":
        """The version that answers; ModelVersion.DoesNotExist when nothing was promoted yet."""
        return self.versions.get(live=True)


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def briefly(self) -> "ModelVersionQuerySet":
        """With their classifiers, without the cards, each of which may hold a thousand labels."""
        return self.select_related("classifier").defer("card")

    def called(self, reference: str) -> "ModelVersion":
        """The version of that identity or, as addresses were before there was one, of those weights.

        A Refusal if there is none (404), or if the weights are those of several versions (409), which it names.
        """
        known = self.filter(identity=reference)[:1] or self.filter(sha256=reference)[:5]
        if not known:
            raise Refusal(404, "unknown_version", gettext("There is no such version."), field="version")
        if len(known) > 1:
            message = gettext("Several versions have these weights, with other classes. Name one of them: %(known)s.")
            words = listed(beside(version.identity, version) for version in known)
            raise Refusal(409, "ambiguous", message % {"known": words}, field="version")
        return known[0]


class ModelVersion(models.Model):
    """Weights and the card that describes them; immutable, named by the hash over both (inference.catalog.identity)."""

    classifier = models.ForeignKey(Classifier, models.CASCADE, related_name="versions", verbose_name=_("classifier"))
    identity = models.CharField(
        _("identity"),
        max_length=64,
        editable=False,
        help_text=_("SHA-256 over the weights and what the card says of their use."),
    )
    sha256 = models.CharField(_("SHA-256 of the weights"), max_length=64)
    name = models.CharField(_("name"), max_length=100)
    source = models.CharField(
        _("source"), max_length=200, help_text=_("What a worker loads: a shipped classifier's slug or a stored file.")
    )
    card = models.JSONField(_("card"))
    forward_seconds = models.FloatField(
        _("seconds a pass"),
        null=True,
        editable=False,
        help_text=_("Of one picture, as measured by the worker that loaded it last."),
    )
    gradient_seconds = models.FloatField(
        _("seconds a gradient"), null=True, editable=False, help_text=_("The same, forward and backward.")
    )
    live = models.BooleanField(_("live"), default=False)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    promoted = models.DateTimeField(_("promoted"), null=True, blank=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("model version"), _("model versions")
        ordering = ("-created",)
        permissions = (("promote_modelversion", _("Can decide which version answers")),)
        constraints = (
            models.UniqueConstraint(fields=("classifier", "identity"), name="one_version_per_identity"),
            models.UniqueConstraint(
                fields=("classifier",), condition=models.Q(live=True), name="one_live_version_per_classifier"
            ),
        )

    def __str__(self) -> str:
        return beside(shown(self.name), self.identity[:8])

    def save(self, *args: Any, **options: Any) -> None:
        """The identity follows from the card."""
        self.identity = self.identity or identity_of(self.sha256, self.card)
        super().save(*args, **options)

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the card says of how it is used; without reading the card again where another job has."""
        return self.card if "card" in vars(self) else facts_of(self.identity)

    @property
    def labels(self) -> list[str]:
        return self.facts["labels"]

    @property
    def limits(self) -> Limits:
        """What bounds the options of an attack on it."""
        return limits_of(self.facts, self.classifier.levels)

    def brief(self) -> dict[str, Any]:
        """What an answer says of the version that made it."""
        return {
            "classifier": self.classifier.slug,
            "identity": self.identity,
            "sha256": self.sha256,
            "name": self.name,
        }


@lru_cache(maxsize=64)  # an identity always has the same
def facts_of(identity: str) -> Mapping[str, Any]:
    """What the card of a version says of how it is used, and of the dataset that it learnt from."""
    card = ModelVersion.objects.filter(identity=identity).values_list("card", flat=True)[:1].get()
    return {name: card[name] for name in (*FACTS, "dataset") if name in card}
