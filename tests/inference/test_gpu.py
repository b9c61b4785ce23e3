"""CUDA against the CPU: run with `pytest -m gpu` where a GPU is at hand."""

import numpy as np
import pytest
import torch

from attacks.fgsm import gradient_sign
from inference.catalog.configuration import validate
from inference.evaluation.accuracy import evaluate
from inference.experiment.picture import attack, judge_steps
from inference.experiment.sweep import Step
from inference.networks.classifier import load
from inference.training.loop import train
from inference.training.versions import conclude
from tests.support.small import QUICK

pytestmark = pytest.mark.gpu

LEVELS = list(range(33))
NEAR_TIE = 2e-3  # a verdict may differ where the two likeliest classes are closer than this


@pytest.fixture(scope="module")
def on_cuda():
    return load("imagenet-lite0", device="cuda")


def test_probabilities_and_verdicts_agree_along_the_sweep(classifier, on_cuda, cat_png):
    made = attack(classifier, cat_png, "fgsm", {"epsilon": 2})
    for control in (False, True):
        steps = [Step(level, control) for level in LEVELS]
        cpu, cuda = (
            np.stack(list(judge_steps(one, cat_png, made.sign_png, steps, seed=0).values()))
            for one in (classifier, on_cuda)
        )
        assert np.abs(cpu - cuda).max() < 1e-3
        first, second = np.sort(cpu, axis=1)[:, -1], np.sort(cpu, axis=1)[:, -2]
        clear = first - second > NEAR_TIE
        assert clear.sum() > 16
        assert np.array_equal(cpu.argmax(axis=1)[clear], cuda.argmax(axis=1)[clear])


def test_an_attack_made_on_cuda_fools_the_cpu_too(classifier, on_cuda, cat_png):
    made = attack(on_cuda, cat_png, "fgsm", {"epsilon": 2})
    assert made.result.fooled and made.result.verified
    here = judge_steps(classifier, cat_png, made.sign_png, [Step(2)], seed=0)[Step(2)]
    assert here.argmax() == made.result.adversarial.top[0].index


def test_the_signs_agree_where_the_gradient_is_clear(classifier, on_cuda, cat):
    pixels = classifier.to_pixels(cat[None])
    held = pixels.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(classifier(held)[:, 285].sum(), held)
    clear = gradient.abs() > 1e-2 * gradient.abs().max()
    labels = torch.tensor([285])
    here = gradient_sign(classifier, pixels, labels).sign
    there = gradient_sign(on_cuda, pixels.cuda(), labels.cuda()).sign.cpu()
    assert (here == there)[clear].float().mean() > 0.999


def test_the_signs_are_the_same_in_every_run(on_cuda, cat):
    pixels = on_cuda.to_pixels(cat[None])
    one, other = (gradient_sign(on_cuda, pixels, None).sign for _ in range(2))
    assert (one == other).float().mean() > 0.9999


def test_out_of_memory_gives_the_same_answer_in_smaller_batches(on_cuda, cat):
    pictures = np.stack([cat] * 16)
    expected = on_cuda.probabilities(pictures)
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(min(1.0, (torch.cuda.memory_allocated() + 120e6) / total))
    try:
        assert np.abs(on_cuda.probabilities(pictures) - expected).max() < 1e-3
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def test_an_epoch_of_training_comes_to_about_the_same(few, tmp_path):
    """Sums are added up in another order, so the figures part slowly; dropout would draw from another generator."""
    config = validate(QUICK | {"epochs": 1, "shift": 2, "noise": 5})
    (here,) = train(config, few, folder=tmp_path / "cpu", device=torch.device("cpu"))
    (there,) = train(config, few, folder=tmp_path / "cuda", device=torch.device("cuda"))
    assert there.training_loss == pytest.approx(here.training_loss, rel=0.05)
    assert there.validation_error == pytest.approx(here.validation_error, abs=0.05)
    version = conclude(config, few, folder=tmp_path / "cuda", device=torch.device("cuda"))
    assert version.card["test"]["right"] == evaluate(load(version.folder, "cpu"), few.test).right


def test_a_training_on_cuda_leaves_the_callers_chance_alone_there_too(few, tmp_path):
    torch.cuda.manual_seed(5)
    expected = torch.rand(3, device="cuda")
    torch.cuda.manual_seed(5)
    config = validate(QUICK | {"epochs": 1, "dropout": 0.3})
    list(train(config, few, folder=tmp_path, device=torch.device("cuda")))
    assert torch.equal(torch.rand(3, device="cuda"), expected)
