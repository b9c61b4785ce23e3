"""What is done with classifiers: registering the shipped ones, promoting, and finding the version a caller means."""

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from inference.catalog.classifiers import CLASSIFIERS, card
from inference.catalog.identity import identity_of, origin_of
from webapp.core.errors import Refusal, not_found
from webapp.core.prepared import prepared
from webapp.core.words import listed
from webapp.registry.live_cards import tell_live
from webapp.registry.models import Classifier, ModelVersion


@transaction.atomic
def register_shipped() -> None:
    """One row and one version for every classifier Gibbon ships. Safe to repeat.

    It goes live where nothing was, or another release's was.
    """
    for record in CLASSIFIERS.values():
        facts = dict(card(record.slug))
        origin = origin_of(facts, shipped=record.slug)
        classifier = Classifier.objects.of(origin, slug=record.slug, name=record.name, card=facts)
        columns = {"name": record.name, "preparation": record.preparation, "levels": record.levels}
        Classifier.objects.filter(pk=classifier.pk).update(**columns)
        sha256 = facts["weights"]["sha256"]
        version, _ = ModelVersion.objects.update_or_create(
            classifier=classifier,
            identity=identity_of(sha256, facts),
            defaults={
                "name": facts["name"],
                "source": record.slug,
                "card": facts,
                "sha256": sha256,
            },
        )
        live = classifier.versions.filter(live=True).first()
        if live is None or (live.source == record.slug and live != version):
            make_live(version)


@transaction.atomic
def make_live(version: ModelVersion, *, by: AbstractBaseUser | None = None) -> None:
    """Make `version` the one that answers from every worker's next job on; whoever asked for it is noted."""
    version.classifier.versions.select_for_update().filter(live=True).update(live=False)
    version.live, version.promoted = True, timezone.now()
    version.save(update_fields=["live", "promoted"])
    transaction.on_commit(lambda: tell_live(version.classifier), robust=True)  # it answers, told or not
    if by:
        LogEntry.objects.log_actions(by.pk, [version], CHANGE, "Promoted.", single_object=True)


def find_version(*, classifier: str | None, version: str | None) -> ModelVersion:
    """The live version of a classifier (by slug), or the version of this identity; exactly one must be named."""
    if bool(classifier) == bool(version):
        raise Refusal(422, "invalid", gettext("Name either a classifier or a version."), field="classifier")
    if version:
        return ModelVersion.objects.briefly().called(version)
    found: ModelVersion | None = _live.first(classifier)
    if found is None:
        known = listed(Classifier.objects.filter(versions__live=True).values_list("slug", flat=True))
        message = gettext("There is no such classifier. There are: %(known)s.") % {"known": known}
        raise Refusal(404, "unknown_classifier", message, field="classifier")
    return found


@prepared
def _live(slug: Any) -> QuerySet[ModelVersion]:
    return ModelVersion.objects.briefly().filter(classifier__slug=slug, live=True)


def previous(classifier: Classifier) -> ModelVersion | None:
    """The version that was promoted last among those that are not live."""
    earlier = classifier.versions.briefly().filter(live=False, promoted__isnull=False)
    return earlier.order_by("-promoted").first()


def find_any_version(reference: str) -> ModelVersion:
    """A version by its identity, promoted or not; 404 if there is none."""
    return ModelVersion.objects.select_related("classifier").called(reference)


def find_classifier(slug: str) -> Classifier:
    """The classifier of that name, live or not; 404 if there is none."""
    found = Classifier.objects.filter(slug=slug).first()
    if found is None:
        raise not_found()
    return found
