"""Whether figures under attack can be believed: of what comes with Gibbon yes, of a collapsed network no."""

import re

import pytest
import torch
from torch import nn

from attacks import ATTACKS
from inference.catalog.configuration import validate
from inference.catalog.datasets import MNIST
from inference.catalog.masking_checks import TITLES, Found
from inference.catalog.protocols import Protocol
from inference.data.base import Pictures
from inference.evaluation.accuracy import evaluate
from inference.evaluation.masking import run_checks
from inference.networks import checkpoints
from inference.networks.build import load_tensors
from inference.networks.classifier import load
from inference.training.model import build_trainee
from tests.support.datasets import data_of
from tests.support.paths import DATA
from tests.support.walks import first

CPU = torch.device("cpu")
COLLAPSED = DATA / "collapsed.safetensors"
FEW = 40


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
    return data_of("mnist").test[:FEW]


@pytest.fixture(scope="module")
def hundred() -> Pictures:
    return data_of("mnist").test[:100]


# What a network hides behind, and by which checks it is betrayed.
DEFENCES = {
    "sigmoid x200": (lambda pixels: torch.sigmoid(200 * (pixels - 0.5)), {"beats_smoothed"}),
    "3-bit rounding": (
        lambda pixels: torch.round(pixels * 7) / 7 + 0 * pixels,
        {"some_gradient", "unbounded", "beats_search"},
    ),
    "1-bit rounding": (lambda pixels: (pixels > 0.5).float() + 0 * pixels, {"some_gradient", "beats_search"}),
    "a sine ripple": (
        lambda pixels: pixels + 0.02 * torch.sin(120 * torch.pi * pixels),
        {"beats_fgsm", "beats_smoothed", "beats_search"},
    ),
    "gradients for a tenth of the pixels": (lambda pixels: Tenth.apply(pixels), {"beats_search"}),
}
ROUNDING = DEFENCES["3-bit rounding"][0]


class Tenth(torch.autograd.Function):
    """The pixels themselves, and the gradient of every tenth."""

    @staticmethod
    def forward(ctx, pixels):
        return pixels

    @staticmethod
    def backward(ctx, gradient):
        places = torch.arange(gradient[0].numel()).reshape(gradient.shape[1:])
        return gradient * (places % 10 == 0)


class Defended(nn.Module):
    """A network behind something that changes its pixels."""

    def __init__(self, network: nn.Module, change) -> None:
        super().__init__()
        self.network, self.change = network, change

    def forward(self, pixels):
        return self.network(self.change(pixels))


@pytest.fixture(scope="module")
def tiny() -> nn.Module:
    """One hidden layer that learnt from 6,000 pictures: 94 of the first 100 test pictures, and no defence."""
    training = data_of("mnist").training[:6000]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = nn.Sequential(nn.Flatten(), nn.Linear(784, 48), nn.ReLU(), nn.Linear(48, 10))
        optimiser = torch.optim.Adam(network.parameters(), lr=0.003)
        for chosen in [part for _ in range(4) for part in torch.randperm(6000).split(100)]:
            batch = training[chosen]
            optimiser.zero_grad()
            nn.functional.cross_entropy(network(batch.images.float() / 255), batch.labels).backward()
            optimiser.step()
    return network


def found(model: nn.Module, pictures: Pictures, *, epsilon: int = MNIST.epsilon, **more) -> Found:
    return run_checks(model, pictures, epsilon=epsilon, **more)


def failed(model: nn.Module, pictures: Pictures, **more) -> set[str]:
    return {check.name for check in found(model, pictures, **more).failed}


def test_networks_without_a_defence_pass_whatever_they_are_made_of(tiny, digits, hundred, pictures):
    assert failed(tiny, hundred) == set() and failed(digits, pictures) == set()


@pytest.mark.walk
def test_digits_hardened_passes_though_other_attacks_get_a_little_further(digits, hardened, pictures):
    assert failed(hardened, pictures[:20], source=digits) == set()


@pytest.mark.parametrize(("defence", "betrayed_by"), first(DEFENCES.values()), ids=DEFENCES)
def test_a_defence_that_masks_is_found_out(tiny, hundred, defence, betrayed_by):
    seen = found(Defended(tiny, defence), hundred)
    assert betrayed_by <= {check.name for check in seen.failed}
    flattered = next(check for check in seen.checks if check.name == "beats_search")
    assert flattered.params["left"] > 40  # of 94: the white box alone would be believed
    for check in seen.checks:
        assert check.name in TITLES and not re.search(r"%\(|(?<!\d\s)%", check.detail) and check.detail.endswith(".")


@pytest.mark.walk
def test_a_milder_sigmoid_is_found_out_by_the_gradient_through_a_blur(digits):
    """A search finds too little to fail it."""
    milder = Defended(digits, lambda pixels: torch.sigmoid(70 * (pixels - 0.5)))
    names = ["beats_search", "beats_smoothed"]
    assert failed(milder, data_of("mnist").test[200:280], names=names) == {"beats_smoothed"}


