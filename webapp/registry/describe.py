"""The live classifiers, described for people and programs."""

from typing import Any

from webapp.core.shown import shown
from webapp.core.words import beside
from webapp.registry.models import ModelVersion


def name_of(version: ModelVersion) -> str:
    """A live version goes by its classifier's name; any other by its own, with the beginning of its hash."""
    return shown(version.classifier.name) if version.live else beside(shown(version.name), version.identity[:8])


def classifiers(*, labels: bool = True) -> list[dict[str, Any]]:
    """Every classifier that has a live version."""
    live = ModelVersion.objects.filter(live=True).select_related("classifier").order_by("classifier_id")
    return [_classifier(version, labels) for version in live]


def _classifier(version: ModelVersion, labels: bool) -> dict[str, Any]:
    classifier = version.classifier
    facts = {key: value for key, value in version.card.items() if key != "labels"}
    return {
        "slug": classifier.slug,
        "name": shown(classifier.name),
        "preparation": classifier.preparation,
        "levels": classifier.levels,
        "live": version.brief(),
        "card": facts,
    } | ({"labels": version.labels} if labels else {})
