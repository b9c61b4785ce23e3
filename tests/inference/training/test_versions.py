"""What a training leaves: a folder with weights and a card, and what is refused when it is loaded."""

import hashlib
import json
import pickle
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load as parsed
from safetensors.torch import save as to_bytes

from inference.catalog.configuration import validate
from inference.catalog.errors import BadWeights
from inference.catalog.protocols import Protocol
from inference.evaluation.accuracy import evaluate
from inference.networks import checkpoints
from inference.networks.classifier import load
from inference.training.loop import BEST, LAST, train
from inference.training.versions import conclude
from tests.support.small import QUICK, Canary

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def version(trained, tmp_path):
    """A copy of the trained version's folder, to spoil."""
    return Path(shutil.copytree(trained[3].folder, tmp_path / "version"))


# --- The card -----------------------------------------------------------------------------------------------------


def test_a_version_is_named_by_its_identity_and_serves_the_best_epoch(trained):
    _config, folder, epochs, version = trained
    data = (version.folder / "weights.safetensors").read_bytes()
    assert version.folder == folder / "versions" / version.identity
    assert hashlib.sha256(data).hexdigest() == version.sha256 == load(version.folder).sha256
    best = checkpoints.network_of(checkpoints.load(folder / BEST)[0])
    assert all(torch.equal(tensor, best[name]) for name, tensor in parsed(data).items())
    assert version.card["best_epoch"] == max(epoch.number for epoch in epochs if epoch.best)


def test_the_card_tells_everything_the_version_was_made_from(trained, few):
    config, _folder, epochs, version = trained
    card = json.loads((version.folder / "card.json").read_text(encoding="utf-8"))
    assert card == version.card
    assert card["network"] == "lenet" and card["options"]["pooling"] == "max"
    assert card["dataset"]["sha256"] == few.sha256 and card["dataset"]["slug"] == "mnist"
    assert card["dataset"]["training"] + card["dataset"]["validation"] == 600 and card["dataset"]["test"] == 200
    assert card["split"] == {"seed": config.seed, "validation_share": 0.2}
    assert [epoch["validation_loss"] for epoch in card["curves"]] == [epoch.validation_loss for epoch in epochs]
    assert set(card["made"]["libraries"]) >= {"torch", "numpy"} and card["made"]["threads"] >= 1
    assert len(card["made"]["commit"]) == 40 and card["made"]["seconds"] > 0 and card["made"]["date"]


def test_the_cards_figures_are_those_of_the_served_version(trained, few):
    _config, _folder, _epochs, version = trained
    served, test = load(version.folder, "cpu"), version.card["test"]
    assert test["right"] == evaluate(served, few.test).right and test["of"] == 200
    low, high = test["interval"]
    assert low < test["accuracy"] < high
    assert sum(map(sum, test["confusion"])) == 200
    assert sum(row[label] for label, row in enumerate(test["confusion"])) == test["right"]
    for name, steps in (("fgsm", 1), ("pgd", 20)):
        said = dict(test[name]["protocol"])
        text = said.pop("text")
        assert text == str(Protocol(**said))
        assert (said["steps"], said["epsilon"], said["pictures"]) == (steps, 20, 200)
        assert test[name]["right"] == evaluate(served, few.test, Protocol(**said)).right
    assert test["pgd"]["right"] <= test["fgsm"]["right"] <= test["right"]


def test_concluding_twice_gives_the_same_version_untouched(trained, few):
    config, folder, _epochs, version = trained
    before = (version.folder / "card.json").read_bytes()
    assert conclude(config, few, folder=folder) == version
    assert (version.folder / "card.json").read_bytes() == before
    assert [path.name for path in (folder / "versions").iterdir()] == [version.identity]


def test_a_card_that_was_not_finished_is_finished(trained, few, tmp_path):
    config, folder, _epochs, version = trained
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    card = copy / "versions" / version.identity / "card.json"
    half = {name: value for name, value in version.card.items() if name not in ("test", "made", "accuracy")}
    card.write_text(json.dumps(half), encoding="utf-8")
    again = conclude(config, few, folder=copy)
    assert again.sha256 == version.sha256 and again.card["test"] == version.card["test"]


