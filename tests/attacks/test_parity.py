"""The comparison with the libraries: what it keeps, and when it says that ours is worse."""

import json
from pathlib import Path

import pytest
import torch
from torch import Generator

from attacks import ATTACKS
from attacks.catalog import validate
from attacks.options import Limits
from benchmarks.parity.outcomes import OURS, code_version, outcome
from benchmarks.parity.pairs import PAIRS, PHOTO_PAIRS, Pair
from benchmarks.parity.verdicts import Line, holm
from inference.data.base import Pictures
from tests.support.networks import bent

SIZES = [1.0] * 200


def line(only_ours: int, only_theirs: int, both: int = 20) -> Line:
    rest = 200 - only_ours - only_theirs - both
    ours = [True] * (both + only_ours) + [False] * (only_theirs + rest)
    theirs = [True] * both + [False] * only_ours + [True] * only_theirs + [False] * rest
    return Line(ours, theirs, SIZES, SIZES, smallest=False)


def test_a_point_behind_is_allowed_more_is_not():
    assert line(0, 2).not_worse(1.0) and not line(0, 3).not_worse(1.0) and line(3, 5).not_worse(1.0)
    assert line(40, 0).not_worse(1e-9)  # better beyond chance is not worse


def test_behind_beyond_chance_is_worse_however_little():
    assert not line(0, 2).not_worse(0.01)


def test_the_smallest_change_is_judged_by_its_median_and_a_failure_is_no_small_change():
    def smallest(ours, theirs, our_hits=(True, True, True)):
        return Line(our_hits, (True,) * 3, ours, theirs, smallest=True)

    assert smallest([1.0, 1.02, 9.0], [1.0, 1.0, 1.0]).not_worse(1.0)
    assert not smallest([1.0, 1.03, 9.0], [1.0, 1.0, 1.0]).not_worse(1.0)
    assert not smallest([0.1, 0.1, 0.1], [1.0, 1.0, 1.0], (True, False, False)).not_worse(1.0)


def test_smallest_changes_are_compared_on_the_pictures_that_both_fool():
    line = Line((True,) * 3, (False, True, True), (9.0, 1.0, 2.0), (0.0, 1.0, 2.0), smallest=True)
    assert line.medians() == (1.5, 1.5) and line.not_worse(1.0)
    assert Line((True,), (False,), (1.0,), (0.0,), smallest=True).not_worse(1.0)
    assert not Line((False,), (True,), (0.0,), (1.0,), smallest=True).not_worse(1.0)


def test_p_values_are_corrected_for_their_number():
    """Holm's own procedure by hand: 4 × 0.01, 3 × 0.02, then 0.03 may not be below its forerunner."""
    assert holm([0.03, 0.01, 0.9, 0.02]) == pytest.approx([0.06, 0.04, 0.9, 0.06])
    assert holm([]) == []


def test_a_chunk_is_kept_and_made_again_only_under_other_conditions(tmp_path):
    model, asked = bent().eval(), []
    model.sha256 = "weights"
    pictures = Pictures(
        torch.randint(0, 256, (4, 1, 6, 6), dtype=torch.uint8, generator=Generator().manual_seed(0)), torch.arange(4)
    )

    def call(model, images, labels, budget):
        asked.append(budget)
        model(images)
        return images + 10 * budget  # far beyond: brought back before it counts

    pair = Pair({"steps": 2}, {"toy": 51}, {"torchattacks": call})
    first = outcome(tmp_path, "toy", "bim", pair, "torchattacks", 0, model, pictures)
    assert first["forwards"] == 4 and max(first["sizes"]) <= 0.2 + 1e-6 and len(first["fooled"]) == 4
    assert outcome(tmp_path, "toy", "bim", pair, "torchattacks", 0, model, pictures) == first and len(asked) == 1
    model.sha256 = "other weights"
    assert outcome(tmp_path, "toy", "bim", pair, "torchattacks", 0, model, pictures, only_kept=True) is None
    outcome(tmp_path, "toy", "bim", pair, "torchattacks", 0, model, pictures)
    assert asked == [0.2, 0.2]
    ours = outcome(tmp_path, "toy", "bim", pair, OURS, 0, model, pictures)
    assert ours["forwards"] <= 12 and ours["gradients"] <= 8
    assert json.loads((tmp_path / f"toy-bim-{OURS}-0.json").read_text())["conditions"]["budget"] == 51


def test_a_picture_for_which_a_library_has_no_numbers_counts_as_it_was(tmp_path):
    model = bent().eval()
    model.sha256 = "weights"
    images = torch.full((2, 1, 6, 6), 128, dtype=torch.uint8)
    named = model(images.float() / 255).argmax(1)

    def call(_model, given, _labels, _budget):
        return given.clone().index_fill_(0, torch.tensor([1]), torch.nan)

    made = outcome(
        tmp_path,
        "toy",
        "bim",
        Pair({}, {"toy": 51}, {"torchattacks": call}),
        "torchattacks",
        0,
        model,
        Pictures(images, named),
    )
    assert (made["fooled"], made["sizes"], made["no_numbers"]) == ([False] * 2, [0.0] * 2, 1)


@pytest.mark.parametrize(
    ("row", "pair"), [pytest.param(*one, id=one[0]) for rows in (PAIRS, PHOTO_PAIRS) for one in rows.items()]
)
def test_each_row_is_of_an_attack_and_of_options_that_it_has(row, pair):
    slug = pair.attack or row
    assert validate(slug, pair.options, Limits(classes=10, values=784)) and pair.libraries
    assert (pair.budgets is None) == (ATTACKS[slug].budget is None)


def test_what_is_kept_of_ours_belongs_to_the_code_that_it_was_computed_with(monkeypatch):
    read, real = [], Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or real(path))
    first = code_version("apgd-ce")
    assert {"apgd_ce.py", "apgd.py", "descent.py", "losses.py"} <= set(read) and "catalog.py" not in read
    monkeypatch.setattr(Path, "read_bytes", lambda path: real(path) + b"#" * (path.name == "losses.py"))
    assert code_version("apgd-ce") != first


def test_every_attack_that_a_library_has_too_is_compared_on_digits():
    alone = {"fgsm", "square", "one-pixel", "few-pixels", "jsma"}  # have benchmarks of their own, or tests
    assert {pair.attack or row for row, pair in PAIRS.items()} == set(ATTACKS) - alone
