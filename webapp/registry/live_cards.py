"""What answers, for whoever has no database: each live version's card in the storage (catalog.installation)."""

import json
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from inference.catalog.classifiers import CLASSIFIERS
from inference.catalog.installation import CARD, LIVE, VERSIONS
from webapp.registry.models import Classifier, ModelVersion


def tell_all() -> None:
    """Every live version, and every version whose files lie under another name than its own; safe to repeat."""
    for classifier in Classifier.objects.all():
        tell_live(classifier)
    for version in ModelVersion.objects.exclude(source__in=CLASSIFIERS):
        home = f"{VERSIONS}/{version.identity}"
        if version.source != home and not default_storage.exists(f"{home}/{CARD}"):
            _link(home, version)


def tell_live(classifier: Classifier) -> None:
    """The card of what answers for a classifier; none while that is what comes with Gibbon."""
    home = f"{LIVE}/{classifier.slug}"
    live = classifier.versions.filter(live=True).first()
    if live and live.source not in CLASSIFIERS:
        _link(home, live)
    else:
        default_storage.delete(f"{home}/{CARD}")


def _link(home: str, version: ModelVersion) -> None:
    """A version's folder that has the card alone, and names the weights where they are."""
    up = "../" * len(PurePosixPath(home).parts)
    weights = version.card["weights"]
    card = version.card | {"weights": weights | {"file": f"{up}{version.source}/{weights['file']}"}}
    written = json.dumps(card, indent=1, ensure_ascii=False).encode()
    default_storage.replace(f"{home}/{CARD}", ContentFile(written))  # type: ignore[attr-defined]  # AtomicStorage