def test_a_collapsed_network_is_found_out(collapsed, pictures):
    """Nearly unbeaten by the step it was trained with."""
    assert failed(collapsed, pictures) == {"one_step"}
    assert evaluate(collapsed, pictures, Protocol("fgsm", MNIST.epsilon, FEW)).accuracy > 0.8
    assert evaluate(collapsed, pictures, Protocol("pgd", MNIST.epsilon, FEW, steps=20)).accuracy < 0.05


@pytest.mark.walk
def test_an_attack_with_too_few_starts_is_told(hardened):
    """At 90/255 five starts leave 34 of 60 right, one 43: the small protocol flatters."""
    check = found(hardened, data_of("mnist").test[:60], names=["more_starts"], epsilon=90).checks[0]
    assert check.state == "failed" and "from one start" in check.detail and "flatter" not in check.detail
    assert check.params["before"] - check.params["after"] >= 6


class Exactly(nn.Module):
    """No gradient anywhere; wrong about bright pictures where their first pixel is moved by 20/255, and by no less."""

    def __init__(self) -> None:
        super().__init__()
        self.nothing = nn.Parameter(torch.zeros(1))

    def forward(self, pixels):
        first, last = pixels[:, 0, 0, 0], pixels[:, 0, 1, 1]
        wrong = ((last > 0.5) & ((first - 200 / 255).abs() > 0.9999 * 20 / 255)).float()
        return torch.stack([1 - 2 * wrong, 0 * wrong], 1) + self.nothing * pixels.sum((1, 2, 3))[:, None]


STATES = {0: ("passed", "gain"), 5: ("passed", "gain"), 6: ("noted", "gain_told"), 25: ("noted", "gain_told")}


@pytest.mark.walk
@pytest.mark.parametrize("gain", [*STATES, 26])
def test_a_blunter_attack_beyond_one_point_is_told_and_beyond_five_the_gradient_is_distrusted(gain):
    """Random signs move every pixel by all of epsilon, PGD from a random start never quite: of 500 pictures."""
    images = torch.full((500, 1, 2, 2), 60, dtype=torch.uint8)
    images[:gain] = 200
    pictures = Pictures(images, torch.zeros(500, dtype=torch.long))
    (check,) = run_checks(Exactly(), pictures, epsilon=20, names=["beats_noise"]).checks
    assert (check.state, check.sentence) == STATES.get(gain, ("failed", "gain_large"))
    assert check.params == {"gain": gain, "left": 500, "of": 500}


def test_a_network_that_draws_at_random_is_told_first_and_alone(tiny, hundred):
    blurred = found(Defended(tiny, lambda pixels: pixels + 0.1 * torch.randn_like(pixels)), hundred)
    assert [(check.name, check.state) for check in blurred.checks] == [("same_answer_twice", "failed")]
    assert "many draws" in blurred.checks[0].detail
    assert blurred.not_run == tuple(name for name in TITLES if name not in ("same_answer_twice", "beats_transfer"))


def test_when_time_is_up_it_says_what_was_not_run(tiny, hundred):
    ticks = iter(range(10_000))
    some = found(tiny, hundred, seconds=60, clock=lambda: float(next(ticks)))
    names = [name for name in TITLES if name != "beats_transfer"]
    assert 0 < len(some.checks) < len(names)
    assert [check.name for check in some.checks] + list(some.not_run) == names


def test_another_networks_attack_is_tried_only_where_there_is_another(tiny, digits, hundred):
    assert "beats_transfer" not in {check.name for check in found(tiny, hundred).checks}
    assert found(tiny, hundred, source=digits).checks[-1].name == "beats_transfer"


@pytest.mark.parametrize(("epsilon", "level"), [(20, 191), (191, 191), (200, 200)])
def test_the_level_that_is_told_is_the_one_that_was_tried(epsilon, level):
    grey = Pictures(torch.full((4, 1, 2, 2), 60, dtype=torch.uint8), torch.zeros(4, dtype=torch.long))
    (check,) = run_checks(Exactly(), grey, epsilon=epsilon, names=["unbounded"]).checks
    assert check.detail == f"PGD at {level}/255 leaves 4 of 4 right."


def test_the_figure_falls_with_epsilon_and_begins_at_the_clean_one(digits, pictures):
    protocols = [Protocol("pgd", level, FEW, steps=5) for level in (0, 20, 40, 77)]
    accuracies = [evaluate(digits, pictures, protocol).accuracy for protocol in protocols]
    assert accuracies[0] == evaluate(digits, pictures).accuracy
    assert accuracies == sorted(accuracies, reverse=True) and accuracies[-1] < 0.1


def test_an_attack_that_nobody_knows_is_refused_and_noise_has_its_name():
    with pytest.raises(ValueError, match=f"known: {', '.join(ATTACKS)}, noise"):
        Protocol("nothing", 77, 10)
    assert str(Protocol("noise", 77, 10)) == "random signs (eps 77/255, 10 pictures, seed 0)"


def test_noise_is_of_full_strength_and_repeatable(digits, pictures):
    protocol = Protocol("noise", 200, FEW)
    assert evaluate(digits, pictures, protocol) == evaluate(digits, pictures, protocol)
    assert evaluate(digits, pictures, protocol).accuracy < evaluate(digits, pictures).accuracy
