"""What a training came to, in words: right on recorded trainings, and on the cases between."""

import json
from dataclasses import replace

import pytest

from inference.catalog.classifiers import card
from inference.catalog.configuration import TrainingConfig, validate
from inference.catalog.datasets import DATASETS
from inference.catalog.diagnosis import ADVICE, NAMES, REASONS, verdict
from inference.training.recipes import RECIPES
from tests.support.paths import DATA

RUNS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (DATA / "runs").glob("*.json")}
HARDENING = TrainingConfig(adversarial="pgd", warmup=2)


def config_of(run):
    """Two of the datasets were made for the recording, and are declared nowhere."""
    slug = run["config"]["dataset"]
    return validate(run["config"], datasets={slug: DATASETS["cifar10"], **DATASETS})


def epochs(*changes, **steady):
    """Figures of as many epochs as there are changes: a good fit but for what is said."""
    usual = {"training_loss": 0.1, "training_error": 0.02, "validation_loss": 0.1, "validation_error": 0.025}
    usual |= {"fgsm_accuracy": 0.95, "pgd_accuracy": 0.92} | steady
    return [{"number": number} | usual | change for number, change in enumerate(changes, start=1)]


@pytest.mark.parametrize("name", RUNS)
def test_it_is_right_on_the_recorded_trainings(name):
    run = RUNS[name]
    assert verdict(run["epochs"], config_of(run), classes=run.get("classes")).code == run["meant"]


def test_four_trainings_were_recorded_of_each_of_two_datasets_and_some_of_colour_pictures():
    """Fashion-MNIST and the colour pictures had no say in the thresholds."""
    recorded = {(run["config"]["dataset"], run["meant"]) for run in RUNS.values()}
    meant = ("collapse", "good_fit", "overfitting", "underfitting")
    assert recorded >= {(dataset, code) for dataset in ("fashion-mnist", "mnist") for code in meant}
    assert {dataset for dataset, _meant in recorded} == {"fashion-mnist", "mnist", "textures", "tinted"}


def test_what_comes_with_gibbon_is_a_good_fit():
    for slug, recipe in RECIPES.items():
        assert verdict(card(slug)["curves"], recipe.config).code == "good_fit"


def test_one_epoch_is_too_early():
    assert verdict(RUNS["mnist-good_fit"]["epochs"][:1], TrainingConfig()).code == "too_early"
    assert verdict([], TrainingConfig()).code == "too_early"


def test_after_one_epoch_nobody_is_told_to_wait_for_one_that_may_never_come():
    told = verdict(RUNS["mnist-good_fit"]["epochs"][:1], TrainingConfig(epochs=1))
    assert "second epoch" in str(told.advice) and "wait" not in str(told.advice).lower()


def test_errors_near_guessing_are_not_learning_and_zeros_are_named_as_the_cause():
    stuck = epochs({}, {}, training_error=0.899, validation_error=0.893)
    found = verdict(stuck, TrainingConfig(initialisation="zeros"))
    assert found.code == "not_learning" and "all zero" in str(found.advice)
    assert "89.3 %" in str(found.reason) and "90.0 %" in str(found.reason)
    assert "learning rate" in str(verdict(stuck, TrainingConfig()).advice)


def test_guessing_depends_on_the_number_of_classes():
    halves = epochs({}, {}, training_error=0.45, validation_error=0.45)
    assert verdict(halves, TrainingConfig(), classes=2).code == "not_learning"
    assert verdict(halves, TrainingConfig()).code == "underfitting"


def test_a_gap_between_few_errors_is_no_overfitting():
    assert verdict(epochs({}, {}, training_error=0.0, validation_error=0.02), TrainingConfig()).code == "good_fit"


def test_no_errors_on_what_is_known_and_five_in_a_hundred_on_the_rest_are_not_nearly_the_same():
    found = verdict(epochs({}, {}, training_error=0.0, validation_error=0.049), TrainingConfig())
    assert found.code == "overfitting" and "0.0 %" in str(found.reason) and "4.9 %" in str(found.reason)


def test_the_same_gap_weighs_more_where_guessing_errs_less():
    gap = epochs({}, {}, training_error=0.0, validation_error=0.03)
    assert verdict(gap, TrainingConfig(), classes=10).code == "good_fit"
    assert verdict(gap, TrainingConfig(), classes=2).code == "overfitting"


