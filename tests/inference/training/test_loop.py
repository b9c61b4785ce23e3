"""Training: what an epoch tells, going on, stopping, chance, and what can go wrong. Real trainings, on few pictures."""

import json
import math
import os
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
import torch

import inference.training.loop
from inference.catalog.configuration import metric_of, validate
from inference.catalog.errors import BadWeights, Diverged, OutOfMemory
from inference.data.base import Data, Pictures, split
from inference.networks import checkpoints
from inference.training.conditions import changed_since, known
from inference.training.loop import BEST, LAST, history, train
from inference.training.versions import conclude
from tests.support.paths import ROOT
from tests.support.small import QUICK, small_disk
from tests.support.walks import first

PLAIN = QUICK | {"robust_pictures": 0}
DRAWN = {"dropout": 0.3, "shift": 2, "rotation": 10, "noise": 5, "erasing": True}  # with everything that is chance

pytestmark = pytest.mark.usefixtures("one_thread")


def weights(folder, name=LAST):
    return checkpoints.network_of(checkpoints.load(folder / name)[0])


def same(one, other):
    return all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def told(epochs):
    """Everything but the clock."""
    return [replace(epoch, seconds=0.0, pictures_per_second=0.0) for epoch in epochs]


# --- Learning -----------------------------------------------------------------------------------------------------


def test_a_training_learns_and_tells_how(trained):
    _config, folder, epochs, _version = trained
    assert [epoch.number for epoch in epochs] == [1, 2, 3] and all(epoch.of == 3 for epoch in epochs)
    first, last = epochs[0], epochs[-1]
    assert last.validation_error < 0.3 < first.training_error and last.training_loss < first.training_loss
    assert 0 < last.gradient_norm < 100 and last.learning_rate < first.learning_rate
    assert all(epoch.pgd_accuracy <= epoch.fgsm_accuracy <= 1 - epoch.validation_error + 0.3 for epoch in epochs)
    assert all(epoch.seconds > 0 and epoch.pictures_per_second > 0 for epoch in epochs)
    assert epochs[0].best and history(folder) == [epoch.figures() for epoch in epochs]
    json.dumps(history(folder), allow_nan=False)


def test_the_mistakes_are_those_of_the_validation_pictures(trained, few):
    config, _folder, epochs, version = trained
    mistakes = epochs[version.card["best_epoch"] - 1].mistakes
    _training, validation = split(few.training, share=config.validation_share, seed=config.seed)
    assert mistakes and all(mistake.truth == validation.labels[mistake.index] for mistake in mistakes)
    assert all(mistake.said != mistake.truth for mistake in mistakes)
    assert all(one.probability >= other.probability for one, other in pairwise(mistakes))


def test_zeros_as_first_weights_learn_nothing(few, tmp_path):
    config = validate(PLAIN | {"initialisation": "zeros", "learning_rate": 0.1})
    errors = [epoch.validation_error for epoch in train(config, few, folder=tmp_path)]
    assert min(errors) > 0.8
    assert all(not tensor.any() for name, tensor in weights(tmp_path).items() if name.endswith("weight"))


@pytest.mark.parametrize("optimiser", [{"optimiser": "adam", "learning_rate": 0.002}, {"nesterov": True}])
def test_every_optimiser_learns(few, tmp_path, optimiser):
    *_, last = train(validate(PLAIN | {"epochs": 3} | optimiser), few, folder=tmp_path)
    assert last.validation_error < 0.4


def test_without_attacked_pictures_their_figures_are_unknown(few, tmp_path):
    (epoch,) = train(validate(PLAIN | {"epochs": 1}), few, folder=tmp_path)
    assert epoch.fgsm_accuracy is epoch.pgd_accuracy is None


def test_every_picture_is_seen_once_in_each_epoch_and_the_work_is_told(few, tmp_path):
    seen = []
    config = validate(PLAIN | {"batch_size": 100})
    list(train(config, few, folder=tmp_path, on_step=lambda done, total: seen.append((done, total))))
    size = len(few.training) - round(0.2 * len(few.training))
    assert seen[0][0] == 100 and seen[-1] == (seen[-1][1], seen[-1][1])
    assert abs(seen[-1][1] - 2 * size) < 20  # the share is taken of every class
    assert all(0 < later[0] - earlier[0] <= 100 for earlier, later in pairwise(seen))


