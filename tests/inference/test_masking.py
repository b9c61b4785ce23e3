"""Whether figures under attack can be believed: of what comes with Gibbon yes, of a collapsed network no."""

from pathlib import Path

import pytest
import torch
from torch import nn

from inference import checkpoints
from inference.catalog_datasets import MNIST
from inference.classifier import load
from inference.configuration import validate
from inference.data import Pictures, load_data
from inference.evaluate import Protocol, epsilon_curve, evaluate
from inference.masking import checks
from inference.networks import load_tensors
from inference.trainee import build_trainee

CPU = torch.device("cpu")
COLLAPSED = Path(__file__).parents[1] / "data" / "collapsed.safetensors"
FEW = 40
ALL = {
    "pgd_beats_fgsm",
    "one_step_tells",
    "more_steps_never_weaker",
    "unbounded_breaks",
    "beats_search",
    "noise_far_weaker",
    "beats_transfer",
    "one_step_beats_transfer",
}


@pytest.fixture(scope="module")
def digits():
    return load("digits", CPU)


@pytest.fixture(scope="module")
def hardened():
    return load("digits-hardened", CPU)


@pytest.fixture(scope="module")
def collapsed() -> nn.Module:
    """Trained by one step without random start; `benchmarks.recorded_runs mnist-collapse --write` makes it anew."""
    tensors, facts = checkpoints.load(COLLAPSED)
    trainee = build_trainee(validate(facts["config"]), MNIST, CPU)
    load_tensors(trainee.network, checkpoints.network_of(tensors))
    return trainee.model


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return load_data("mnist").test[:FEW]


def failed(model: nn.Module, pictures: Pictures, source: nn.Module) -> dict[str, str]:
    found = checks(model, pictures, epsilon=MNIST.epsilon, source=source)
    assert {check.name for check in found} == ALL
    return {check.name: check.detail for check in found if not check.passed}


def test_digits_hides_nothing(digits, hardened, pictures):
    assert failed(digits, pictures, hardened) == {}


def test_digits_hardened_hides_nothing(digits, hardened, pictures):
    assert failed(hardened, pictures, digits) == {}


def test_a_collapsed_network_is_found_out(digits, collapsed, pictures):
    """Nearly unbeaten by the step it was trained with, though another network's attack gets through."""
    found = failed(collapsed, pictures, digits)
    assert set(found) == {"one_step_tells", "one_step_beats_transfer"}
    assert evaluate(collapsed, pictures, Protocol("fgsm", MNIST.epsilon, FEW)).accuracy > 0.8
    assert evaluate(collapsed, pictures, Protocol("pgd", MNIST.epsilon, FEW, steps=20)).accuracy < 0.05


class Vanishing(nn.Module):
    """A network whose answers are the same and whose gradient is nothing: the crudest way to hide."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels):
        return self.network(pixels.detach()) + 0 * pixels.sum()


def test_a_network_without_gradients_is_found_out(digits, hardened, pictures):
    found = failed(Vanishing(digits), pictures, hardened)
    assert {"unbounded_breaks", "beats_search"} <= set(found)
    assert "queries without gradient" in found["beats_search"]


def test_without_another_model_nothing_is_transferred(digits, pictures):
    names = {check.name for check in checks(digits, pictures[:10], epsilon=MNIST.epsilon)}
    assert ALL - names == {"beats_transfer", "one_step_beats_transfer"}


def test_a_curve_over_epsilon_falls_and_begins_at_the_clean_figure(digits, pictures):
    protocol = Protocol("pgd", 1, FEW, steps=5)
    curve = epsilon_curve(digits, pictures, (0, 20, 40, 77), protocol)
    accuracies = [measured.accuracy for _level, measured in curve]
    assert [level for level, _measured in curve] == [0, 20, 40, 77]
    assert accuracies[0] == evaluate(digits, pictures).accuracy
    assert accuracies == sorted(accuracies, reverse=True) and accuracies[-1] < 0.1


def test_an_attack_that_nobody_knows_is_refused_and_noise_has_its_name():
    with pytest.raises(ValueError, match="known: fgsm, pgd, noise"):
        Protocol("square", 77, 10)
    assert str(Protocol("noise", 77, 10)) == "random signs (eps 77/255, 10 pictures, seed 0)"


def test_noise_is_of_full_strength_and_repeatable(digits, pictures):
    protocol = Protocol("noise", 200, FEW)
    assert evaluate(digits, pictures, protocol) == evaluate(digits, pictures, protocol)
    assert evaluate(digits, pictures, protocol).accuracy < evaluate(digits, pictures).accuracy
