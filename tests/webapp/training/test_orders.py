"""What may be asked of a training, and what is told to whoever asks for something else."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from inference.catalog.configuration import DEFAULTS, SETTINGS
from inference.catalog.datasets import DATASETS
from tests.support.cast import Person, sentence_of
from webapp.jobs.models import Job, Status
from webapp.training.forms import TrainingForm
from webapp.training.models import TrainingRun


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("epochs", value) for value in (0, 1001, "3", 2.0, True, None, [1], 1e308)),
        *(("learning_rate", value) for value in (0, -1, "0.1", True, 1e308, None)),
        *(("batch_size", value) for value in (0, 1025, -64)),
        *(("network", value) for value in ("resnet", "", None, 3)),
        *(("dataset", value) for value in ("../../etc", "nothing", 1)),
        *(("momentum", value) for value in (0.5, True)),
        *(("flip", value) for value in (1, "yes")),
        *(("epsilon", value) for value in (0, 256, 2.5)),
        ("no_such_setting", 1),
    ],
)
def test_what_is_no_configuration_is_refused_and_leaves_no_row(ada: Person, field: str, value: Any) -> None:
    answer = ada.post("/api/v1/training-runs", {"config": {field: value}})

    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field
    assert sentence_of(answer)
    assert not TrainingRun.objects.exists() and not Job.objects.filter(kind="train").exists()


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none(ada: Person, text: str) -> None:
    answer = ada.post("/api/v1/training-runs", f'{{"config": {{"learning_rate": {text}}}}}')
    assert answer.status_code in (400, 422) and sentence_of(answer)


def test_two_starts_at_once_are_two_runs_that_wait_in_order(start: Callable[..., Job]) -> None:
    one, two = start(), start()
    assert [job.status for job in (one, two)] == [Status.QUEUED] * 2
    looks = sum(record.comes_along for record in DATASETS.values())  # that set-up asked for
    assert (one.position(), two.position()) == (looks + 1, looks + 2)


def test_a_full_queue_says_when_to_come_back(start: Callable[..., Job], ada: Person, settings: Any) -> None:
    settings.TRAIN_QUEUE_LIMIT = 1
    start()
    answer = ada.post("/api/v1/training-runs", {"config": {}})
    assert answer.status_code == 503 and answer["Retry-After"]


def test_the_admins_form_speaks_of_every_setting_and_starts_with_the_defaults(ada: Person) -> None:
    form = TrainingForm()
    assert [bound.name for bound in form.visible_fields()] == list(SETTINGS)
    assert {bound.name: bound.initial for bound in form.visible_fields()} == DEFAULTS
    assert ada.get("/admin/training/trainingrun/add/").status_code == 200

    sent = as_sent(DEFAULTS)
    answer = ada.send_form("/admin/training/trainingrun/add/", sent)

    run = TrainingRun.objects.get()
    assert answer["Location"] == f"/training/{run.pk}/"
    assert run.config == DEFAULTS


def test_the_form_says_in_place_what_is_wrong(ada: Person) -> None:
    sent = as_sent(DEFAULTS)
    answer = ada.send_form("/admin/training/trainingrun/add/", sent | {"nesterov": "on", "momentum": "0.0"})

    assert answer.status_code == 200
    assert "Nesterov needs a momentum" in answer.content.decode()
    assert not TrainingRun.objects.exists()


def test_a_run_can_be_repeated_with_its_settings_changed(start: Callable[..., Job], ada: Person) -> None:
    first = start(epochs=3, width=2)

    page = ada.get(f"/admin/training/trainingrun/add/?from={first.pk}").content.decode()

    assert 'name="width" value="2"' in page
    sent = as_sent(first.trainingrun.config)
    ada.send_form(f"/admin/training/trainingrun/add/?from={first.pk}", sent | {"epochs": "1"})
    repeated = TrainingRun.objects.get(parent=first.pk)
    assert (repeated.config["epochs"], repeated.config["width"]) == (1, 2)


def test_the_csv_holds_no_formula(start: Callable[..., Job], do: Callable[..., Job], alice: Person) -> None:
    from webapp.training.export import cell

    assert [cell(value) for value in ("=1+1", "+1", "-1", "@x", "plain", -1.5)] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "plain",
        -1.5,
    ]
    job = do(start())
    lines = alice.get(f"/training/{job.pk}/epochs.csv").content.decode().splitlines()
    assert lines[0].startswith("number,training_loss") and len(lines) == 3


def as_sent(values: Mapping[str, Any]) -> dict[str, str]:
    """As a browser sends the form: nothing for an empty box or one that is not ticked."""
    return {name: str(value) for name, value in values.items() if value is not None and value is not False}
