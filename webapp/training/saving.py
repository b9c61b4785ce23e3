"""A finished training's version in the shared storage, and its row: a candidate, until somebody promotes it."""

from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from inference.catalog.configuration import TrainingConfig
from inference.catalog.datasets import DatasetRecord
from inference.catalog.identity import origin_of
from inference.training.versions import CARD, WEIGHTS, Version
from webapp.registry.models import Classifier, ModelVersion
from webapp.training.models import Dataset


@dataclass(frozen=True)
class Kept:
    """A version whose files are in place."""

    slug: str
    name: str
    source: str
    version: Version

    def row(self) -> ModelVersion:
        """The version's row, in the caller's transaction; the same one if this training was concluded before."""
        card = self.version.card
        classifier = Classifier.objects.of(origin_of(card), slug=self.slug, name=self.name, card=card)
        defaults: dict[str, Any] = {"name": card["name"], "source": self.source, "card": card}
        defaults["sha256"] = self.version.sha256
        known = {"classifier": classifier, "identity": self.version.identity}
        return ModelVersion.objects.get_or_create(**known, defaults=defaults)[0]


def keep_version(made: Version, *, dataset: Dataset, record: DatasetRecord, config: TrainingConfig) -> Kept:
    """Copy weights and card into the storage, under the identity that names them. OSError when the disk is full."""
    source = f"versions/{made.identity}"
    for name in (WEIGHTS, CARD):
        if not default_storage.exists(f"{source}/{name}"):
            default_storage.save(f"{source}/{name}", ContentFile((made.folder / name).read_bytes()))
    hardened = config.adversarial != "off"
    slug = (record.classifier or dataset.slug) + ("-hardened" if hardened else "")
    return Kept(slug, f"{dataset.name}{', hardened' if hardened else ''}", source, made)
