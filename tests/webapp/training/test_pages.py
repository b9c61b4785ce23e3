"""The pages of trainings and datasets as anybody reads them, without scripts."""

import re
from collections.abc import Callable
from typing import Any

from django.utils.html import strip_tags

from inference.catalog.comparison import Measured
from tests.support.cast import Person
from webapp.jobs.models import Job, Status
from webapp.training.models import Preparation, TrainingRun

Start, Do = Callable[..., Job], Callable[..., Job]


def words(person: Person, path: str) -> str:
    """What a page says, its spaces made plain."""
    body = person.get(path).content.decode().split("<main", 1)[1]
    return re.sub(r"\s+", " ", strip_tags(re.sub(r"<script.*?</script>", "", body, flags=re.DOTALL)))


def test_the_sentence_is_true_in_every_state(start: Start, do: Do, ada: Person, alice: Person) -> None:
    first, second = start(), start(learning_rate=10.0, momentum=0.99, initialisation="normal", sigma=3.0)
    assert "Waiting: " in words(alice, f"/training/{second.pk}/")
    ada.post(f"/api/v1/training-runs/{first.pk}/cancel")
    assert "Cancelled before the first epoch had ended." in words(alice, f"/training/{first.pk}/")
    ada.post(f"/api/v1/training-runs/{first.pk}/resume")

    version = do(first).version
    test = version.card["test"]
    page = words(alice, f"/training/{first.pk}/")
    assert (
        f"LeNet-5 is right on {test['accuracy'] * 100:.2f} % of the 200 test pictures; when they are attacked" in page
    )
    assert "2 epochs, " in page and " was the best and is kept" in page

    failed = do(second)
    assert f"The training failed. {failed.why()}" in words(alice, f"/training/{second.pk}/")


def test_a_training_that_waits_again_is_not_told_to_begin(start: Start, do: Do, alice: Person) -> None:
    """Its worker was killed after the first of its epochs."""
    job = do(start())
    Job.objects.exclude(pk=job.pk).delete()  # nothing comes before it
    job.trainingrun.epochs.filter(number__gt=1).delete()
    Job.objects.filter(pk=job.pk).update(status=Status.QUEUED)
    assert "Next in line: the training goes on after epoch 1 as soon as" in words(alice, f"/training/{job.pk}/")


def test_figures_side_by_side_are_of_the_same_pictures(start: Start, do: Do, alice: Person) -> None:
    """Ten of the twelve test pictures were attacked, and of those eight are right as they are."""
    job = do(start())
    version, page = job.version, f"/training/{job.pk}/"
    clean = Measured.of_each([place not in (0, 9) for place in range(12)]).as_json()
    attacked = Measured.of_each([place == 5 for place in range(10)]).as_json()
    worst = attacked | {"protocol": version.card["test"]["worst"]["protocol"]}
    version.card["test"] |= clean | {"worst": worst}
    version.save()
    assert (
        "LeNet-5 is right on 80.00 % of the first 10 test pictures; when they are attacked with PGD at 77/255, on at "
        "most 10.0 %." in words(alice, page)
    )
    assert "80.00 %of 10 10.0 %of 10ε 77/255" in words(alice, "/training/")

    version.card["test"] |= {"each": ""}  # as cards of before are
    version.save()
    assert "right on 83.33 % of the 12 test pictures; of the first 10, attacked with PGD" in words(alice, page)
    assert "83.33 %of 12 10.0 %of 10ε 77/255" in words(alice, "/training/")


def test_a_running_training_says_which_epoch_and_how_it_does(start: Start, do: Do, alice: Person) -> None:
    job = start(epochs=9)
    for changes, expected in (
        ({"status": "running"}, "Epoch 1 of 9: LeNet-5 sees these pictures for the first time."),
        ({"text": "Testing the best epoch"}, "The best epoch is being tested"),
        ({"cancel_requested": True}, "Being cancelled…"),
    ):
        Job.objects.filter(pk=job.pk).update(**changes)
        assert expected in words(alice, f"/training/{job.pk}/")
    Job.objects.filter(pk=job.pk).update(text="", cancel_requested=False, done=2, total=9)
    run = TrainingRun.objects.get(pk=job.pk)
    run.epochs.create(number=1, **figures(validation_error=0.031, pgd_accuracy=None))
    run.epochs.create(number=2, **figures(validation_error=0.016, pgd_accuracy=0.25, seconds=30.0))
    page = words(alice, f"/training/{job.pk}/")
    assert "Epoch 3 of 9: 1.6 % of the validation pictures are wrong; of those that are attacked too, 75.0 %." in page
    assert "140 s left" not in page and "2 min left" in page  # seven epochs of 20 s
    TrainingRun.objects.filter(pk=job.pk).update(stop_requested=True)
    assert "Stopping early" in words(alice, f"/training/{job.pk}/")


def test_trainings_are_listed_and_filtered(start: Start, do: Do, ada: Person, alice: Person) -> None:
    assert "Nothing was trained here yet" in words(alice, "/training/")
    done, waiting = do(start()), start()
    listed = alice.get("/training/").content.decode()
    assert str(done.pk) in listed and str(waiting.pk) in listed
    filtered = alice.get("/training/?status=done&dataset=mnist&network=lenet").content.decode()
    assert str(done.pk) in filtered and str(waiting.pk) not in filtered
    assert "No training is like that" in words(alice, "/training/?network=convnet")
    assert "No training is like that" in words(alice, "/training/?status=no-such")
    assert "Start a training" in words(ada, "/training/") and "Start a training" not in words(alice, "/training/")


def test_long_lists_have_pages(start: Start, alice: Person, monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.training.views.SHOWN", 1)
    older, newer = start(), start()
    first = alice.get("/training/?status=queued").content.decode()
    assert str(newer.pk) in first and str(older.pk) not in first
    assert "?status=queued&amp;page=1" in first
    second = alice.get("/training/?status=queued&page=1").content.decode()
    assert str(older.pk) in second and "?status=queued&amp;page=0" in second


def test_a_dataset_page_counts_every_class(do: Do, alice: Person) -> None:
    assert "Waiting for a worker" in words(alice, "/datasets/mnist/")
    do(Preparation.objects.get(dataset__slug="mnist").pk)
    page = alice.get("/datasets/mnist/").content.decode()
    assert len(re.findall(r'<tr data-role="before">', page)) == 10
    assert 'width="100.0%"' in page and "CC BY-SA 3.0" in page
    assert 'src="/datasets/mnist/samples.png"' in page and "Rotation" in page
    assert "Its pictures are not part of Gibbon" in words(alice, "/datasets/cifar10/")


def figures(**changes: Any) -> dict[str, Any]:
    """An epoch's columns."""
    usual = {"training_loss": 0.2, "training_error": 0.05, "validation_loss": 0.1, "validation_error": 0.03}
    cost = {"gradient_norm": 1.0, "learning_rate": 0.05, "seconds": 10.0, "pictures_per_second": 1000.0}
    return usual | cost | {"fgsm_accuracy": 0.5, "pgd_accuracy": 0.4, "best": True} | changes