def test_no_epoch_is_chosen_by_the_test_pictures(few, tmp_path):
    """They are reported, once, by conclude: other ones, even rubbish, change nothing of the training."""
    other = Data(few.record, few.training, Pictures(few.test.images[:20] // 2, few.test.labels[:20].flip(0)))
    config = validate(QUICK)
    assert told(train(config, few, folder=tmp_path / "a")) == told(train(config, other, folder=tmp_path / "b"))
    assert same(weights(tmp_path / "a", BEST), weights(tmp_path / "b", BEST))


def test_the_callers_own_chance_is_left_alone(few, tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    list(train(validate(PLAIN | DRAWN | {"epochs": 1}), few, folder=tmp_path))
    assert torch.equal(torch.rand(3), expected)


# --- Chance -------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_figures_and_another_gives_others(few, tmp_path):
    def run(name, seed):
        return told(train(validate(QUICK | DRAWN | {"seed": seed}), few, folder=tmp_path / name))

    one = run("one", 7)
    torch.rand(11)
    assert run("again", 7) == one and run("other", 8) != one
    assert same(weights(tmp_path / "one"), weights(tmp_path / "again"))
    assert not same(weights(tmp_path / "one"), weights(tmp_path / "other"))


# --- Going on, and stopping ---------------------------------------------------------------------------------------

KILLED = {
    "SGD with momentum": QUICK | DRAWN | {"epochs": 3},
    "Adam": QUICK | DRAWN | {"epochs": 3, "optimiser": "adam", "learning_rate": 0.002, "schedule": "cosine"},
    "PGD in training": QUICK | {"epochs": 2, "adversarial": "pgd", "attack_steps": 2, "warmup": 1},
}


@pytest.mark.walk  # that a site's training does is a test of the site
@pytest.mark.parametrize("name", KILLED)
def test_after_kill_9_a_training_goes_on_as_if_nothing_had_been(few, tmp_path, name):
    config, killed = validate(KILLED[name]), tmp_path / "killed"
    argv = [sys.executable, "-m", "tests.support.killed_training", killed, json.dumps(KILLED[name])]
    done = subprocess.run(argv, cwd=ROOT, env=os.environ | {"GIBBON_TORCH_THREADS": "1"})
    assert done.returncode == -signal.SIGKILL
    undisturbed = list(train(config, few, folder=tmp_path / "undisturbed"))
    assert [figures["number"] for figures in history(killed)] == [1]
    rest = list(train(config, few, folder=killed))
    assert told(rest) == told(undisturbed)[1:]  # one epoch repeated, none twice
    for file in (LAST, BEST):
        assert same(weights(tmp_path / "undisturbed", file), weights(killed, file))
    assert list(train(config, few, folder=killed)) == []


@pytest.mark.parametrize(
    "changes",
    [{}, {"network": "strided"}, {"network": "strided", "optimiser": "adam", "learning_rate": 0.002}],
    ids=["lenet", "channels last", "channels last, Adam"],
)
def test_stopped_by_an_error_in_mid_epoch_nothing_is_lost_but_that_epoch(few, tmp_path, changes):
    class Stop(Exception):
        pass

    def stop(done, total):
        if done > 0.7 * total:
            raise Stop

    config = validate(PLAIN | DRAWN | changes)
    undisturbed = list(train(config, few, folder=tmp_path / "a"))
    with pytest.raises(Stop):
        list(train(config, few, folder=tmp_path / "b", on_step=stop))
    assert told(train(config, few, folder=tmp_path / "b")) == told(undisturbed)[1:]
    assert same(weights(tmp_path / "a", LAST), weights(tmp_path / "b", LAST))


def test_work_can_be_stopped_while_an_epoch_is_judged(few, tmp_path):
    seen = []
    list(train(validate(QUICK | {"epochs": 1}), few, folder=tmp_path, on_step=lambda done, total: seen.append(done)))
    assert seen.count(seen[-1]) > 3  # after the last step, then under FGSM and in every step of PGD


def test_a_folder_with_another_training_is_not_gone_on_with(few, tmp_path):
    list(train(validate(PLAIN | {"epochs": 1}), few, folder=tmp_path))
    with pytest.raises(BadWeights, match="other settings"):
        list(train(validate(PLAIN | {"epochs": 2}), few, folder=tmp_path))


def test_drafts_of_killed_processes_are_cleared_away(few, tmp_path):
    (tmp_path / f"{checkpoints.DRAFT}1234").write_bytes(b"half")
    list(train(validate(PLAIN | {"epochs": 1}), few, folder=tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == [BEST, LAST]


def test_patience_ends_a_training_that_gets_no_better_and_the_best_is_kept(few, tmp_path):
    still = {"initialisation": "zeros", "epochs": 9, "patience": 2, "weight_decay": 0.0, "learning_rate": 1e-6}
    epochs = list(train(validate(PLAIN | still), few, folder=tmp_path))
    assert len(epochs) == 3 and len({epoch.validation_error for epoch in epochs}) == 1
    assert list(train(validate(PLAIN | still), few, folder=tmp_path)) == []
    lowest = min(epochs, key=lambda epoch: epoch.validation_loss).number
    assert len(checkpoints.load(tmp_path / BEST)[1]["epochs"]) == lowest


def test_what_is_usually_best_depends_on_whether_the_network_is_hardened():
    plain, hardened = validate({}), validate({"adversarial": "pgd"})
    assert (metric_of(plain), metric_of(hardened)) == ("validation_error", "pgd_accuracy")
    assert metric_of(validate({"adversarial": "pgd", "robust_pictures": 0})) == "validation_error"
    assert metric_of(validate({"adversarial": "pgd", "metric": "validation_loss"})) == "validation_loss"


@pytest.mark.parametrize("metric", first(["pgd_accuracy", "validation_error", "validation_loss"]))
def test_the_best_epoch_is_best_by_the_metric_that_was_named(few, tmp_path, metric):
    values = {"epochs": 4, "metric": metric, "schedule": "constant", "robust_pictures": 60}
    epochs = list(train(validate(QUICK | values), few, folder=tmp_path))
    sign = -1 if metric == "pgd_accuracy" else 1
    figures = [(sign * getattr(epoch, metric), epoch.validation_loss) for epoch in epochs]
    best = [epoch.number for epoch in epochs if epoch.best]
    assert best == [n for n, value in enumerate(figures, 1) if all(value < earlier for earlier in figures[: n - 1])]


def test_where_no_picture_withstands_the_attack_the_lowest_validation_loss_is_kept(few, tmp_path, monkeypatch):
    """Accuracy under PGD is 0 throughout: the first epoch of the warm-up is not the best."""
    judged = inference.training.loop.judge
    monkeypatch.setattr(
        inference.training.loop, "judge", lambda *given, **named: judged(*given, **named) | {"pgd_accuracy": 0.0}
    )
    epochs = list(
        train(validate(PLAIN | {"epochs": 3, "metric": "pgd_accuracy", "robust_pictures": 1}), few, folder=tmp_path)
    )
    lowest = min(epochs, key=lambda epoch: epoch.validation_loss).number
    assert max(epoch.number for epoch in epochs if epoch.best) == lowest > 1
    assert len(checkpoints.load(tmp_path / BEST)[1]["epochs"]) == lowest


# --- Under what it computes ---------------------------------------------------------------------------------------


def test_a_training_that_goes_on_with_other_threads_says_so_and_its_card_keeps_it(few, tmp_path, monkeypatch):
    config = validate(PLAIN | {"epochs": 3})
    for _epoch in zip(range(1), train(config, few, folder=tmp_path), strict=False):
        pass  # one epoch
    device = torch.device("cpu")
    assert changed_since(tmp_path / LAST, device) == []
    monkeypatch.setenv("GIBBON_TORCH_THREADS", "2")
    torch.set_num_threads(2)
    assert changed_since(tmp_path / LAST, device) == [{"name": "threads", "now": "2", "before": "1"}]
    rest = list(train(config, few, folder=tmp_path, device=device))
    under = [(each["from_epoch"], each["threads"]) for each in known(tmp_path / LAST)]
    assert under == [(1, 1), (rest[0].number, 2)]
    made = conclude(config, few, folder=tmp_path, device=device).card["made"]
    assert made["trained_under"] == known(tmp_path / LAST) and made["same_bits_again"] is True


# --- What can go wrong --------------------------------------------------------------------------------------------


def test_a_network_that_blows_up_ends_the_training_with_a_sentence(few, tmp_path):
    config = validate(PLAIN | {"learning_rate": 10.0, "schedule": "constant"})
    with pytest.raises(Diverged, match=r"no number any more in epoch 1, step \d+.*smaller learning rate than 10"):
        list(train(config, few, folder=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_blows_up_in_the_last_step_of_an_epoch_does_too(few, tmp_path):
    config = replace(validate(PLAIN | {"batch_size": 1024, "schedule": "constant"}), learning_rate=1e30)
    with pytest.raises(Diverged, match="no number any more after epoch 1"):  # the only step's loss was one
        list(train(config, few, folder=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_ends_the_training_and_keeps_what_was_there(few, tmp_path):
    config = validate(PLAIN)
    epochs = train(config, few, folder=tmp_path)
    next(epochs)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with small_disk(100_000), pytest.raises(OSError, match="too large"):
        next(epochs)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert len(list(train(config, few, folder=tmp_path))) == 1


def test_memory_that_is_too_small_is_told_of_in_a_sentence(few, tmp_path):
    def full(done, total):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    with pytest.raises(OutOfMemory, match="batches of 32 pictures"):
        list(train(validate(PLAIN), few, folder=tmp_path, on_step=full))


# --- Learning from attacked pictures ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["one-step", "pgd"])
def test_what_is_learnt_from_stays_in_the_ball_and_fools_more(few, tmp_path, monkeypatch, kind):
    from inference.training import loop as training

    made = []

    def spy(session, pixels, labels, strength, generator):
        attacked = real(session, pixels, labels, strength, generator)
        with torch.inference_mode():
            loss = [
                torch.nn.functional.cross_entropy(session.trainee.model(seen), labels) for seen in (pixels, attacked)
            ]
        made.append((strength, pixels, attacked, loss))
        return attacked

    real = training._attacked
    monkeypatch.setattr(training, "_attacked", spy)
    config = validate(PLAIN | {"epochs": 2, "adversarial": kind, "attack_steps": 3, "warmup": 1, "epsilon": 60})
    list(train(config, few, folder=tmp_path))
    for strength, pixels, attacked, _loss in made:
        assert (attacked - pixels).abs().max() <= strength * 60 / 255 + 1e-6
        assert attacked.min() >= 0 and attacked.max() <= 1
    assert made[0][0] == 0 and torch.equal(made[0][1], made[0][2]) and made[-1][0] == 1
    assert all(after > before for strength, _, _, (before, after) in made if strength > 0.5)
    assert (made[-1][2] - made[-1][1]).abs().max() > 0.99 * 60 / 255


@pytest.mark.walk
def test_learning_from_attacked_pictures_hardens(few, tmp_path):
    values = QUICK | {"epochs": 3, "epsilon": 15, "robust_pictures": 100, "warmup": 1}
    *_, plain = train(validate(values), few, folder=tmp_path / "plain")
    *_, hard = train(validate(values | {"adversarial": "pgd", "attack_steps": 2}), few, folder=tmp_path / "hard")
    assert hard.pgd_accuracy > plain.pgd_accuracy + 0.1


def test_no_figure_is_ever_beyond_numbers(trained):
    _config, _folder, epochs, _version = trained
    for epoch in epochs:
        numbers = [value for value in epoch.figures().values() if isinstance(value, float)]
        assert all(map(math.isfinite, numbers))