def test_a_good_fit_tells_its_figures_beside_those_of_guessing():
    found = verdict(epochs({}, {}), TrainingConfig(), classes=4)
    assert "2.0 %" in str(found.reason) and "with 4 classes guessing is wrong on 75.0 %" in str(found.reason)


@pytest.mark.parametrize(
    ("figures", "network", "blamed"),
    [
        ({"training_error": 0.69, "validation_error": 0.71}, "lenet", True),
        ({"training_error": 0.0, "validation_error": 0.4}, "lenet", True),
        ({"training_error": 0.0, "validation_error": 0.4}, "tf_efficientnet_lite0", True),
        ({}, "lenet", False),
    ],
)
def test_few_pictures_are_named_before_anything_else_is_blamed(figures, network, blamed):
    config = TrainingConfig(network=network)
    few = verdict(epochs({}, {}, **figures), config, classes=5, pictures=120).few
    assert bool(few) is blamed
    if few:
        assert "only 120 pictures, about 24 of a class" in str(few)
        assert ("only the last layer" in str(few)) is (network == "lenet")
    assert verdict(epochs({}, {}, **figures), config, classes=5, pictures=5_000).few is None
    assert verdict(epochs({}, {}, **figures), config, classes=5).few is None


def test_zeros_are_the_cause_however_few_the_pictures():
    stuck = epochs({}, {}, training_error=0.9, validation_error=0.9)
    assert verdict(stuck, TrainingConfig(initialisation="zeros"), pictures=50).few is None


def test_a_loss_that_rises_again_while_training_goes_on_is_overfitting():
    turned = epochs({}, {"training_loss": 0.05, "validation_loss": 0.14}, training_error=0.0)
    found = verdict(turned, TrainingConfig())
    assert found.code == "overfitting" and "epoch 1 (0.1)" in str(found.reason) and "0.14" in str(found.reason)
    jumped = epochs({}, {"training_loss": 0.2, "validation_loss": 0.14}, training_error=0.0)
    assert verdict(jumped, TrainingConfig()).code == "good_fit"  # both rose: a bad epoch, nothing remembered


def test_losses_still_falling_ask_for_more_epochs():
    falling = epochs({"training_loss": 0.5, "validation_loss": 0.4}, {"training_loss": 0.4, "validation_loss": 0.3})
    many = [epoch | {"training_error": 0.08, "validation_error": 0.07} for epoch in falling]
    assert "more epochs" in str(verdict(many, TrainingConfig()).advice)
    assert verdict(falling, TrainingConfig()).code == "good_fit"  # nothing much is left to gain


def test_dropout_alone_is_no_underfitting():
    assert verdict(epochs({}, {}, training_error=0.3), TrainingConfig(dropout=0.5)).code == "good_fit"


def test_attacked_pictures_that_are_not_learnt_are_underfitting():
    found = verdict(epochs({}, {}, {}, training_error=0.7, pgd_accuracy=0.2, fgsm_accuracy=0.25), HARDENING)
    assert found.code == "underfitting" and "attacked pictures" in str(found.reason)
    assert "smaller ε" not in str(found.advice)


def test_ordinary_adversarial_training_of_colour_pictures_is_no_underfitting():
    """CIFAR-10 at 8/255 as the field trains it: judged by its own errors under attack, not by those of digits."""
    usual = {"training_error": 0.42, "validation_error": 0.18, "fgsm_accuracy": 0.57, "pgd_accuracy": 0.52}
    found = verdict(epochs({}, {}, {}, **usual), HARDENING)
    assert found.code == "good_fit" and "42.0 %" in str(found.reason) and "48.0 % under PGD-10" in str(found.reason)


def test_errors_under_attack_far_above_those_on_attacked_training_pictures_are_robust_overfitting():
    """Where CIFAR-10 ends when nobody stops it (arXiv 2002.11569)."""
    late = {"training_error": 0.1, "validation_error": 0.15, "fgsm_accuracy": 0.54, "pgd_accuracy": 0.47}
    found = verdict(epochs({}, {}, {}, **late), HARDENING)
    assert found.code == "robust_overfitting" and "Stop early" in str(found.advice)
    assert "10.0 %" in str(found.reason) and "53.0 %" in str(found.reason)


