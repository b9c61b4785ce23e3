"""What jobs compute: predictions, attacks, levels and sweeps, on real pictures and the real network."""

import copy
import dataclasses
import hashlib
import json

import numpy as np
import pytest
import torch
from torch import nn

from attacks.options import OptionError
from inference.catalog.classifiers import card
from inference.catalog.results import Truth
from inference.experiment import noise
from inference.experiment.distances import linf
from inference.experiment.judging import judge
from inference.experiment.picture import attack, judge_point, judge_steps, predict
from inference.experiment.sweep import Step, steps_of
from inference.images import canonicalise, pixels
from inference.networks.classifier import Classifier


@pytest.fixture(scope="module")
def made(classifier, cat_png):
    return attack(classifier, cat_png, "fgsm", {"epsilon": 2})


class Stripes(nn.Module):
    """A linear digit network whose classes are the sums of ten bands of rows."""

    def forward(self, seen):
        return (seen + 1).flatten(1)[:, :780].view(len(seen), 10, 78).sum(dim=2)


@pytest.fixture
def digits():
    """A classifier of grey 28 x 28 pictures with a linear network."""
    facts = card("imagenet-lite0") | {"labels": list("0123456789"), "levels": 128, "input_size": 28}
    return Classifier(Stripes(), facts | {"preparation": "digit"}, torch.device("cpu"))


@pytest.fixture
def digit():
    picture = np.zeros((28, 28, 1), np.uint8)
    picture[5:23, 12:16] = np.random.default_rng(0).integers(100, 256, (18, 4, 1))
    return picture


def test_a_prediction_names_ten_classes_likeliest_first(classifier, cat_png):
    top = predict(classifier, cat_png).top
    assert len(top) == 10 and len({entry.index for entry in top}) == 10
    assert [entry.probability for entry in top] == sorted((e.probability for e in top), reverse=True)
    assert all(entry.label == classifier.labels[entry.index] for entry in top)


def test_the_attack_starts_from_what_the_prediction_says(classifier, cat_png, made):
    predicted = predict(classifier, cat_png).top
    assert [entry.index for entry in made.result.original.top] == [entry.index for entry in predicted]
    assert made.result.original.top[0].probability == pytest.approx(predicted[0].probability, abs=1e-5)
    assert made.result.label_from == made.result.original.top[0]


def test_the_verdict_is_that_of_the_uploaded_file(classifier, made):
    uploaded = canonicalise(made.png, "photo")
    assert predict(classifier, uploaded.png).top == made.result.adversarial.top
    assert made.result.fooled and made.result.adversarial.top[0].index != made.result.label_from.index
    assert made.result.verified and made.result.reached is None and made.result.target is None


def test_the_saved_picture_is_the_step_and_its_numbers_are_right(classifier, cat, made):
    sign, attacked = pixels.read_sign(made.sign_png, 3), pixels.read(made.png)
    assert np.array_equal(attacked, pixels.step(cat, sign, 2))
    change = (attacked.astype(int) - cat)[:, 75:375]
    assert made.result.distances.linf_levels == np.abs(change).max() == 2
    assert made.result.distances.l2 == pytest.approx(np.linalg.norm(change / 255))
    assert (
        made.result.distances.changed_pixels == (change != 0).any(axis=2).sum()
        and made.result.distances.attacked_pixels == 300 * 300
    )
    assert 0.9 < made.result.distances.ssim < 1
    assert (
        made.result.distances.attacked_values == 3 * 300 * 300
        and made.result.flat_from == (int(cat[:, 75:375].max()) - int(cat.min())) // 2
    )
    assert made.result.zero_gradient_share == (sign[:, 75:375] == 0).all(axis=2).mean()


def test_blocks_of_noise_are_as_long_as_the_attack_and_arrive_weaker(classifier, cat, made):
    moved = pixels.step(cat, noise.drawn_for(classifier, cat, "signs", 0), 2)
    assert made.result.control.l2 == pytest.approx(np.linalg.norm((moved.astype(int) - cat) / 255))
    assert made.result.control.l2 == pytest.approx(made.result.distances.l2, rel=0.02)
    assert 0.7 < made.result.control.reach < 1


def test_outside_the_seen_square_nothing_changes(cat, made):
    sign, attacked = pixels.read_sign(made.sign_png, 3), pixels.read(made.png)
    outside = np.ones(cat.shape[:2], bool)
    outside[:, 75:375] = False
    assert (sign[outside] == 0).all() and np.array_equal(attacked[outside], cat[outside])
    assert (sign[~outside] != 0).mean() > 0.99


