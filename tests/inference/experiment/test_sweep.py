"""The sweep, put together from probabilities chosen so that every answer is known."""

import json
from dataclasses import asdict

import numpy as np

from attacks.records.common import EPSILON
from inference.catalog.results import Class
from inference.experiment.sweep import Step, assemble_ray, steps_of, top_classes

LABELS = [f"class {i}" for i in range(12)]


def sure(*tops):
    """One row a level; the class in `tops` has 0.6, the others share the rest, lower indices a little more."""
    rows = np.linspace(0.04, 0.03, 12, dtype=np.float32)[None].repeat(len(tops), axis=0)
    rows[np.arange(len(tops)), tops] = 0.6
    return rows


def swept(attack, control=None, *, target=None, levels=None):
    control = [0] * len(attack) if control is None else control
    levels = levels or range(len(attack))
    judged = {Step(level): row for level, row in zip(levels, sure(*attack), strict=True)}
    judged |= {Step(level, control=True): row for level, row in zip(levels, sure(*control), strict=True) if level}
    return assemble_ray(LABELS, EPSILON, judged, label_from=0, target=target)


def test_it_breaks_at_the_first_level_that_flips_though_later_ones_flip_back():
    found = swept([0, 0, 7, 0, 0, 9, 9])
    assert found.breaks_at == 2
    assert found.new == Class(7, "class 7")
    assert found.reached_at is None
    assert [point.top.index for point in found.points] == [0, 0, 7, 0, 0, 9, 9]


def test_it_may_never_break():
    found = swept([0, 0, 0])
    assert (found.breaks_at, found.reached_at, found.new) == (None, None, None)


def test_leaving_the_class_and_reaching_the_target_are_two_things():
    found = swept([0, 7, 7, 9, 7], target=9)
    assert (found.breaks_at, found.reached_at) == (1, 3)
    assert found.new == Class(9, "class 9")


def test_a_target_that_is_never_reached_is_followed_all_the_same():
    found = swept([0, 7], target=11)
    assert (found.breaks_at, found.reached_at) == (1, None)
    assert found.new.index == 11 and found.classes[-1].index == 11


def test_levels_are_named_by_their_number_not_their_place():
    found = swept([0, 0, 7], levels=[0, 4, 16])
    assert found.breaks_at == 16
    assert [point.value for point in found.points] == [0, 4, 16]


def test_the_classes_are_the_originals_likeliest_each_points_and_controls_top_and_the_target():
    found = swept([0, 9, 9], [0, 8, 7], target=10)
    assert [entry.index for entry in found.classes] == [0, 1, 2, 3, 4, 9, 8, 7, 10]
    assert all(len(point.probabilities) == 9 for point in found.points)


def test_probabilities_stand_in_the_order_of_the_classes():
    attack, control = sure(0, 9), sure(0, 8)
    judged = {Step(0): attack[0], Step(1): attack[1], Step(1, control=True): control[1]}
    found = assemble_ray(LABELS, EPSILON, judged, label_from=0, target=None)
    for row, point in enumerate(found.points):
        order = [entry.index for entry in found.classes]
        assert point.probabilities == attack[row, order].tolist()
        assert point.top.probability == attack[row].max()
        assert point.control.p_original == control[row, 0]
        assert point.control.top.index == control[row].argmax()


def test_it_is_plain_json():
    found = asdict(swept([0, 9, 9], [0, 8, 7], target=10))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["option"], found["unit"], found["values"]) == ("epsilon", "/255", [0, 1, 2])


def test_the_top_is_sorted_and_ties_go_to_the_lower_index():
    found = top_classes(LABELS, np.array([0.1, 0.3, 0.1, 0.3, 0.2] + [0.0] * 7, np.float32), 4)
    assert [entry.index for entry in found] == [1, 3, 4, 0]
    assert found[0].label == "class 1"


def test_the_attack_is_judged_at_every_level_and_the_control_at_powers_of_two_the_last_and_its_own():
    steps = steps_of(range(33), 11)
    assert [step.value for step in steps if not step.control] == list(range(33))
    assert [step.value for step in steps if step.control] == [1, 2, 4, 8, 11, 16, 32]
    assert [step.value for step in steps_of(range(101), 1) if step.control] == [1, 2, 4, 8, 16, 32, 64, 100]
    assert steps == sorted(steps)


def test_where_no_control_was_judged_none_is_told_and_at_0_it_is_the_picture_itself():
    attack = sure(0, 0, 9)
    judged = {Step(level): row for level, row in enumerate(attack)} | {Step(2, control=True): sure(8)[0]}
    zero, between, last = assemble_ray(LABELS, EPSILON, judged, label_from=0, target=None).points
    assert zero.control.top == zero.top and between.control is None and last.control.top.index == 8
