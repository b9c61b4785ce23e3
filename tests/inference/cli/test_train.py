"""Training on the command line: settings as options, progress, stopping and going on."""

import json
import os
import re
import select
import shutil
import signal
import sys
import termios

import numpy as np
import pytest
import torch

from inference.__main__ import main
from inference.catalog.configuration import DEFAULTS, SETTINGS, validate
from inference.catalog.errors import BadDataset
from inference.catalog.identity import identity_of
from inference.cli import train as commands_train
from inference.cli.progress import Bar
from inference.data import base as datasets
from inference.data.own import Unpacked, save_own
from inference.networks.classifier import load
from inference.training.loop import BEST, LAST
from tests.support.paths import CASES
from tests.support.small import small_disk, textures

FAST = ["--batch-size", "32", "--robust-pictures", "20", "--epsilon", "20", "--epochs", "2"]

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def few_pictures(monkeypatch, few):
    """Whoever loads a dataset gets a few pictures of MNIST."""
    monkeypatch.setattr(datasets, "load_data", lambda slug: few)


@pytest.fixture
def run(capsys):
    def run(*argv):
        code = main(["train", *map(str, argv)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def config_in(folder):
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))["config"]


# --- The whole way ------------------------------------------------------------------------------------------------


def test_epochs_and_the_version_are_told_in_words(run, tmp_path):
    code, out, err = run(*FAST, "--out", tmp_path / "new" / "run")
    assert code == 0 and not err  # no terminal, no progress bar
    first, second, kept, test, fgsm, pgd, worst, version = out.splitlines()
    assert re.match(r"Epoch 1 of 2: validation error \d+\.\d\d%, loss .*; right under FGSM .*%, PGD .*%; .* s$", first)
    assert second.startswith("Epoch 2 of 2") and re.match(r"The network of epoch [12] was kept\.", kept)
    assert re.match(r"Test:   \d+\.\d\d% right, \d+ of 200 \(95% interval .*%\)$", test)
    assert "under FGSM (eps 20/255, 200 pictures" in fgsm and "under PGD-20 (eps 20/255, 1 restart, 200 pic" in pgd
    assert "under PGD-50 (eps 20/255, 5 restarts, 200 pictures, seed 0)" in worst
    sha, folder = re.match(r"Version (\w{12}) is in (\S+)$", version).groups()
    served = load(folder)
    assert identity_of(served.sha256, served.card).startswith(sha)


def test_json_is_a_line_for_each_epoch_and_one_at_the_end(run, tmp_path):
    code, out, err = run(*FAST, "--json", "--out", tmp_path)
    first, second, last = map(json.loads, out.splitlines())
    assert code == 0 and not err and (first["number"], second["number"]) == (1, 2)
    assert set(last) == {"done", "test_accuracy", "version", "path"} and last["done"] is True
    served = load(last["path"])
    assert identity_of(served.sha256, served.card) == last["version"]
    assert served.card["test"]["accuracy"] == last["test_accuracy"]
    assert run("--resume", tmp_path, "--json") == (0, f"{out.splitlines()[-1]}\n", "")  # it is finished


def test_without_a_folder_each_training_gets_a_new_one_where_the_data_lies(run, tmp_path, monkeypatch):
    monkeypatch.setenv("GIBBON_DATA", str(tmp_path))
    monkeypatch.setattr(commands_train, "_work", lambda plan, as_json: None)
    assert [run("--seed", seed)[0] for seed in (1, 1)] == [0, 0]
    one, other = sorted((tmp_path / "trainings").iterdir())
    assert one.name.startswith("mnist-lenet-20") and config_in(one) == config_in(other)


# --- One option for each setting ----------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_every_setting_is_an_option_with_its_help_and_default(setting, capsys):
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    told = "".join(capsys.readouterr().out.split())  # argparse breaks lines, also at hyphens
    assert f"--{setting.name.replace('_', '-')}" in told and "".join(setting.help.split()) in told
    if setting.kind == "boolean":
        assert f"--no-{setting.name.replace('_', '-')}" in told


def typed(name, value):
    option = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{option}" if value else f"--no-{option}"]
    return [f"--{option}", str(value)]


