"""The ladder, put together from probabilities chosen so that every answer is known."""

import json

import numpy as np

from inference.experiment.sweep import assemble_ladder, top_classes

LABELS = [f"class {i}" for i in range(12)]


def sure(*tops):
    """One row a level; the class in `tops` has 0.6, the others share the rest, lower indices a little more."""
    rows = np.linspace(0.04, 0.03, 12, dtype=np.float32)[None].repeat(len(tops), axis=0)
    rows[np.arange(len(tops)), tops] = 0.6
    return rows


def ladder(attack, control=None, *, target=None, levels=None):
    control = [0] * len(attack) if control is None else control
    levels = levels or range(len(attack))
    return assemble_ladder(LABELS, list(levels), sure(*attack), sure(*control), label_from=0, target=target)


def test_it_breaks_at_the_first_level_that_flips_though_later_ones_flip_back():
    found = ladder([0, 0, 7, 0, 0, 9, 9])
    assert found["breaks_at"] == 2
    assert found["new"] == {"index": 7, "label": "class 7"}
    assert found["reached_at"] is None
    assert [rung["top"]["index"] for rung in found["rungs"]] == [0, 0, 7, 0, 0, 9, 9]


def test_it_may_never_break():
    found = ladder([0, 0, 0])
    assert (found["breaks_at"], found["reached_at"], found["new"]) == (None, None, None)


def test_leaving_the_class_and_reaching_the_target_are_two_things():
    found = ladder([0, 7, 7, 9, 7], target=9)
    assert (found["breaks_at"], found["reached_at"]) == (1, 3)
    assert found["new"] == {"index": 9, "label": "class 9"}


def test_a_target_that_is_never_reached_is_followed_all_the_same():
    found = ladder([0, 7], target=11)
    assert (found["breaks_at"], found["reached_at"]) == (1, None)
    assert found["new"]["index"] == 11 and found["classes"][-1]["index"] == 11


def test_levels_are_named_by_their_number_not_their_place():
    found = ladder([0, 0, 7], levels=[0, 4, 16])
    assert found["breaks_at"] == 16
    assert [rung["k"] for rung in found["rungs"]] == [0, 4, 16]


def test_the_classes_are_the_originals_likeliest_each_rungs_and_controls_top_and_the_target():
    found = ladder([0, 9, 9], [0, 8, 7], target=10)
    assert [entry["index"] for entry in found["classes"]] == [0, 1, 2, 3, 4, 9, 8, 7, 10]
    assert all(len(rung["probabilities"]) == 9 for rung in found["rungs"])


def test_probabilities_stand_in_the_order_of_the_classes():
    attack, control = sure(0, 9), sure(0, 8)
    found = assemble_ladder(LABELS, [0, 1], attack, control, label_from=0, target=None)
    for row, rung in enumerate(found["rungs"]):
        order = [entry["index"] for entry in found["classes"]]
        assert rung["probabilities"] == attack[row, order].tolist()
        assert rung["top"]["probability"] == attack[row].max()
        assert rung["control"]["p_original"] == control[row, 0]
        assert rung["control"]["top"]["index"] == control[row].argmax()


def test_it_is_plain_json():
    found = ladder([0, 9, 9], [0, 8, 7], target=10)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_the_top_is_sorted_and_ties_go_to_the_lower_index():
    found = top_classes(LABELS, np.array([0.1, 0.3, 0.1, 0.3, 0.2] + [0.0] * 7, np.float32), 4)
    assert [entry["index"] for entry in found] == [1, 3, 4, 0]
    assert found[0]["label"] == "class 1"
