"""The control that searches: as many tries as the attack asked questions, the best kept, within the same budget."""

import numpy as np
import pytest

from attacks.catalog import find
from attacks.controls import random_pixels
from inference import experiment
from inference.experiment import noise
from inference.experiment.distances import l0, linf
from inference.experiment.judging import judge_many, save_and_judge
from inference.experiment.noise import Goal, control_of
from inference.images import pixels
from inference.networks.classifier import load
from tests.support.datasets import data_of

QUICK = {"population": 20, "generations": 2}


@pytest.fixture(scope="module")
def digits():
    return load("digits", "cpu")


@pytest.fixture(scope="module")
def seven() -> np.ndarray:
    return data_of("mnist").test.images[0].permute(1, 2, 0).numpy()


def tried(digits, picture, kind="pixels", *, strength=3, seed=0, questions=60, target=None, label=7, on_step=None):
    """The search alone: the best try, and how many were made."""
    draw = noise.SEARCHES[kind](digits, picture, strength, seed)
    return noise._best(digits, picture, draw, Goal(label, target, questions), on_step=on_step or (lambda: None))


def test_beside_few_pixels_as_many_random_pixels_are_tried_as_questions_were_asked(digits, seven):
    result = experiment.attack(digits, pixels.write(seven), "few-pixels", {**QUICK, "pixels": 3}).result
    assert not result.fooled and result.distances.changed_pixels <= 3
    assert (result.cost.forwards, result.cost.gradients) == (61, 0)  # one for whether it was undone by rounding
    assert (result.control.kind, result.control.tries) == ("pixels", 60)


def test_beside_an_attack_without_a_budget_as_many_pixels_as_it_changed(digits, seven, monkeypatch):
    changed = []
    monkeypatch.setattr(noise, "random_pixels", lambda picture, count, *_: changed.append(count) or picture.copy())
    result = experiment.attack(digits, pixels.write(seven), "jsma", {}).result
    assert result.fooled and set(changed) == {result.distances.changed_pixels}
    assert result.control.tries == max(result.cost.forwards, result.cost.gradients) == len(changed)


def test_an_attack_that_changed_nothing_has_no_control(digits, seven):
    never, same = lambda: None, save_and_judge(digits, seven, seven)
    assert control_of(digits, seven, same, find("jsma"), {"seed": 0}, Goal(7, None, 5), on_step=never) is None


@pytest.mark.parametrize("target", [None, 3])
@pytest.mark.parametrize("kind", ["pixels", "search"])
def test_the_best_of_all_tries_is_kept_within_the_budget(digits, seven, kind, target):
    strength = 3
    draw = noise.SEARCHES[kind](digits, seven, strength, 5)
    judged = judge_many(digits, [draw(number) for number in range(40)])
    best, made = tried(digits, seven, kind, strength=strength, seed=5, questions=40, target=target)
    number = int(judged[:, 7].argmin() if target is None else judged[:, target].argmax())
    assert made == 40 and np.array_equal(best, draw(number))
    assert (l0 if kind == "pixels" else linf)(seven, best) <= strength


def test_a_try_that_does_it_is_the_last(digits, seven):
    best, made = tried(digits, seven, label=3)  # any picture of a seven is no three
    assert made == 1 and np.array_equal(best, random_pixels(seven, 3, 0, 0))
    assert tried(digits, seven, label=3, target=7)[1] == 1


def test_a_seed_gives_the_same_tries_in_any_batch(digits, seven, monkeypatch):
    whole = tried(digits, seven)
    monkeypatch.setattr(noise, "at_once", lambda device, values: 7)
    parts = tried(digits, seven)
    assert np.array_equal(whole[0], parts[0]) and whole[1] == parts[1]
    assert not np.array_equal(whole[0], tried(digits, seven, seed=1)[0])


def test_it_ends_when_the_time_is_up_and_tells_how_many_it_made(digits, seven, monkeypatch):
    monkeypatch.setattr(noise, "CONTROL_SECONDS", 0.0)
    monkeypatch.setattr(noise, "at_once", lambda device, values: 7)
    assert tried(digits, seven)[1] == 7


def test_it_can_be_cancelled_between_batches(digits, seven):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tried(digits, seven, on_step=stop)


def test_random_pixels_are_drawn_from_seed_and_number_alone():
    picture = np.full((4, 6, 3), 100, np.uint8)
    one = random_pixels(picture, 2, 7, 3)
    assert np.array_equal(one, random_pixels(picture, 2, 7, 3)) and (picture == 100).all()
    assert 1 <= (one != 100).any(axis=2).sum() <= 2
    assert not np.array_equal(one, random_pixels(picture, 2, 7, 4))
