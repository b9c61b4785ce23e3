"""Learning rate and strength of attacks as functions of how far a training is."""

from itertools import pairwise

import pytest
import torch

from inference.catalog.configuration import TrainingConfig
from inference.training.schedule import rate_at, strength_at


def rates(schedule):
    config = TrainingConfig(schedule=schedule, learning_rate=0.5)
    return [rate_at(config, done / 100) for done in range(101)]


def test_a_constant_rate_is_constant():
    assert set(rates("constant")) == {0.5}


def test_a_cosine_falls_from_the_top_to_nothing():
    seen = rates("cosine")
    assert seen[0] == 0.5 and seen[50] == pytest.approx(0.25) and seen[100] == pytest.approx(0, abs=1e-12)
    assert all(earlier > later for earlier, later in pairwise(seen))


def test_one_cycle_rises_for_three_tenths_and_falls_to_nothing():
    seen = rates("one-cycle")
    assert seen[0] == pytest.approx(0.5 / 25) and seen[30] == pytest.approx(0.5) == max(seen)
    assert seen[100] == pytest.approx(0, abs=1e-12)
    assert all(earlier < later for earlier, later in pairwise(seen[:31]))
    assert all(earlier > later for earlier, later in pairwise(seen[30:]))


def test_one_cycle_is_torchs():
    torchs = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    schedule = torch.optim.lr_scheduler.OneCycleLR(torchs, 0.5, total_steps=101, cycle_momentum=False)
    config = TrainingConfig(schedule="one-cycle", learning_rate=0.5)
    for done in range(100):
        # Torch counts the rise in whole steps, and ends at 1/10,000 of its beginning instead of at nothing.
        assert rate_at(config, done / 100) == pytest.approx(schedule.get_last_lr()[0], abs=0.02)
        torchs.step()
        schedule.step()


def test_the_strength_of_attacks_grows_over_the_warm_up():
    assert [strength_at(TrainingConfig(warmup=2), epochs) for epochs in (0, 0.5, 1, 2, 5)] == [0, 0.25, 0.5, 1, 1]
    assert strength_at(TrainingConfig(warmup=0), 0) == 1
