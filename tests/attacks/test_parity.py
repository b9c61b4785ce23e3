"""The comparison with the libraries: what it keeps, and when it says that ours is worse."""

import json

import pytest
import torch
from torch import Generator

from attacks import ATTACKS
from benchmarks.parity.outcomes import OURS, outcome
from benchmarks.parity.pairs import PAIRS, Pair
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
    outcome(tmp_path, "toy", "bim", pair, "torchattacks", 0, model, pictures)
    assert asked == [0.2, 0.2]
    ours = outcome(tmp_path, "toy", "bim", pair, OURS, 0, model, pictures)
    assert ours["forwards"] <= 12 and ours["gradients"] <= 8
    assert json.loads((tmp_path / f"toy-bim-{OURS}-0.json").read_text())["conditions"]["budget"] == 51


@pytest.mark.parametrize("slug", PAIRS)
def test_each_row_is_of_an_attack_and_of_options_that_it_has(slug):
    record, pair = ATTACKS[slug], PAIRS[slug]
    assert set(pair.options) <= {option.name for option in record.options} and pair.libraries
    assert (pair.budgets is None) == (record.budget is None)