def test_the_sign_map_does_not_depend_on_epsilon(classifier, cat_png, made):
    assert attack(classifier, cat_png, "fgsm", {"epsilon": 9}).sign_png == made.sign_png


def test_a_level_is_the_attack_at_that_epsilon(classifier, cat_png, made):
    for k in (2, 5):
        whole = made if k == 2 else attack(classifier, cat_png, "fgsm", {"epsilon": k})
        level = judge_point(classifier, cat_png, made.sign_png, "fgsm", k)
        assert level.png == whole.png and level.result.sha256 == hashlib.sha256(level.png).hexdigest()
        assert (
            level.result.top == whole.result.adversarial.top
            and level.result.verified
            and level.result.distances.linf_levels == k
        )


def test_level_zero_is_the_picture_itself(classifier, cat, cat_png, made):
    level = judge_point(classifier, cat_png, made.sign_png, "fgsm", 0)
    assert np.array_equal(pixels.read(level.png), cat)
    assert (level.result.distances.linf_levels, level.result.verified) == (0, True)
    assert level.result.top[0].index == made.result.label_from.index


@pytest.mark.parametrize("k", [-1, 33, 2.0, True, None, "2"])
def test_a_level_that_is_not_declared_is_refused(classifier, cat_png, made, k):
    with pytest.raises(OptionError, match="epsilon must be a whole number from 0 to 32"):
        judge_point(classifier, cat_png, made.sign_png, "fgsm", k)


def test_a_sweep_in_chunks_is_the_sweep_in_one_pass(classifier, cat_png, made):
    steps = [Step(level, control) for level in (0, 1, 2, 5, 8, 13, 21, 32) for control in (False, True)]
    whole = judge_steps(classifier, cat_png, made.sign_png, steps, seed=3)
    parts = [judge_steps(classifier, cat_png, made.sign_png, part, seed=3) for part in (steps[:3], steps[3:])]
    together = parts[0] | parts[1]
    assert list(whole) == list(together) == steps
    for step, row in whole.items():
        assert row.shape == (1000,) and row.dtype == np.float32
        assert np.abs(row - together[step]).max() < 1e-5 and row.argmax() == together[step].argmax()


def test_the_sweep_agrees_with_single_verdicts_and_the_attacks_control(classifier, cat_png, made):
    steps = [Step(0), Step(2), Step(2, control=True), Step(0, control=True)]
    own, attacked, control, same = judge_steps(classifier, cat_png, made.sign_png, steps, seed=0).values()
    for row, top in (
        (own, made.result.original.top),
        (attacked, made.result.adversarial.top),
        (control, made.result.control.top),
    ):
        assert row.argmax() == top[0].index
        assert row[[entry.index for entry in top]] == pytest.approx([e.probability for e in top], abs=1e-5)
    assert np.allclose(own, same, atol=1e-5)
    assert np.allclose(own, made.original, atol=1e-5) and np.allclose(attacked, made.probabilities, atol=1e-5)


def test_the_control_has_the_attacks_support_budget_and_one_draw_for_all_levels(classifier, cat):
    sign = noise.drawn_for(classifier, cat, "signs", 5)
    assert (sign[:, :75] == 0).all() and (sign[:, 375:] == 0).all()
    assert (np.abs(sign[:, 75:375]) == 1).all()
    assert np.array_equal(sign, noise.drawn_for(classifier, cat, "signs", 5))
    assert not np.array_equal(sign, noise.drawn_for(classifier, cat, "signs", 6))


def test_the_first_of_many_draws_is_the_control_and_another_seed_draws_others(classifier, cat_png, made):
    drawn = noise.judge_draws(classifier, cat_png, 2, range(5))
    assert drawn[0] == made.result.control.top[0].index
    assert drawn[1:] == noise.judge_draws(classifier, cat_png, 2, range(1, 5))


def test_the_seed_changes_the_control_and_nothing_else(classifier, cat_png, made):
    other = attack(classifier, cat_png, "fgsm", {"epsilon": 2, "seed": 11})
    assert other.png == made.png and other.result.control.top != made.result.control.top
    assert (
        attack(classifier, cat_png, "fgsm", {"epsilon": 2, "seed": 11}).result.control.top == other.result.control.top
    )


