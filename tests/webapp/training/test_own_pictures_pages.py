"""A dataset of one's own pictures on its page and in the forms; how it is made of a ZIP is in test_own_pictures."""

from collections.abc import Callable
from typing import Any

import pytest

from inference.catalog.configuration import DEFAULTS
from inference.catalog.datasets import DATASETS
from tests.support.cast import Person
from tests.webapp.training.test_own_pictures import bring, case, patches, zipped
from webapp.jobs.models import Job, Status
from webapp.jobs.services import cancel, queue_again
from webapp.training.models import Dataset, TrainingRun

Do = Callable[..., Job]


def test_long_names_and_parts_are_on_the_page(ada: Person, alice: Person, do: Do) -> None:
    entries = {
        f"{part}/{label * 40}/{number}.jpg": content
        for part, numbers in {"train": range(5), "val": range(5, 7), "test": range(7, 9)}.items()
        for label, name in {"ab": "brick", "ac": "grass"}.items()
        for number, content in enumerate(patches(name, 9))
        if number in numbers
    }
    dataset = bring(ada, zipped(entries))
    assert do(dataset.preparations.get().job_id).status == Status.DONE
    told = alice.get("/api/v1/datasets/grounds").json()
    assert told["labels"] == ["ab" * 40, "ac" * 40]
    assert told["facts"]["counts"] == {"training": [5, 5], "test": [2, 2], "validation": [2, 2]}
    page = alice.get("/datasets/grounds/").content.decode()
    assert f'title="{"ab" * 40}"' in page and "to validate with" in page and "train 10, val 4, test 4" in page

    order = {"dataset": "grounds", "network": "lenet", "proposed_for": "mnist"}
    shown = training_form(ada, order)
    assert "EfficientNet" in shown.context["form"].errors["network"][0]
    again = shown.context["form"]
    assert (again["network"].value(), again["proposed_for"].value()) == ("tf_efficientnet_lite0", "grounds")
    assert not TrainingRun.objects.exists()
    kept = training_form(ada, order | {"proposed_for": "grounds"})  # who saw the proposal may have another network
    assert "network" not in (kept.context["form"].errors if kept.context else {})


def test_what_became_of_a_preparation_is_told_and_its_zip_is_asked_for_again(
    ada: Person, alice: Person, do: Do
) -> None:
    stopped, refused = bring(ada, zipped({"a/1.jpg": b""})), bring(ada, zipped({"a/1.jpg": b""}))
    job = refused.preparations.get().job
    cancel(stopped.preparations.get().job)
    assert do(job).error_code == "one_class"

    listed = alice.get("/datasets/").content.decode()
    assert "The preparation was cancelled." in listed and "Being prepared." not in listed
    assert "The preparation was cancelled." in alice.get(stopped.get_absolute_url()).content.decode()
    queue_again(Job.objects.get(pk=job.pk))
    assert do(job).why() == "Its ZIP is no longer kept: bring it again."


def training_form(ada: Person, changed: dict[str, Any]) -> Any:
    """The form of a training with its defaults but for these, as a browser without JavaScript sends it."""
    values = {name: value for name, value in DEFAULTS.items() if value is not None and value is not False}
    return ada.send_form("/admin/training/trainingrun/add/", values | changed)


@pytest.mark.parametrize("name", ["\u200b", "\u3164\u202e"])
def test_a_name_of_which_nothing_would_be_seen_is_refused(name: str, ada: Person) -> None:
    answer = ada.send_form("/admin/training/dataset/add/", {"name": name, "archive": case("zip_gbk_names.zip")})
    assert answer.status_code == 200 and not Dataset.objects.exclude(slug__in=DATASETS).exists()
    assert "Nothing of this name would be seen" in answer.content.decode()


def test_a_form_without_a_file_says_so(ada: Person) -> None:
    answer = ada.send_form("/admin/training/dataset/add/", {"name": "Nothing"})
    assert answer.status_code == 200 and not Dataset.objects.filter(name="Nothing").exists()


def test_a_declared_dataset_is_looked_at(do: Do, few: Any, monkeypatch: pytest.MonkeyPatch, alice: Person) -> None:
    monkeypatch.setattr("webapp.training.preparing.load_data", lambda slug: few)
    dataset = Dataset.objects.get(slug="mnist")

    do(dataset.preparations.get().job_id)

    told = alice.get("/api/v1/datasets/mnist").json()
    assert sum(told["facts"]["counts"]["training"]) == 600
    assert alice.get("/datasets/mnist/samples.png").status_code == 200