@pytest.mark.parametrize("adversarial", ["pgd", "one-step", "off"])
@pytest.mark.parametrize("pgd", [0.5, 0.0])
def test_fgsm_far_above_pgd_is_always_warned_of(adversarial, pgd):
    found = verdict(
        epochs({}, {}, {}, fgsm_accuracy=0.95, pgd_accuracy=pgd), replace(HARDENING, adversarial=adversarial)
    )
    assert found.code == "collapse" and "consistent with" in str(found.reason) and "hide" not in str(found.reason)
    assert ("catastrophic overfitting" in str(found.reason)) is (adversarial != "off")


def test_fgsm_far_above_pgd_is_warned_of_at_any_accuracy():
    low = epochs({}, {}, {}, training_error=0.5, validation_error=0.4, fgsm_accuracy=0.35, pgd_accuracy=0.1)
    assert verdict(low, HARDENING).code == "collapse"


def test_accuracy_under_pgd_that_falls_while_that_under_fgsm_stays_is_a_collapse():
    fallen = epochs({}, {}, {}, {"pgd_accuracy": 0.6})
    assert verdict(fallen, HARDENING).code == "collapse"
    assert "several steps" in str(verdict(fallen, TrainingConfig(adversarial="one-step", warmup=2)).advice)
    both = epochs({}, {}, {}, {"pgd_accuracy": 0.6, "fgsm_accuracy": 0.7})
    assert verdict(both, HARDENING).code == "robust_overfitting"


def test_an_attack_that_still_grows_is_no_collapse():
    assert verdict(epochs({}, {"pgd_accuracy": 0.2}), HARDENING).code == "good_fit"


def test_an_ordinary_training_that_no_attack_spares_is_a_good_fit():
    for fgsm, pgd in ((0.3, 0.0), (0.0, 0.0), (0.9, 0.8)):
        assert verdict(epochs({}, {}, {}, fgsm_accuracy=fgsm, pgd_accuracy=pgd), TrainingConfig()).code == "good_fit"


def test_accuracy_under_pgd_that_turns_while_training_goes_on_is_robust_overfitting():
    turned = epochs({}, {}, {}, {"pgd_accuracy": 0.8, "fgsm_accuracy": 0.84, "training_loss": 0.05})
    found = verdict(turned, HARDENING)
    assert found.code == "robust_overfitting" and "at best 92.0 %, in epoch 3" in str(found.reason)
    assert "Stop early" in str(found.advice)
    chance = replace(HARDENING, robust_pictures=5)  # one picture of five is no fall
    assert verdict(turned, chance).code == "good_fit"


def test_where_no_picture_was_attacked_the_rest_is_judged():
    unmeasured = epochs({}, {}, {}, fgsm_accuracy=None, pgd_accuracy=None)
    assert verdict(unmeasured, HARDENING).code == "good_fit"


def test_every_sentence_is_reached_by_some_training_and_every_name_is_used():
    """A template without its values raises; one that nothing says is a dead word on the translators' list."""
    cases = [
        (epochs({}), TrainingConfig()),
        (epochs({}, {}, training_error=0.9, validation_error=0.9), TrainingConfig()),
        (epochs({}, {}, training_error=0.9, validation_error=0.9), TrainingConfig(initialisation="zeros")),
        (epochs({}, {"training_loss": 0.05, "validation_loss": 0.2}, training_error=0.0), TrainingConfig()),
        (epochs({}, {}, {}, training_error=0.7), HARDENING),
        (epochs({}, {}, {}), HARDENING),
        (epochs({}, {}, {}, training_error=0.1, pgd_accuracy=0.47, fgsm_accuracy=0.54), HARDENING),
        (epochs({}, {}, pgd_accuracy=0.0), TrainingConfig()),
        (epochs({}, {}, {}, {"pgd_accuracy": 0.6}), HARDENING),
        (epochs({}, {}, {}, {"pgd_accuracy": 0.6}), replace(HARDENING, adversarial="one-step")),
        (epochs({}, {}, {}, {"pgd_accuracy": 0.8, "fgsm_accuracy": 0.8, "training_loss": 0.05}), HARDENING),
    ]
    found = [verdict(run["epochs"], config_of(run), classes=run.get("classes")) for run in RUNS.values()]
    found += [verdict(figures, config) for figures, config in cases]
    assert {each.code for each in found} == set(NAMES)
    assert {each.reason.message for each in found} == set(REASONS.values())
    assert {each.advice.message for each in found} == set(ADVICE.values())
    assert all(str(each.reason) and "%(" not in str(each.reason) + str(each.advice) for each in found)
