"""What is done with classifiers: registering the shipped ones, promoting, and finding the version a caller means."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from inference.catalog import CLASSIFIERS, card
from webapp.errors import Refusal
from webapp.registry.models import Classifier, ModelVersion


@transaction.atomic
def register_shipped() -> None:
    """One row and one version for every classifier Gibbon ships; a first version goes live. Safe to repeat."""
    for record in CLASSIFIERS.values():
        facts = dict(card(record.slug))
        classifier, _ = Classifier.objects.update_or_create(
            slug=record.slug,
            defaults={"name": record.name, "preparation": record.preparation, "levels": record.levels},
        )
        version, _ = ModelVersion.objects.update_or_create(
            classifier=classifier,
            sha256=facts["weights"]["sha256"],
            defaults={"name": facts["name"], "source": record.slug, "card": facts},
        )
        if not classifier.versions.filter(live=True).exists():
            make_live(version)


@transaction.atomic
def make_live(version: ModelVersion, *, by: AbstractBaseUser | None = None) -> None:
    """Make `version` the one that answers from every worker's next job on; whoever asked for it is noted."""
    version.classifier.versions.select_for_update().filter(live=True).update(live=False)
    version.live, version.promoted = True, timezone.now()
    version.save(update_fields=["live", "promoted"])
    if by:
        LogEntry.objects.log_actions(by.pk, [version], CHANGE, "Promoted.", single_object=True)


def find_version(*, classifier: str | None, version: str | None) -> ModelVersion:
    """The live version of a classifier (by slug), or the version with this SHA-256; exactly one must be named."""
    if bool(classifier) == bool(version):
        raise Refusal(422, "invalid", gettext("Name either a classifier or a version."), field="classifier")
    versions = ModelVersion.objects.select_related("classifier").defer("card")  # a thousand labels
    wanted = versions.filter(sha256=version) if version else versions.filter(classifier__slug=classifier, live=True)
    found = wanted.first()
    if found is None:
        known = ", ".join(Classifier.objects.filter(versions__live=True).values_list("slug", flat=True))
        message = gettext("There is no such classifier. There are: %(known)s.") % {"known": known}
        raise Refusal(404, "unknown_classifier", message, field="version" if version else "classifier")
    return found
