"""Checkpoints: whole or not there, whatever happens to the process, the disk or the file."""

import json
import os
import pickle
import stat
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save as to_bytes
from torch import nn
from torch.optim import SGD, Adam

from inference.catalog.errors import BadWeights
from inference.networks import checkpoints
from tests.support.paths import ROOT
from tests.support.small import Canary, small_disk
from tests.support.walks import first


def stepped(optimiser, network):
    """A few steps on the same pictures, so that there is something to remember."""
    generator = torch.Generator().manual_seed(1)
    for _ in range(3):
        optimiser.zero_grad()
        network(torch.rand(4, 5, generator=generator)).square().sum().backward()
        optimiser.step()
    return network.weight.detach().clone()


OPTIMISERS = {
    "sgd": lambda weights: SGD(weights, lr=0.1),
    "momentum": lambda weights: SGD(weights, lr=0.1, momentum=0.9),
    "adam": lambda weights: Adam(weights, lr=0.1),
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_network_optimiser_and_facts_come_back_as_they_were(tmp_path, name):
    network, other = nn.Linear(5, 3), nn.Linear(5, 3)
    optimiser = OPTIMISERS[name](network.parameters())
    stepped(optimiser, network)
    checkpoints.save(tmp_path / "a.safetensors", network, optimiser, {"epochs": [{"loss": 0.25}]})

    tensors, facts = checkpoints.load(tmp_path / "a.safetensors")
    other.load_state_dict(checkpoints.network_of(tensors))
    again = OPTIMISERS[name](other.parameters())
    checkpoints.restore_optimiser(again, tensors)
    assert facts == {"epochs": [{"loss": 0.25}]}
    assert torch.equal(stepped(optimiser, network), stepped(again, other))


@pytest.mark.parametrize("kills", first([5, 50]))
def test_kill_9_during_saving_never_leaves_half_a_checkpoint(tmp_path, kills):
    argv = [sys.executable, "-m", "tests.support.killed_savings", tmp_path / "last.safetensors", str(kills)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert (told["unreadable"], told["mixed"]) == (0, 0)
    assert told["saved"] and list(tmp_path.glob(f"{checkpoints.DRAFT}*"))  # so kills did hit during and after

    checkpoints.remove_drafts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["last.safetensors"]


def test_a_full_disk_is_an_error_and_leaves_the_last_checkpoint_alone(tmp_path):
    path, network = tmp_path / "last.safetensors", nn.Linear(100, 100)
    checkpoints.save(path, network, None, {"epoch": 1})
    before = path.read_bytes()
    with small_disk(20_000), pytest.raises(OSError, match="too large"):
        checkpoints.save(path, network, None, {"epoch": 2})
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_others_may_read_what_was_written(tmp_path):
    checkpoints.write_atomically(tmp_path / "new" / "a.bin", b"content")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new" / "a.bin").stat().st_mode) == 0o666 & ~mask


def test_figures_that_are_no_numbers_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        checkpoints.save(tmp_path / "a.safetensors", nn.Linear(2, 2), None, {"loss": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_unpickled(tmp_path):
    canary = tmp_path / "canary"
    pickled = pickle.dumps(Canary(canary))
    (tmp_path / "a.safetensors").write_bytes(pickled)
    torch.save(Canary(canary), tmp_path / "b.safetensors")
    for name in ("a.safetensors", "b.safetensors"):
        with pytest.raises(BadWeights, match=f"{name} is not a whole checkpoint"):
            checkpoints.load(tmp_path / name)
        assert not canary.exists()
    pickle.loads(pickled)  # noqa: S301 - it is our own: the bird can sing
    assert canary.exists()


DAMAGE = {
    "truncated": lambda data: data[:-10],
    "empty": lambda data: b"",
    "a header that lies": lambda data: b"\xff" * 8 + data[8:],
    "without facts": lambda data: to_bytes({"network.weight": torch.zeros(2)}),
    "facts that are no JSON": lambda data: to_bytes({"w": torch.zeros(2)}, metadata={"facts": "{"}),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_checkpoint_is_told_of_in_a_sentence(tmp_path, name):
    path = tmp_path / "last.safetensors"
    checkpoints.save(path, nn.Linear(5, 3), None, {})
    path.write_bytes(DAMAGE[name](path.read_bytes()))
    with pytest.raises(BadWeights, match="is not a whole checkpoint"):
        checkpoints.load(path)


def test_where_there_is_none_there_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        checkpoints.load(tmp_path / "last.safetensors")