OTHER = {  # than the default
    **{name: not DEFAULTS[name] for name, setting in SETTINGS.items() if setting.kind == "boolean"},
    **{name: setting.bounds()[0] for name, setting in SETTINGS.items() if setting.kind in ("integer", "levels")},
    **{name: setting.maximum for name, setting in SETTINGS.items() if setting.kind == "number"},
    **{name: setting.choices[-1][0] for name, setting in SETTINGS.items() if setting.kind == "choice"},
    "dataset": "cifar10",
    "network": "convnet",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_typed_is_what_is_trained_with(run, tmp_path, monkeypatch, name):
    monkeypatch.setattr(commands_train, "_work", lambda plan, as_json: None)
    folder = tmp_path / "run"
    assert run(*typed(name, OTHER[name]), "--out", folder)[0] == 0
    written = config_in(folder)
    assert written[name] == OTHER[name] and type(written[name]) is type(getattr(validate({name: OTHER[name]}), name))
    others = {key for key in written if written[key] != DEFAULTS[key]} - {name}
    assert others <= {"network"}  # which the dataset suggests


BAD = {
    "a rate that is no number": (["--learning-rate", "nan"], "--learning-rate: learning_rate must be a number from"),
    "epochs in words": (["--epochs", "three"], "--epochs: epochs must be a whole number from 1 to 1000."),
    "half an epoch": (["--epochs", "2.5"], "--epochs: epochs must be a whole number"),
    "a choice nobody offers": (["--momentum", "0.5"], "--momentum: momentum must be one of: 0.0, 0.9, 0.99."),
    "no such dataset": (["--dataset", "emnist"], "--dataset: dataset must be one of: mnist"),
    "a contradiction": (["--nesterov", "--momentum", "0"], "--nesterov: Nesterov needs a momentum above 0."),
    "a flag with a value": (["--flip", "3"], "Unrecognized arguments: 3."),
    "no such option": (["--epoch-count", "3"], "Unrecognized arguments"),
    "nothing to go on with": (["--resume", "{tmp}"], "There is no training in .* to go on with."),
    "going on otherwise": (["--resume", "{tmp}", "--epochs", "3", "--flip"], "leave out --epochs, --flip."),
    "new and going on": (["--resume", "{tmp}", "--out", "{tmp}/new"], "not allowed with"),
    "a folder in use": (["--out", "{tmp}"], "is not empty. To go on with a training there: --resume"),
    "a report of no ZIP": (["--report"], "--report is for a ZIP of your own pictures: name it with --dataset."),
    "a ZIP that is not there": (["--report", "--dataset", "{tmp}/no.zip"], "There is no file .*no.zip."),
    "an encoding for no ZIP": (["--names-encoding", "gbk"], "--names-encoding is for a ZIP of your own pictures"),
    "an encoding nobody knows": (["--names-encoding", "klingon"], "--names-encoding: must be one of: utf-8, gb18030"),
    "a file that is no dataset": (["--dataset", "{tmp}/note"], "note is damaged: its content is not what its name"),
    "a file as folder": (["--out", "{tmp}/note"], "note is not a folder."),
    "too long a dataset's name": (["--dataset", "a" * 300], "a cannot be read: File name too long."),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(run, tmp_path, name):
    (tmp_path / "note").write_text("A note.")
    words, sentence = BAD[name]
    code, out, err = run(*(word.format(tmp=tmp_path) for word in words))
    assert (code, out) == (2, "") and re.search(sentence, err) and err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["note"]


PLANS = {
    "pictures by number": ({"config": {}, "pictures": 5}, "There is no training in .* to go on with."),
    "pictures in a list": ({"config": {}, "pictures": ["x"]}, "There is no training in .* to go on with."),
    "pictures that are gone": ({"config": {}, "pictures": "/nowhere/x.safetensors"}, "/nowhere/x.* is missing."),
    "settings by number": ({"config": 5, "pictures": None}, "The parameters must be an object"),
    "ten thousand lists": ("[" * 10_000, "There is no training in .* to go on with."),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_training_that_was_spoilt_is_not_gone_on_with(run, tmp_path, name):
    plan, sentence = PLANS[name]
    (tmp_path / "config.json").write_text(plan if isinstance(plan, str) else json.dumps(plan))
    code, out, err = run("--resume", tmp_path)
    assert (code, out) == (2, "") and re.search(sentence, err) and err.count("\n") == 1


def test_a_device_that_is_not_there_is_bad_input(run, tmp_path, monkeypatch):
    monkeypatch.setenv("GIBBON_DEVICE", "tpu9")
    code, _out, err = run(*FAST, "--out", tmp_path / "a")
    assert code == 2 and "GIBBON_DEVICE is 'tpu9'" in err


# --- Stopping and going on ----------------------------------------------------------------------------------------


def test_ctrl_c_stops_in_good_order_and_resume_ends_with_the_same_version(run, tmp_path, monkeypatch):
    undisturbed = json.loads(run(*FAST, "--json", "--out", tmp_path / "a")[1].splitlines()[-1])

    def interrupt(bar, done, total):
        if done > 0.7 * total:  # in the second of two epochs
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a process of pytest-xdist is deaf to it
    with monkeypatch.context() as patched:
        patched.setattr(Bar, "show", interrupt)
        code, out, err = run(*FAST, "--json", "--out", tmp_path / "b")
    signal.signal(signal.SIGINT, before)
    assert code == 130 and len(out.splitlines()) == 1
    assert err == (
        f"Stopped. To go on after the last whole epoch: python -m inference train --resume {tmp_path / 'b'}\n"
    )
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == [BEST, "config.json", LAST]
    shutil.copytree(tmp_path / "b", tmp_path / "c")
    code, out, err = run("--resume", tmp_path / "b", "--json")
    second, last = map(json.loads, out.splitlines())
    assert code == 0 and second["number"] == 2 and last["version"] == undisturbed["version"]
    assert "other conditions" not in err
    threads = torch.get_num_threads()
    monkeypatch.setenv("GIBBON_TORCH_THREADS", str(threads + 1))
    code, out, err = run("--resume", tmp_path / "c", "--json")
    torch.set_num_threads(threads)
    assert code == 0 and f"threads {threads + 1}, before {threads}. The weights will not be, bit for bit" in err


def test_a_training_that_is_under_way_is_not_gone_on_with_twice(run, tmp_path, monkeypatch):
    folder, said = tmp_path / "a", []
    work = commands_train._work

    def meanwhile(plan, *, as_json):
        said.append(run("--resume", folder))
        work(plan, as_json=as_json)

    monkeypatch.setattr(commands_train, "_work", meanwhile)
    assert run(*FAST, "--out", folder)[0] == 0
    assert said == [(2, "", f"Another training is writing to {folder}: wait until it has ended.\n")]


def test_a_folder_that_was_taken_meanwhile_is_left_alone(run, tmp_path, monkeypatch, few):
    def meanwhile(slug):
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "config.json").write_text("another's")
        return few

    monkeypatch.setattr(datasets, "load_data", meanwhile)
    code, _out, err = run(*FAST, "--out", tmp_path / "a")
    assert code == 2 and "a is not empty." in err and (tmp_path / "a" / "config.json").read_text() == "another's"


def test_what_fails_in_the_work_is_a_sentence_and_exit_code_1(run, tmp_path, monkeypatch):
    code, out, err = run("--learning-rate", 10, "--schedule", "constant", "--out", tmp_path / "a")
    assert (code, out) == (1, "") and "smaller learning rate" in err and err.count("\n") == 1

    def broken(slug):
        raise BadDataset("train-images-idx3-ubyte.gz is missing.")

    monkeypatch.setattr(datasets, "load_data", broken)
    assert run("--out", tmp_path / "b") == (1, "", "train-images-idx3-ubyte.gz is missing.\n")
    assert not (tmp_path / "b").exists()


def test_a_full_disk_is_a_sentence_and_exit_code_1(run, tmp_path):
    with small_disk(100_000):
        code, _out, err = run(*FAST, "--out", tmp_path / "a")
    assert code == 1 and err.startswith("File too large. What was finished is kept; to go on: python -m inference")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["config.json"]


def test_ones_own_pictures_may_be_learnt_from(run, tmp_path):
    seen = textures(side=64, training=8, test=1).training
    images = torch.nn.functional.interpolate(seen.images.float(), (224, 224)).byte().numpy()
    unpacked = Unpacked(np.ascontiguousarray(images), seen.labels, (), ("brick", "grass", "gravel"), {})
    file = save_own(unpacked, tmp_path, name="Textures").path
    options = ["--network", "convnet", "--epochs", "1", "--robust-pictures", "0", "--json", "--batch-size", "8"]
    code, out, err = run("--dataset", file, *options, "--out", tmp_path / "a")
    assert code == 0, err
    folder = json.loads(out.splitlines()[-1])["path"]
    served = load(folder)
    assert served.labels == ["brick", "grass", "gravel"] and served.input_size == 64
    assert run("--resume", tmp_path / "a", "--json")[1] == f"{out.splitlines()[-1]}\n"
    assert main(["evaluate", folder, "--dataset", str(file)]) == 0


def test_a_zip_is_learnt_from_and_told_of(run, tmp_path, monkeypatch):
    monkeypatch.setenv("GIBBON_DATA", str(tmp_path / "data"))
    options = ["--network", "convnet", "--epochs", "1", "--robust-pictures", "0", "--json"]
    code, out, err = run("--dataset", CASES / "zip_gbk_names.zip", *options, "--out", tmp_path / "a")
    assert code == 0 and load(json.loads(out.splitlines()[-1])["path"]).labels == ["狗", "猫"]
    *classes, note, where = err.splitlines()
    assert classes == ["狗: 5 can be used.", "猫: 5 can be used."] and "read as GBK" in note
    (file,) = (tmp_path / "data" / "own-pictures").iterdir()
    assert where == f"Prepared, they are in {file}."
    assert run("--resume", tmp_path / "a", "--json") == (0, f"{out.splitlines()[-1]}\n", "")


REPORTS = {
    "zip_gbk_names": (0, ["狗: 5 can be used.", "猫: 5 can be used.", "read as GBK"], ""),
    "zip_wrapped_train_val": (0, ["cat: 10", "dog: 10", "own parts are kept: train 10, test 10"], ""),
    "zip_empty_class": (0, ["cat: 5", "dog: 5", "The folder “bird” is empty"], ""),
    "zip_one_class_heic": (2, ["bird: 0 can be used. 6 × This is an iPhone", "cat: 5", "dog: 5"], "0 of 6"),
    "zip_same_picture": (2, ["black: 1 can be used. 4 × The same picture", "white"], "1 of 5"),
}


@pytest.mark.parametrize("case", REPORTS)
def test_a_report_tells_of_a_zip_and_trains_nothing(run, tmp_path, monkeypatch, case):
    monkeypatch.setenv("GIBBON_DATA", str(tmp_path))
    wanted, lines, problem = REPORTS[case]
    code, out, err = run("--dataset", CASES / f"{case}.zip", "--report")
    assert code == wanted and problem in err and bool(err) == bool(problem)
    assert all(words in line for words, line in zip(lines, out.splitlines(), strict=True))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    code, out, _err = run("--dataset", CASES / f"{case}.zip", "--report", "--json")
    told = json.loads(out)
    assert code == wanted and told["taken"] == (not wanted) and bool(told["problem"]) == bool(wanted)
    assert [one["label"] for one in told["report"]["classes"]] == [
        line.partition(":")[0] for line in lines if re.match(r"\w+(: \d|$)", line)
    ]


@pytest.mark.parametrize("typed", ["gbk", "GB2312", "cp936", "gb18030"])
def test_the_encoding_of_a_zips_names_can_be_chosen(run, tmp_path, monkeypatch, typed):
    monkeypatch.setenv("GIBBON_DATA", str(tmp_path))
    code, out, _err = run("--dataset", CASES / "zip_gbk_names.zip", "--report", "--names-encoding", typed)
    assert code == 0 and "狗: 5" in out and "Names were read as GBK, as was chosen." in out
    assert "狗" not in run("--dataset", CASES / "zip_gbk_names.zip", "--report", "--names-encoding", "cp866")[1]


# --- The progress bar ---------------------------------------------------------------------------------------------


@pytest.fixture
def terminal():
    """(stream to write to, function that reads what arrived) of a real terminal."""
    reading, writing = os.openpty()
    termios.tcsetwinsize(writing, (24, 80))
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        yield stream, lambda: b"".join(iter(lambda: _soon(reading), b"")).decode()
    os.close(reading)


def _soon(reading):
    """What a terminal shows comes in pieces."""
    return os.read(reading, 65536) if select.select([reading], [], [], 0.1)[0] else b""


def test_a_terminal_sees_bars_that_fill_and_go_and_the_report_stays_whole(run, terminal, monkeypatch, tmp_path):
    stream, arrived = terminal
    monkeypatch.setattr(sys, "stderr", stream)
    code, out, _err = run(*FAST, "--out", tmp_path / "a")
    assert code == 0 and out.startswith("Epoch 1 of 2") and "\r" not in out
    frames = [frame for frame in arrived().split("\r") if frame.strip()]
    assert {frame.split()[0] for frame in frames} == {"Learning", "Testing"}
    assert re.fullmatch(r"Learning \s{30}   0%  \? left", frames[0])
    # A quick machine is done before tqdm knows how long a step takes.
    assert any(re.fullmatch(r"Learning █+.* \d+%  (\d\d:\d\d|\?) left *", frame) for frame in frames)
