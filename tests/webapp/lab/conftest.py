"""Versions of the digits' classifier that pages are looked at with."""

import pytest

from webapp.registry.models import Classifier, ModelVersion


@pytest.fixture
def digits() -> ModelVersion:
    return ModelVersion.objects.select_related("classifier").get(classifier__slug="digits")


@pytest.fixture
def hardened(digits: ModelVersion) -> ModelVersion:
    """A live classifier of the same pictures and classes, trained on attacked ones."""
    facts = digits.card | {"config": digits.card["config"] | {"adversarial": "pgd"}}
    twin = Classifier.objects.create(slug="twin", name="The hardened twin", preparation="digit", levels=128)
    return ModelVersion.objects.create(classifier=twin, sha256="e" * 64, name="twin", source="x", card=facts, live=True)


@pytest.fixture
def candidate(digits: ModelVersion) -> ModelVersion:
    """A version of the digits that is not live."""
    return ModelVersion.objects.create(
        classifier=digits.classifier, sha256="c" * 64, name="candidate", source="x", card=digits.card
    )
