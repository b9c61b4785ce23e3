"""Measuring a network on the command line."""

import json
import re

import pytest

from inference.__main__ import main
from inference.catalog.masking_checks import FEW, NOT_TRIED, TITLES
from inference.catalog.protocols import Protocol
from inference.data import base as datasets
from inference.evaluation.accuracy import evaluate
from inference.networks.classifier import load

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def few_pictures(monkeypatch, few):
    """Whoever loads a dataset gets a few pictures of MNIST."""
    monkeypatch.setattr(datasets, "load_data", lambda slug: few)


@pytest.fixture
def run(capsys):
    def run(*argv):
        code = main(["evaluate", *map(str, argv)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_clean_accuracy_comes_with_its_interval(run, few):
    right = evaluate(load("digits"), few.test).right
    code, out, err = run("digits")
    assert code == 0 and not err
    title, line = out.splitlines()
    assert title.endswith("on the test pictures of MNIST:")
    assert re.fullmatch(
        rf"Test:   {right / 2:.2f}% right, {right} of 200 \(95% interval \d+\.\d\d% to \d+\.\d\d%\)", line
    )


def test_under_attack_the_protocol_stands_beside_the_figure(run, few):
    options = ["--attack", "pgd", "--epsilon", 40, "--steps", 3, "--restarts", 2, "--pictures", 50, "--seed", 4]
    code, out, _err = run("digits", *options, "--json")
    told = json.loads(out)
    protocol = Protocol("pgd", 40, 50, steps=3, restarts=2, seed=4)
    (attacked,) = told["attacked"]
    assert code == 0 and told["clean"]["of"] == attacked["of"] == 50 and told["dataset"] == "mnist"
    assert attacked["right"] == evaluate(load("digits"), few.test, protocol).right < told["clean"]["right"]
    assert attacked["protocol"]["text"] == str(protocol)
    assert told["classifier"]["sha256"] == load("digits").sha256
    assert str(protocol) in run("digits", *options)[1]


def test_epsilon_is_the_cards_if_nobody_says_otherwise(run, trained):
    version = trained[3]
    (attacked,) = json.loads(run(version.folder, "--attack", "fgsm", "--json")[1])["attacked"]
    test = version.card["test"]["fgsm"]
    assert (attacked["right"], attacked["of"], attacked["protocol"]["epsilon"]) == (test["right"], test["of"], 20)


def test_the_worst_case_is_what_every_version_is_judged_with(run, trained):
    version = trained[3]
    (attacked,) = json.loads(run(version.folder, "--attack", "worst", "--json")[1])["attacked"]
    assert attacked == version.card["test"]["worst"]


def test_checks_for_masked_gradients_are_told_line_by_line(run, few):
    code, out, err = run("digits", "--checks", "--pictures", 20, "--epsilon", 40)
    assert code == 0 and not err
    assert "Checks for masked gradients, 20 pictures, eps 40/255, " in out
    lines = out.splitlines()[3:]
    assert lines[-2:] == [FEW, NOT_TRIED] and len(lines[:-2]) == len(TITLES) - 1
    assert all(re.match(r"(passed|noted|failed) +[A-Z].*\.$", line) for line in lines[:-2])
    told = json.loads(run("digits", "--checks", "--pictures", 20, "--epsilon", 40, "--json")[1])["checks"]
    assert told["pictures"] == 20 and [check["name"] for check in told["checks"]] == list(TITLES)[:-1]


BAD = {
    "no such classifier": (["nix"], "no classifier called nix"),
    "no such dataset": (["digits", "--dataset", "nix"], "no dataset called nix"),
    "no dataset at hand": (["imagenet-lite0"], "Name the test pictures with --dataset"),
    "other classes": (["imagenet-lite0", "--dataset", "mnist"], "does not tell the classes of MNIST apart"),
    "steps without PGD": (["digits", "--attack", "fgsm", "--steps", "4"], "--steps says nothing without --attack pgd."),
    "steps of the worst case": (["digits", "--attack", "worst", "--steps", "4"], "--steps says nothing without --att"),
    "epsilon without attack": (["digits", "--epsilon", "4"], "--epsilon says nothing without --attack or --checks."),
    "epsilon too large": (["digits", "--attack", "fgsm", "--epsilon", "256"], "a whole number from 1 to 255"),
    "no pictures": (["digits", "--pictures", "0"], "--pictures: must be a whole number from 1"),
    "half a restart": (["digits", "--attack", "pgd", "--restarts", "0.5"], "--restarts: must be a whole number"),
    "a negative seed": (["digits", "--seed=-1"], "--seed: must be a whole number from 0"),
    "no such attack": (["digits", "--attack", "cw"], "--attack: invalid choice"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(run, name):
    words, sentence = BAD[name]
    code, out, err = run(*words)
    assert (code, out) == (2, "") and re.search(sentence, err) and err.count("\n") == 1


def test_a_version_that_was_spoilt_is_a_failure(run, trained, tmp_path):
    (tmp_path / "card.json").write_bytes((trained[3].folder / "card.json").read_bytes())
    (tmp_path / "weights.safetensors").write_bytes(b"nothing")
    code, out, err = run(tmp_path)
    assert (code, out) == (1, "") and "is not the file its card names" in err


def test_a_trainings_folder_stands_for_the_version_it_left(run, trained, tmp_path):
    _config, folder, _epochs, version = trained
    code, out, err = run(folder, "--pictures", 20, "--json")
    assert (code, err) == (0, "") and json.loads(out)["classifier"]["identity"] == version.identity
    (tmp_path / "config.json").write_text("{}")
    code, _out, err = run(tmp_path)
    assert code == 2 and f"train --resume {tmp_path}" in err