# --- Stopped ------------------------------------------------------------------------------------------------------


def test_stopped_early_the_best_epoch_so_far_becomes_the_version(few, tmp_path):
    config = validate(QUICK | {"epochs": 50})
    for epoch in train(config, few, folder=tmp_path):
        if epoch.number == 2:
            break
    version = conclude(config, few, folder=tmp_path)
    assert len(version.card["curves"]) == 2 and version.card["config"]["epochs"] == 50
    assert load(version.folder).sha256 == version.sha256


def test_before_the_first_epoch_there_is_no_version(few, tmp_path):
    with pytest.raises(BadWeights, match="No epoch was finished"):
        conclude(validate(QUICK), few, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_killed_between_its_two_checkpoints_a_training_can_still_be_concluded(trained, few, tmp_path):
    """The best one is written first; the last one is an epoch behind, or not there at all."""
    config, folder, _epochs, before = trained
    shutil.copy(folder / BEST, tmp_path / BEST)
    version = conclude(config, few, folder=tmp_path)
    assert version.sha256 == before.sha256
    assert len(version.card["curves"]) == version.card["best_epoch"]


def test_weights_that_are_no_numbers_do_not_become_a_version(trained, few, tmp_path):
    config, folder, _epochs, _version = trained
    for name in (BEST, LAST):
        tensors, facts = checkpoints.load(folder / name)
        tensors["network.0.bias"][0] = torch.nan
        (tmp_path / name).write_bytes(to_bytes(tensors, metadata={"facts": json.dumps(facts)}))
    with pytest.raises(BadWeights, match="no numbers"):
        conclude(config, few, folder=tmp_path)
    assert not (tmp_path / "versions").exists()


# --- What is refused ----------------------------------------------------------------------------------------------


def rewritten(change):
    return lambda data: to_bytes(change(dict(parsed(data))))


SPOILT = {
    "truncated": (lambda data: data[: len(data) // 2], "not a whole safetensors file"),
    "empty": (lambda data: b"", "not a whole safetensors file"),
    "longer": (lambda data: data + b"more", "not a whole safetensors file"),
    "another shape": (rewritten(lambda state: state | {"0.bias": torch.zeros(7)}), r"shape \(7,\), not \(6,\)"),
    "another network": (rewritten(lambda state: {"w": torch.zeros(3)}), "have no pair"),
    "not a number": (rewritten(lambda state: state | {"0.bias": torch.full((6,), torch.nan)}), "no numbers"),
    "infinite": (rewritten(lambda state: state | {"0.bias": torch.full((6,), torch.inf)}), "no numbers"),
    "not safetensors": (lambda data: b"PK\x03\x04" + data, "not a whole safetensors file"),
}


@pytest.mark.parametrize("honest", [False, True], ids=["the card names the old file", "the card names this file"])
@pytest.mark.parametrize("name", SPOILT)
def test_weights_that_are_not_what_they_should_be_are_refused(version, name, honest):
    change, sentence = SPOILT[name]
    spoil(version, change((version / "weights.safetensors").read_bytes()), honest=honest)
    with pytest.raises(BadWeights, match=sentence if honest else "is not the file its card names"):
        load(version)


def spoil(version, data, *, honest):
    """Put these weights there; an honest card names them."""
    (version / "weights.safetensors").write_bytes(data)
    if honest:
        card = json.loads((version / "card.json").read_text(encoding="utf-8"))
        card["weights"]["sha256"] = hashlib.sha256(data).hexdigest()
        (version / "card.json").write_text(json.dumps(card), encoding="utf-8")


@pytest.mark.parametrize("honest", [False, True])
def test_a_pickle_is_refused_before_anyone_unpickles_it(version, tmp_path, honest):
    canary = tmp_path / "canary"
    data = pickle.dumps(Canary(canary))
    spoil(version, data, honest=honest)
    with pytest.raises(BadWeights):
        load(version)
    assert not canary.exists()
    pickle.loads(data)  # noqa: S301 - it is our own: the bird can sing
    assert canary.exists()


def test_missing_weights_are_told_of(version):
    (version / "weights.safetensors").unlink()
    with pytest.raises(BadWeights, match="is missing"):
        load(version)
