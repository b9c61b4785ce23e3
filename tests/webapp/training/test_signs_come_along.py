"""Own pictures that were called `signs` before a dataset of that name came with Gibbon."""

from importlib import import_module

import pytest
from django.apps import apps

from inference.catalog.classifiers import CLASSIFIERS
from webapp.pictures.models import Picture
from webapp.registry.models import Classifier, ModelVersion
from webapp.registry.services import register_shipped
from webapp.training.datasets import register_declared, trainable
from webapp.training.models import Dataset

make_room = import_module("webapp.training.migrations.0009_signs_comes_along").make_room
OWN = {"own": {"name": "Signs", "labels": ["a", "b"], "mean": [1, 2, 3], "std": [1, 2, 3]}}


@pytest.fixture
def own() -> Dataset:
    """As an installation of before has it: dataset, a hardened version, a sample."""
    Dataset.objects.filter(slug="signs").delete()
    Classifier.objects.filter(slug__startswith="signs").delete()
    dataset = Dataset.objects.create(slug="signs", name="Signs", file="datasets/x.safetensors", facts=OWN)
    classifier = Classifier.objects.create(
        origin="dataset/signs/hardened", slug="signs-hardened", name="Signs, hardened", preparation="photo", levels=32
    )
    card = {"labels": ["a", "b"], "dataset": {"slug": "signs", "sha256": "1" * 64}}
    ModelVersion.objects.create(classifier=classifier, identity="2" * 64, sha256="3" * 64, card=card, live=True)
    Picture.objects.create(
        sample="test-signs-0", facts={"dataset": "signs"}, preparation="photo", width=1, height=1, bytes=1, expires=None
    )
    return dataset


def test_they_keep_their_pictures_networks_and_samples_under_another_slug(own: Dataset) -> None:
    make_room(apps, None)
    register_declared()
    register_shipped()

    moved = Dataset.objects.get(pk=own.pk)
    assert (moved.slug, moved.own, moved.facts) == ("signs-own", True, OWN)
    assert trainable()["signs-own"].labels == ("a", "b")
    version = ModelVersion.objects.get(identity="2" * 64)
    assert version.card["dataset"]["slug"] == "signs-own"
    assert (version.classifier.slug, version.classifier.origin) == ("signs-own-hardened", "dataset/signs-own/hardened")
    assert Picture.objects.get(sample="test-signs-0").facts["dataset"] == "signs-own"
    assert not Dataset.objects.get(slug="signs").own
    assert {"signs", "signs-hardened"} <= set(CLASSIFIERS)
    assert Classifier.objects.get(slug="signs-hardened").origin == "shipped/signs-hardened"


def test_where_nobody_called_them_so_nothing_changes(clean_site: None) -> None:
    Dataset.objects.filter(slug="signs").delete()
    before = set(Dataset.objects.values_list("slug", flat=True))
    make_room(apps, None)
    assert set(Dataset.objects.values_list("slug", flat=True)) == before
