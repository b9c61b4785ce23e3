"""Measuring a network on the command line."""

import csv
import errno
import json
import os
import re
from dataclasses import replace

import pytest
import torch

from inference.__main__ import main
from inference.catalog.cards import NEEDED
from inference.catalog.classifiers import card
from inference.catalog.masking_checks import FEW, NOT_TRIED, TITLES
from inference.catalog.protocols import Protocol
from inference.cli import common
from inference.data import base as datasets
from inference.data.base import Pictures
from inference.evaluation import worst_case
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


@pytest.mark.walk
def test_checks_for_masked_gradients_are_told_line_by_line(run, few):
    code, out, err = run("digits", "--checks", "--pictures", 20, "--epsilon", 40)
    assert code == 0 and not err
    assert "Checks for masked gradients, 20 pictures, eps 40/255, " in out
    lines = out.splitlines()[3:]
    assert lines[-2:] == [FEW, NOT_TRIED] and len(lines[:-2]) == len(TITLES) - 1
    assert all(re.match(r"(passed|noted|failed) +[A-Z].*\.$", line) for line in lines[:-2])
    told = json.loads(run("digits", "--checks", "--pictures", 20, "--epsilon", 40, "--json")[1])["checks"]
    assert told["pictures"] == 20 and [check["name"] for check in told["checks"]] == list(TITLES)[:-1]


LIST = ["--attack", "pgd:steps=3,square:queries=40", "--epsilon", "20,40", "--images", 30]


def test_a_list_may_be_judged_on_the_bytes_that_pictures_are_saved_as(run, few):
    told = json.loads(run("digits", "--attack", "pgd:steps=3", "--epsilon", 30, "--images", 30, "--saved", "--json")[1])
    (attack,) = told["budgets"][0]["attacks"]
    assert attack["protocol"]["saved"] is True and ", saved as bytes, 30 pictures" in attack["protocol"]["text"]
    same = Protocol("pgd", 30, 30, steps=3, saved=True)
    assert attack["left"]["right"] == evaluate(load("digits"), few.test, same).right
    assert run("digits", "--saved")[0] == 2


def test_a_list_of_attacks_gives_the_worst_case_for_each_picture(run, few, tmp_path):
    table = tmp_path / "out.csv"
    code, out, err = run("digits", *LIST, "--csv", table, "--seed", 3)
    assert code == 0 and not err
    protocols = [Protocol("pgd", level, 30, steps=3, seed=3) for level in (20, 40)]
    alone = [evaluate(load("digits"), few.test, protocol).right for protocol in protocols]
    lines = out.splitlines()
    assert lines[0].endswith("on the first 30 test pictures of MNIST:")
    verdicts = [line for line in lines if "under every attack listed" in line]
    assert ["20/255" in verdicts[0], "40/255" in verdicts[1]] == [True, True]
    assert f"{alone[0]:7} right after {protocols[0]}:" in out and f"{alone[1]:7} right after {protocols[1]}:" in out

    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == 60 and [row["epsilon"] for row in rows] == ["20"] * 30 + ["40"] * 30
    assert [int(row["label"]) for row in rows[:30]] == few.test.labels[:30].tolist()
    for row in rows:
        kept = [row["clean"], row["PGD-3"], row["Square, queries 40, share 0.8"]]
        assert row["all"] == ("right" if kept == ["right"] * 3 else "broken")
        assert (row["Square, queries 40, share 0.8"] == "") == (row["PGD-3"] != "right")
    told = json.loads(table.with_suffix(".json").read_text())
    for budget, begun in zip(told["budgets"], (0, 30), strict=True):
        assert budget["right"]["right"] == sum(row["all"] == "right" for row in rows[begun : begun + 30])
        assert budget["right"]["interval"] and budget["verdict"] in out
    assert told["about"]["made_with"]["torch"] == torch.__version__
    printed = json.loads(run("digits", *LIST, "--seed", 3, "--json")[1])
    assert printed["budgets"] == told["budgets"]


