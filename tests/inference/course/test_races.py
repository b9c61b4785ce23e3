"""Races: bounded, the same again, alone with their chance, and what they are there to show."""

import json
import time
from typing import Any

import pytest
import torch

from attacks.options import complete
from inference.catalog.races import MOST_PICTURES, MOST_STEPS, OPTIONS, POINTS, seconds_of, steps_of
from inference.course.races import race


def asked(**options: Any) -> dict[str, Any]:
    return complete(OPTIONS, {"network": "small", "pictures": 500, "epochs": 4, **options})


def run(**options: Any) -> dict[str, Any]:
    """To its end; what it is of each step is JSON."""
    work = race(**asked(**options))
    while True:
        try:
            share, so_far = next(work)
        except StopIteration as end:
            return dict(json.loads(json.dumps(end.value, allow_nan=False)))
        assert 0 <= share <= 1 and so_far["ended"] == ""


def numbers(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Its points without what this machine took."""
    return [{name: value for name, value in point.items() if name != "seconds"} for point in found["points"]]


def test_it_learns_and_tells_points_from_before_the_first_step_to_the_last():
    found = run(learning_rate=0.05)
    first, *_others, last = found["points"]
    assert (first["step"], first["batch_loss"], last["step"], last["epoch"]) == (0, None, found["steps"], 4)
    assert len(found["points"]) == POINTS + 1 and found["ended"] == "epochs"
    assert first["validation_error"] > 0.7 and last["validation_error"] < 0.25
    assert [point["seconds"] for point in found["points"]] == sorted(point["seconds"] for point in found["points"])


def test_it_is_the_same_again_beside_another_and_leaves_others_chance_alone():
    alone = numbers(run(dropout=0.5))
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    beside, other = race(**asked(dropout=0.5)), race(**asked(dropout=0.5, seed=1))
    drawn = []
    for turn, _told in enumerate(beside):  # the other draws between its turns
        next(other, None)
        if turn in (1, 5):
            drawn.append(torch.rand(1))
        assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
    assert torch.equal(torch.cat(drawn), expected)
    assert numbers(run(dropout=0.5)) == alone != numbers(run(dropout=0.5, seed=1))


def test_what_it_finds_beside_another_is_what_it_finds_alone():
    def last_of(work: Any) -> Any:
        try:
            while True:
                next(work)
                next(other, None)
        except StopIteration as end:
            return end.value

    other = race(**asked(dropout=0.5, seed=1))
    assert numbers(last_of(race(**asked(dropout=0.5)))) == numbers(run(dropout=0.5))


@pytest.mark.parametrize(
    ("options", "ended"),
    [
        ({"batch_size": 1, "epochs": 200}, "steps"),
        ({"batch_size": 128, "pictures": 5000, "epochs": 200}, "pictures"),
        ({"batch_size": 0, "epochs": 200}, "pictures"),
        ({"batch_size": 32, "epochs": 2}, "epochs"),
        ({"batch_size": 1, "epochs": 200, "steps": 50}, "asked"),
    ],
)
def test_it_is_bounded_in_steps_and_pictures_whatever_the_machine(options: dict[str, Any], ended: str):
    whole = asked(**options)
    steps, end = steps_of(whole)
    size = whole["batch_size"] or whole["pictures"]
    assert end == ended and steps <= MOST_STEPS and steps * size <= MOST_PICTURES
    assert seconds_of(whole | {"network": "lenet"}) <= 8


def test_a_batch_larger_than_is_computed_at_once_has_the_same_gradient(monkeypatch: pytest.MonkeyPatch):
    in_pieces = run(batch_size=0, learning_rate=0.5)
    monkeypatch.setattr("inference.course.races.AT_ONCE", 10_000)
    whole = run(batch_size=0, learning_rate=0.5)
    for ours, theirs in zip(in_pieces["points"], whole["points"], strict=True):
        assert ours["validation_loss"] == pytest.approx(theirs["validation_loss"], abs=1e-3)


def test_zeros_stay_twins_a_rate_too_large_blows_up_labels_by_chance_are_learnt_by_heart():
    zeros = run(initialisation="zeros")
    assert (zeros["different_units"], zeros["units"], zeros["points"][-1]["validation_error"] > 0.8) == (1, 10, True)
    assert run()["different_units"] == 10
    blown = run(network="lenet", initialisation="normal", sigma=10.0, learning_rate=10.0)
    assert blown["ended"] == "diverged" and blown["points"][-1]["step"] < 20
    by_heart = run(random_labels=True, pictures=50, epochs=200, learning_rate=0.05)["points"][-1]
    assert by_heart["training_error"] == 0 and by_heart["validation_error"] > 0.7


def test_sorted_batches_the_loss_of_the_batches_falls_and_the_network_is_no_better():
    fair, sorted_by_class = (
        run(sorted_batches=one, pictures=2000, learning_rate=0.02)["points"][-1] for one in (False, True)
    )
    assert sorted_by_class["validation_error"] > 2 * fair["validation_error"]
    assert sorted_by_class["batch_loss"] < 0.5 * sorted_by_class["training_loss"]


def test_lenet_yields_often_and_shows_its_first_point_at_once():
    list(zip(race(**asked()), range(1), strict=False))  # the pictures are read once in a process
    began = last = time.thread_time()
    work, longest, first = race(**asked(network="lenet", batch_size=0, pictures=2000, epochs=2)), 0.0, None
    for _share, so_far in work:
        now = time.thread_time()
        longest, last = max(longest, now - last), now
        if first is None and so_far["points"]:
            first = now - began
    assert first is not None and first < 1 and longest < 0.3
