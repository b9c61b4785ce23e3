"""What a version is, and whose classifier it becomes: never a matter of names, nor of weights alone."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from inference.catalog.classifiers import CLASSIFIERS
from tests.support.cast import Person
from tests.support.finished import png
from tests.support.identities import shipped_identity
from tests.support.paths import CASES
from webapp.jobs.models import Job, Status
from webapp.lab.page_state import DEFAULT_CLASSIFIER
from webapp.registry.models import Classifier, ModelVersion
from webapp.registry.services import register_shipped
from webapp.training.models import Dataset

Do = Callable[..., Job]
ZEROS = {"network": "lenet", "epochs": 1, "initialisation": "zeros", "robust_pictures": 0}
SHIPPED = tuple(CLASSIFIERS)


def brought(ada: Person, do: Do, name: str, file: str) -> Dataset:
    upload = io.BytesIO((CASES / file).read_bytes())
    upload.name = file
    assert ada.send_form("/admin/training/dataset/add/", {"name": name, "archive": upload}).status_code == 302
    dataset = Dataset.objects.latest("created")
    assert do(dataset.preparations.get().job_id).status == Status.DONE
    return dataset


def trained(ada: Person, do: Do, dataset: Dataset, **more: Any) -> ModelVersion:
    order = ada.post("/api/v1/training-runs", {"config": ZEROS | {"dataset": dataset.slug} | more})
    assert order.status_code == 202, order.content
    job = do(order.json()["id"])
    assert job.status == Status.DONE, job.why()
    return ModelVersion.objects.get(pk=job.trainingrun.version_id)


def promote(ada: Person, do: Do, version: ModelVersion) -> None:
    order = ada.post(f"/api/v1/versions/{version.identity}/promote", {"confirmed": True})
    assert order.status_code == 202, order.content
    assert do(order.json()["id"]).status == Status.DONE


def live(slug: str) -> str:
    return Classifier.objects.get(slug=slug).live().identity


@pytest.mark.walk
@pytest.mark.parametrize(
    "names", [("ImageNet Lite0",), ("Digits", "MNIST", "digits-hardened", "Fashion-MNIST", "图片")]
)
def test_no_name_takes_over_what_another_has(ada: Person, alice: Person, do: Do, names: tuple[str, ...]) -> None:
    home = alice.get("/").content.decode()
    datasets = [brought(ada, do, name, "zip_named_digits.zip") for name in names]
    classifiers = []
    for dataset in datasets:
        first, second = trained(ada, do, dataset), trained(ada, do, dataset, width=2)
        for version in (first, second):
            promote(ada, do, version)
        own = first.classifier
        assert own == second.classifier and own.live() == second and own.name == dataset.name
        order = ada.post(f"/api/v1/classifiers/{own.slug}/roll-back", {})
        assert do(order.json()["id"]).status == Status.DONE
        assert own.live() == first
        classifiers.append(own.slug)
    register_shipped()  # as every start does

    assert len({*classifiers, *SHIPPED}) == len(names) + len(SHIPPED)
    assert {slug: live(slug) for slug in SHIPPED} == {slug: shipped_identity(slug) for slug in SHIPPED}
    assert alice.get("/").status_code == 200 and DEFAULT_CLASSIFIER not in classifiers
    assert ("EfficientNet-Lite0" in home) and ("EfficientNet-Lite0" in alice.get("/").content.decode())
    for slug in classifiers:
        assert alice.get(f"/lab/with/{slug}/").status_code == 200


@pytest.mark.walk
def test_the_same_weights_with_another_class_are_another_version(ada: Person, alice: Person, do: Do) -> None:
    typo, fixed = (
        trained(ada, do, brought(ada, do, "Pets", f"zip_same_weights_{which}.zip")) for which in ("typo", "fixed")
    )
    assert typo.sha256 == fixed.sha256 and typo.identity != fixed.identity
    assert (typo.labels, fixed.labels) == (["cat", "dgo"], ["cat", "dog"])

    for version in (typo, fixed):
        promote(ada, do, version)
        assert version.classifier.live() == version
        page = alice.get(f"/lab/version/{version.identity}/")
        assert page.status_code == 200 and f'"{version.labels[1]}"' in page.content.decode()
        picture = alice.upload(io.BytesIO(png())).json()
        job = do(alice.predict(picture["id"], classifier=None, version=version.identity).json()["id"])
        assert {entry["label"] for entry in job.prediction.result["top"]} == {*version.labels}
    refused = alice.get(f"/api/v1/versions/{typo.sha256}")
    assert refused.status_code == 409 and fixed.identity in refused.json()["error"]["message"]
    assert alice.get("/api/v1/versions/" + "0" * 64).status_code == 404


def test_an_address_by_the_weights_stays_valid_while_no_other_has_them(alice: Person) -> None:
    version = Classifier.objects.get(slug="digits").live()
    assert alice.get(f"/api/v1/versions/{version.sha256}").json()["identity"] == version.identity
    assert alice.get(f"/lab/version/{version.sha256}/").status_code == 200
