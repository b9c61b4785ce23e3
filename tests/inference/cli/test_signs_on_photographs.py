"""A network of drawn signs on GTSRB's photographs: those of the classes it knows, by their names.

The photographs cannot be had here. Their folder is made anew in its own format, with drawn signs for photographs.
"""

import json

import numpy as np
import pytest

from inference.__main__ import main
from inference.catalog.classifiers import card
from inference.catalog.datasets import GTSRB, SIGNS
from inference.data import torchvision
from tests.support.datasets import data_of
from tests.support.gtsrb import write_gtsrb

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def photographs(tmp_path, monkeypatch):
    """Two test pictures of each drawn class, and three of classes that are not drawn; how many there are."""
    monkeypatch.setenv("GIBBON_DATASETS", str(tmp_path))
    drawn, chance = data_of("signs").test[:32], np.random.default_rng(1)
    tests = [
        (GTSRB.labels.index(SIGNS.labels[label]), image.permute(1, 2, 0).numpy())
        for label, image in zip(drawn.labels.tolist(), drawn.images, strict=True)
    ]
    others = [GTSRB.labels.index(label) for label in ("Danger", "Wild animals", "Keep left")]
    tests += [(label, chance.integers(0, 256, (48, 48, 3), np.uint8)) for label in others]
    monkeypatch.setattr(torchvision, "SIGNS", write_gtsrb(tmp_path / GTSRB.folders[0], tests, chance))
    return len(tests)


@pytest.mark.walk
def test_only_what_it_knows_is_judged_and_that_is_said(photographs, capsys):
    assert photographs == 35
    options = ["--attack", "pgd", "--epsilon", "8", "--steps", "3", "--json"]
    assert main(["evaluate", "signs", "--dataset", "gtsrb", *options]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found["dataset"] == "gtsrb"
    assert found["clean"]["of"] == found["attacked"][0]["of"] == 32
    assert found["clean"]["right"] >= 28  # the very pictures that it names in its own test part
    assert found["attacked"][0]["right"] < found["clean"]["right"]
    name = card("signs")["name"]
    assert told.err.startswith(f"Of the 43 classes of {GTSRB.name} only the 16 that {name} knows are judged.")


def test_a_network_that_knows_more_than_the_dataset_is_refused(capsys):
    assert main(["evaluate", "imagenet-lite0", "--dataset", "signs"]) == 2
    assert "does not tell the classes of" in capsys.readouterr().err
