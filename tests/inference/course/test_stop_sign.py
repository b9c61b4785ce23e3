"""The stop sign of the last lesson: what its pictures hold is what is said of them."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from inference.catalog.datasets import DATASETS
from inference.course import stop_sign
from inference.course.shipped import network
from inference.experiment.judging import judge


def pixels(told, name):
    return np.array(Image.open(io.BytesIO(base64.b64decode(told["pictures"][name]))).convert("RGB"))


@pytest.fixture(scope="module")
def told():
    return stop_sign.attacked()


def test_the_bytes_that_are_shown_are_judged_so_and_lie_within_the_budget(told):
    before, after = pixels(told, "before"), pixels(told, "after")
    assert before.shape == after.shape == (48, 48, 3)
    moved = np.abs(before.astype(int) - after)
    assert moved.max() == told["levels"] <= told["epsilon"] == 3
    assert told["share"] == pytest.approx(moved.any(axis=2).mean(), abs=1e-3)
    for name, shown in (("before", before), ("after", after)):
        probabilities, said = judge(network("signs"), shown), told["said"][name]
        assert probabilities.argmax() == said["index"]
        assert probabilities.max() == pytest.approx(said["probability"], abs=1e-5)


def test_three_levels_break_it_and_chance_does_not(told):
    labels = DATASETS["signs"].labels
    assert [labels[told["said"][name]["index"]] for name in ("before", "after", "control")] == [
        "Stop",
        "Pedestrians",
        "Stop",
    ]
    assert told["fooled"]


@pytest.mark.parametrize(("epsilon", "label"), [(8, "Stop"), (16, "Road works")])
def test_the_hardened_network_gives_way_later(epsilon, label):
    told = stop_sign.attacked(hardened=True, epsilon=epsilon)
    assert told["said"]["after"]["label"] == label
    assert told["fooled"] == (label != "Stop")