def test_an_evaluation_goes_on_from_its_file_and_refuses_anothers(run, tmp_path, monkeypatch):
    table = tmp_path / "out.csv"
    run("digits", *LIST, "--csv", table)
    before = table.read_text()
    monkeypatch.setattr(worst_case, "right_after", None)  # all is done already
    assert run("digits", *LIST, "--csv", table)[0] == 0 and table.read_text() == before
    code, _out, err = run("digits-hardened", *LIST, "--csv", table)
    assert code == 2 and "is an evaluation of another network" in err


def test_an_evaluation_that_was_stopped_tells_no_figure_of_attacks_that_were_not_tried(run, tmp_path, monkeypatch):
    table, judged, tried = tmp_path / "out.csv", worst_case.right_after, []

    def stopped(*told):
        tried.append(told)
        if len(tried) > 3:  # a chunk of each attack at the first strength, and of the first one at the second
            raise KeyboardInterrupt
        return judged(*told)

    monkeypatch.setattr(worst_case, "right_after", stopped)
    assert run("digits", *LIST, "--csv", table) == (130, "", "Stopped.\n")
    assert [budget["epsilon"] for budget in json.loads(table.with_suffix(".json").read_text())["budgets"]] == [20]
    monkeypatch.setattr(worst_case, "right_after", judged)
    assert run("digits", *LIST, "--csv", table)[0] == 0
    assert len(json.loads(table.with_suffix(".json").read_text())["budgets"]) == 2


def test_two_evaluations_do_not_write_to_one_table(run, tmp_path, monkeypatch):
    table, judged, said = tmp_path / "out.csv", worst_case.right_after, []

    def meanwhile(*told):
        monkeypatch.setattr(worst_case, "right_after", judged)
        said.append(run("digits", *LIST, "--csv", table))
        return judged(*told)

    monkeypatch.setattr(worst_case, "right_after", meanwhile)
    assert run("digits", *LIST, "--csv", table)[0] == 0
    sentence = f"Another evaluation is writing to {table}: wait until it has ended, or choose another --csv.\n"
    assert said == [(2, "", sentence)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "out.json"]


def test_a_picture_that_is_wrong_as_it_is_is_broken_by_nothing(run, few, tmp_path, monkeypatch):
    labels = few.test.labels.clone()
    labels[:3] = (labels[:3] + 1) % 10
    monkeypatch.setattr(datasets, "load_data", lambda slug: replace(few, test=Pictures(few.test.images, labels)))
    run("digits", "--attack", "fgsm", "--images", 9, "--csv", tmp_path / "out.csv")
    rows = [*csv.DictReader((tmp_path / "out.csv").read_text().splitlines())]
    assert [row["all"] == "wrong" for row in rows] == [row["clean"] == "wrong" for row in rows]
    assert [row["FGSM"] for row in rows[:3]] == ["", "", ""] and rows[0]["all"] == "wrong"