def test_a_targeted_attack_goes_for_the_runner_up(classifier, cat_png, made):
    runner_up = made.result.original.top[1]
    aimed = attack(classifier, cat_png, "fgsm", {"epsilon": 4, "target": runner_up.index})
    assert aimed.result.reached and aimed.result.fooled and aimed.result.adversarial.top[0].index == runner_up.index
    assert aimed.result.target.label == runner_up.label
    assert aimed.result.target.probability > runner_up.probability
    assert aimed.result.label_from == made.result.label_from


def test_a_target_out_of_reach_is_told_apart_from_leaving_the_class(classifier, cat_png):
    aimed = attack(classifier, cat_png, "fgsm", {"epsilon": 2, "target": 817})
    assert aimed.result.reached is False
    assert (aimed.result.target.index, aimed.result.target.label) == (817, "sports car")
    assert aimed.result.state == "failed" and aimed.result.fooled


def test_a_target_that_is_already_the_answer_is_a_sentence(classifier, cat_png, made):
    with pytest.raises(OptionError, match="already says Egyptian cat") as refusal:
        attack(classifier, cat_png, "fgsm", {"epsilon": 2, "target": made.result.label_from.index})
    assert refusal.value.field == "target"


@pytest.mark.parametrize("params", [{"epsilon": 33}, {"epsilon": True}, {"epsilon": 2, "steps": 3}])
def test_wrong_parameters_are_refused_before_any_work(classifier, cat_png, params):
    steps = []
    with pytest.raises(OptionError):
        attack(classifier, cat_png, "fgsm", params, on_step=lambda *step: steps.append(step))
    assert not steps