OF = {"of": {"pictures": 2}, "made_with": {}}
SPOILT = {
    "a list": [],
    "about nothing": {"about": {}, "outcomes": {"clean": "", "attacked": {}}},
    "made with nothing": {"about": {"of": {"pictures": 2}}, "outcomes": {"clean": "11", "attacked": {}}},
    "about how many": {"about": {"of": {}, "made_with": {}}, "outcomes": {"clean": "", "attacked": {}}},
    "too few pictures": {"about": OF, "outcomes": {"clean": "1", "attacked": {}}},
    "too few attacked": {"about": OF, "outcomes": {"clean": "11", "attacked": {"x": "1"}}},
    "an outcome that is none": {"about": OF, "outcomes": {"clean": "11", "attacked": {"x": "1?"}}},
    "pictures not tried": {"about": OF, "outcomes": {"clean": "1-", "attacked": {}}},
    "outcomes that are no letters": {"about": OF, "outcomes": {"clean": [1, 1], "attacked": {}}},
    "ten thousand lists": "[" * 10_000,
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_file_that_was_spoilt_is_no_evaluation_to_go_on_with(run, tmp_path, name):
    text = SPOILT[name] if isinstance(SPOILT[name], str) else json.dumps(SPOILT[name])
    (tmp_path / "out.json").write_text(text)
    code, out, err = run("digits", *LIST, "--csv", tmp_path / "out.csv")
    assert (code, out) == (2, "") and err.endswith("out.json is no evaluation to go on with: choose another --csv.\n")
    assert (tmp_path / "out.json").read_text() == text


def test_one_name_at_several_strengths_takes_its_steps(run):
    told = json.loads(
        run("digits", "--attack", "pgd", "--steps", 2, "--epsilon", "9,30", "--pictures", 20, "--json")[1]
    )
    assert [budget["epsilon"] for budget in told["budgets"]] == [9, 30]
    assert {attack["protocol"]["steps"] for budget in told["budgets"] for attack in budget["attacks"]} == {2}
    assert told["budgets"][0]["right"]["right"] > told["budgets"][1]["right"]["right"]


@pytest.mark.walk
def test_a_list_in_another_norm_has_its_own_budget(run, few, tmp_path):
    """PGD in L2 uses the radius up, DeepFool and DDN find changes that are held against it."""
    table = tmp_path / "out.csv"
    words = ["digits", "--attack", "pgd-l2:steps=5,deepfool,ddn:steps=20", "--radius", "0.5,1.5", "--images", 30]
    code, out, err = run(*words, "--csv", table, "--everywhere", "--saved")
    assert code == 0 and not err
    assert "radius 0.5 in L2, pixels from 0 to 1: an upper bound for this threat model only." in out
    assert "right after PGD-5 in L2 (radius 1.5 in L2, 1 restart, saved as bytes, 30 pictures, seed 0):" in out
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [row["radius"] for row in rows] == ["0.5"] * 30 + ["1.5"] * 30
    left = [sum(row["all"] == "right" for row in rows[begun : begun + 30]) for begun in (0, 30)]
    assert 30 > left[0] > left[1]
    told = json.loads(table.with_suffix(".json").read_text())["budgets"]
    assert [budget["radius"] for budget in told] == [0.5, 1.5] and "epsilon" not in told[0]
    for budget, right in zip(told, left, strict=True):
        assert budget["right"]["right"] == right <= min(attack["alone"]["right"] for attack in budget["attacks"])
        same = Protocol("ddn", 0, 30, steps=20, saved=True, within=budget["radius"])
        assert budget["attacks"][2]["alone"]["right"] == evaluate(load("digits"), few.test, same).right
        assert budget["attacks"][2]["protocol"]["within"] == budget["radius"]


def test_a_list_of_few_pixels_counts_them(run):
    words = ["digits", "--attack", "few-pixels:generations=1:population=5,jsma", "--pixels", "1,9", "--images", 10]
    code, out, err = run(*words)
    assert code == 0 and not err and "pixels changed: 9: an upper bound" in out
    left = [int(found[1]) for found in re.finditer(r"Right on (\d+) of 10", out)]
    assert len(left) == 2 and left[0] > left[1]  # nine whitened pixels are enough for some, one for none


BAD = {
    "no such classifier": (["nix"], "no classifier called nix"),
    "no such dataset": (["digits", "--dataset", "nix"], "no dataset called nix"),
    "no dataset at hand": (["imagenet-lite0"], "Name the test pictures with --dataset"),
    "other classes": (["imagenet-lite0", "--dataset", "mnist"], "does not tell the classes of MNIST apart"),
    "steps without PGD": (["digits", "--attack", "fgsm", "--steps", "4"], "--steps says nothing without --attack pgd."),
    "steps of the worst case": (["digits", "--attack", "worst", "--steps", "4"], "--steps says nothing without --att"),
    "epsilon without attack": (["digits", "--epsilon", "4"], "--epsilon says nothing without --attack or --checks."),
    "epsilon too large": (["digits", "--attack", "fgsm", "--epsilon", "256"], "a whole number from 1 to 255"),
    "no pictures": (["digits", "--pictures", "0"], "--pictures/--images: must be a whole number from 1"),
    "half a restart": (["digits", "--attack", "pgd", "--restarts", "0.5"], "--restarts: must be a whole number"),
    "a negative seed": (["digits", "--seed=-1"], "--seed: must be a whole number from 0"),
    "no such attack": (["digits", "--attack", "nix"], "--attack: invalid choice"),
    "no such attack in a list": (["digits", "--attack", "fgsm,nix"], "--attack: invalid choice: 'nix'"),
    "two norms": (["digits", "--attack", "apgd-ce,ddn"], "apgd-ce changes .* in L-infinity and ddn in L2: evaluate"),
    "the control among others": (["digits", "--attack", "ddn,fgsm"], "a list is of one threat model"),
    "levels in L2": (["digits", "--attack", "ddn", "--epsilon", "9"], "nothing of attacks in L2: .* is --radius"),
    "a radius in levels": (["digits", "--attack", "pgd", "--radius", "1"], "L-infinity: their budget is --epsilon"),
    "a radius that is none": (["digits", "--attack", "ddn", "--radius", "nan"], "must be a number from 0.05 to 50"),
    "a radius of nothing": (["digits", "--radius", "1"], "--radius says nothing without --attack."),
    "too many pixels": (
        ["digits", "--attack", "one-pixel", "--pixels", "2"],
        "pixels must be a whole number from 1 to",
    ),
    "a budget as an option": (["digits", "--attack", "pgd-l2:radius=1"], "pgd-l2 has no option radius here"),
    "an attack without a name": (["digits", "--attack", "fgsm,"], "--attack: invalid choice: ''"),
    "an attack twice": (["digits", "--attack", "fgsm,fgsm"], "twice"),
    "an attack by two names": (["digits", "--attack", "worst,pgd:restarts=5:steps=50"], "twice"),
    "options in another order": (
        ["digits", "--attack", "jsma:theta=0.5:distortion=9,jsma:distortion=9:theta=0.5"],
        "twice",
    ),
    "an attack of no name": (["digits", "--attack", ""], "--attack: invalid choice: ''"),
    "a dataset of no name": (["digits", "--dataset", ""], "no dataset called"),
    "too long a classifier's name": (["a" * 300], "a cannot be read: File name too long."),
    "too long a dataset's name": (["digits", "--dataset", "a" * 300], "a cannot be read: File name too long."),
    "no such option": (["digits", "--attack", "square:steps=3"], "square has no option steps here; .* queries, share"),
    "an option without a value": (["digits", "--attack", "pgd:steps"], "an option is given as in pgd:steps=40"),
    "an option out of bounds": (["digits", "--attack", "pgd:steps=0"], "steps must be a whole number from 1 to 1000"),
    "one strength too large": (["digits", "--attack", "pgd", "--epsilon", "8,256"], "a whole number from 1 to 255"),
    "a table of nothing": (["digits", "--csv", "x.csv"], "--csv says nothing without --attack."),
    "checks at two strengths": (["digits", "--checks", "--epsilon", "8,9"], "made at one strength"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(run, name):
    words, sentence = BAD[name]
    code, out, err = run(*words)
    assert (code, out) == (2, "") and re.search(sentence, err) and err.count("\n") == 1


CARD = card("digits")
NO_CARDS = {
    "half an object": "{",
    "no text": b"\xff",
    "a list": [],
    **{f"without {name}": {key: CARD[key] for key in CARD if key != name} for name in NEEDED},
    "weights without a hash": CARD | {"weights": {"file": "digits.safetensors"}},
    "another network": CARD | {"network": "nix"},
    "another preparation": CARD | {"dataset": {}, "preparation": "nix"},
    "a dataset that is none": CARD | {"dataset": []},
    "a dataset of no name": CARD | {"dataset": {"slug": []}},
    "ten thousand lists": "[" * 10_000,
}
WRONG = {
    "levels": [0, -5, 256, True, 8.0, "8"],
    "epsilon": [0, float("nan"), "8", None],
    "input_size": [-28, 0, 10**7, True, 28.0],
    "labels": [[], [[]] * 10, list(range(10)), ["\ud800"] * 10],
    "name": ["", "\ud800"],
    "normalisation": [
        {"mean": [float("nan")], "std": [1]},
        {"mean": [0], "std": [0]},
        {"mean": [0], "std": [-1]},
        {"mean": [0], "std": [float("inf")]},
        {"mean": [0], "std": ["1"]},
        {"mean": [10**400], "std": [1]},
        {"mean": [], "std": []},
        {"mean": [0, 0], "std": [1]},
        {"mean": [0, 0], "std": [1, 1]},  # a digit is grey
        {"mean": [0], "std": [1], "more": 1},
    ],
    "network": ["tf_efficientnet_lite0"],
    "options": [[], {"width": -1}, {"width": 10**6}, {"width": "1"}, {"pooling": []}, {"dropout": float("nan")}],
    "weights": [
        {**CARD["weights"], **more}
        for more in ({"file": ""}, {"file": "a\0b.safetensors"}, {"file": "w.pth"}, {"package": 5}, {"package": "a.b"})
    ],
    "dataset": [{"slug": "mnist", "sha256": []}],
}
NO_CARDS |= {
    f"wrong {name}, {number}": CARD | {name: value}
    for name, values in WRONG.items()
    for number, value in enumerate(values)
}


@pytest.mark.parametrize("name", NO_CARDS)
def test_a_folder_whose_card_is_none_is_bad_input(run, tmp_path, name):
    told = NO_CARDS[name]
    text = told if isinstance(told, str | bytes) else json.dumps(told)
    (tmp_path / "card.json").write_bytes(text.encode() if isinstance(text, str) else text)
    path = tmp_path / "card.json"
    assert run(tmp_path) == (2, "", f"{path} is not the card of a version: name another folder.\n")


def test_a_card_that_may_not_be_read_is_bad_input(run, tmp_path, monkeypatch):
    def denied(_version):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    (tmp_path / "card.json").write_text("{}")
    monkeypatch.setattr(common, "card_of", denied)
    assert run(tmp_path) == (2, "", f"{tmp_path} cannot be read: Permission denied.\n")


def test_pictures_of_none_of_the_classes_are_bad_input(run, few, monkeypatch):
    test = Pictures(few.test.images, torch.full_like(few.test.labels, 10))
    more = replace(few, record=replace(few.record, labels=(*few.record.labels, "ten")), test=test)
    monkeypatch.setattr(datasets, "load_data", lambda slug: more)
    code, out, err = run("digits")
    assert (code, out) == (2, "") and "MNIST has no test pictures of classes that LeNet-5 on MNIST knows" in err


def test_a_file_that_is_no_dataset_is_bad_input(run, tmp_path):
    (tmp_path / "picture.png").write_bytes(b"not prepared")
    code, out, err = run("digits", "--dataset", tmp_path / "picture.png")
    assert (code, out) == (2, "") and err == "picture.png is damaged: its content is not what its name says.\n"


def test_a_version_whose_pictures_are_gone_asks_for_others(run, trained, tmp_path):
    version = tmp_path / "versions" / "one"
    version.mkdir(parents=True)
    facts = trained[3].card | {"dataset": {"slug": "own-gone"}}
    (version / "card.json").write_text(json.dumps(facts))
    (tmp_path / "config.json").write_text(json.dumps({"config": {}, "pictures": str(tmp_path / "gone.safetensors")}))
    code, out, err = run(version)
    assert (code, out) == (2, "") and err.startswith("Name the test pictures with --dataset: what ")


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