def test_progress_is_told_and_may_stop_the_work(classifier, cat_png):
    steps = []
    attack(classifier, cat_png, "fgsm", {"epsilon": 1}, on_step=lambda *step: steps.append(step))
    assert [step[:2] for step in steps] == [(0, 4), (1, 4), (2, 4), (3, 4)] and all(step[2] for step in steps)

    def stop(done, total, text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attack(classifier, cat_png, "fgsm", {"epsilon": 1}, on_step=stop)


def test_saturated_pixels_stay_within_range(classifier):
    picture = np.random.default_rng(0).choice(np.array([0, 255], np.uint8), (64, 64, 3))
    made = attack(classifier, pixels.write(picture), "fgsm", {"epsilon": 32})
    attacked = pixels.read(made.png)
    assert made.result.verified and 0 < made.result.distances.changed_pixels <= made.result.distances.attacked_pixels
    unchanged = attacked == picture
    sign = pixels.read_sign(made.sign_png, 3)
    assert np.array_equal(unchanged, (sign == 0) | ((picture == 255) & (sign > 0)) | ((picture == 0) & (sign < 0)))


@pytest.mark.parametrize("shape", [(8, 300, 3), (300, 9, 3), (8, 8, 3), (225, 225, 3), (768, 500, 3)])
def test_any_size_is_attacked(classifier, shape):
    picture = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    made = attack(classifier, pixels.write(picture), "fgsm", {"epsilon": 4})
    assert (
        made.result.verified
        and made.result.distances.linf_levels == 4
        and made.result.distances.attacked_pixels == min(shape[:2]) ** 2
    )
    assert -1 <= made.result.distances.ssim < 1


def test_where_the_gradient_vanishes_it_says_so_and_changes_nothing(classifier, cat, cat_png):
    """The real network, whose last layer hears nothing any more."""
    deaf = copy.deepcopy(classifier)
    deaf.network.network.classifier.weight.zero_()
    made = attack(deaf, cat_png, "fgsm", {"epsilon": 8})
    assert made.result.zero_gradient_share == 1 and not made.result.fooled
    assert (
        made.result.distances.linf_levels,
        made.result.distances.l2,
        made.result.distances.changed_pixels,
        made.result.distances.ssim,
    ) == (0, 0, 0, 1)
    assert np.array_equal(pixels.read(made.png), cat)


def test_a_network_that_is_quite_sure_is_attacked_all_the_same(classifier, cat_png):
    """Its softmax is exactly 1 in float32, where the cross-entropy has no gradient left."""
    sure = copy.deepcopy(classifier)
    sure.network.network.classifier.weight.mul_(1e4)
    sure.network.network.classifier.bias.mul_(1e4)
    attacked = attack(sure, cat_png, "fgsm", {"epsilon": 8})
    assert attacked.result.original.top[0].probability == 1 and attacked.result.zero_gradient_share < 1
    assert attacked.result.fooled


def test_a_gradient_that_is_there_is_not_called_zero(made):
    assert made.result.zero_gradient_share < 1


def test_digits_are_attacked_in_grey(digits, digit):
    made = attack(digits, pixels.write(digit), "fgsm", {"epsilon": 77})
    attacked = pixels.read(made.png)
    assert (
        attacked.shape == (28, 28, 1)
        and made.result.distances.linf_levels == 77
        and made.result.distances.attacked_pixels == 784
    )
    assert pixels.read(made.sign_png).shape == (28, 28, 3)
    assert made.result.zero_gradient_share == 4 / 784  # which no class looks at
    assert made.result.flat_from == int(digit.max()) // 2 == 127
    assert np.array_equal(attacked, pixels.step(digit, pixels.read_sign(made.sign_png, 1), 77))
    steps = steps_of(range(129), 77)
    judged = judge_steps(digits, pixels.write(digit), made.sign_png, steps, seed=0)
    assert list(judged) == steps and judged[steps[-1]].shape == (10,)


def test_a_file_that_comes_back_changed_is_not_verified(digits, digit, monkeypatch):
    honest = pixels.reread
    monkeypatch.setattr(pixels, "reread", lambda *args: honest(*args) // 2)
    made = attack(digits, pixels.write(digit), "fgsm", {"epsilon": 4})
    assert not made.result.verified and made.result.distances.linf_levels > 4
    told, in_the_file = made.result.adversarial.top[0], judge(digits, honest(made.png, "digit") // 2)
    assert (told.index, told.probability) == (in_the_file.argmax(), in_the_file.max())
    monkeypatch.setattr(pixels, "reread", lambda *args: honest(*args)[:20])
    with pytest.raises(RuntimeError, match="read back as"):
        attack(digits, pixels.write(digit), "fgsm", {"epsilon": 4})


def test_a_sign_map_of_another_picture_is_refused(classifier, cat_png, digit):
    with pytest.raises(ValueError, match="not as large"):
        judge_point(classifier, cat_png, pixels.write_sign((digit > 0).astype(np.int8)), "fgsm", 1)


def test_the_result_survives_json(made):
    told = dataclasses.asdict(made.result)
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_it_is_told_what_a_sample_shows_and_what_the_network_was_never_taught(classifier, cat_png):
    told = predict(classifier, cat_png, truth="tabby").truth, predict(classifier, cat_png, truth="moose").truth
    assert told == (Truth("tabby", classifier.labels.index("tabby")), Truth("moose", None))
    assert predict(classifier, cat_png).truth is None and predict(classifier, cat_png).known == 1000


@pytest.mark.parametrize(("picture", "target"), [("cat", None), ("cat", 1), ("digit", None)])
def test_many_steps_are_saved_within_the_budget_and_judged(classifier, digits, cat_png, digit, picture, target):
    """The rounded bytes, read back, are at most k from the original; the change itself is a picture, too."""
    network, png, k = (classifier, cat_png, 1) if picture == "cat" else (digits, pixels.write(digit), 30)
    aim = target and predict(network, png).top[target].index
    made = attack(network, png, "pgd", {"epsilon": k, "steps": 5, "target": aim})
    result, original, attacked = made.result, pixels.read(png), pixels.read(made.png)
    assert result.verified and result.distances.linf_levels == np.abs(attacked.astype(int) - original).max() <= k
    assert predict(network, canonicalise(made.png, network.preparation).png).top == result.adversarial.top
    assert (result.cost.forwards, result.cost.gradients) == (6, 5) and made.sign_png is None
    assert result.zero_gradient_share is None and result.control.kind == "signs"
    if aim is not None:
        assert result.target.index == aim and result.reached == (result.adversarial.top[0].index == aim)
    change = pixels.read(made.change_png)
    assert change.shape == (*original.shape[:2], 3)
    assert (change[(attacked == original).all(axis=2)] == 128).all()


def test_the_same_options_give_the_same_bytes(digits, digit):
    once, again = (attack(digits, pixels.write(digit), "pgd", {"epsilon": 30, "steps": 3, "seed": 5}) for _ in "ab")
    assert once.png == again.png
    other = attack(digits, pixels.write(digit), "pgd", {"epsilon": 30, "steps": 3, "seed": 6})
    assert other.result.control.top != once.result.control.top


def test_the_largest_change_does_not_wrap_around():
    low, high = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 255, np.uint8)
    assert linf(low, high) == linf(high, low) == 255 and linf(low, low) == 0
