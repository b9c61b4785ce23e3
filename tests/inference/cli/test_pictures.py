"""The command line, through its front door."""

import hashlib
import json
import os
import re
import stat
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from attacks.catalog import ATTACKS
from inference.__main__ import main
from inference.catalog.classifiers import card
from inference.catalog.errors import OutOfMemory
from inference.catalog.identity import identity_of
from inference.images import pixels
from inference.networks import classifier as classifiers
from tests.support.paths import ROOT
from tests.support.walks import first


@pytest.fixture
def photo(tmp_path, cat):
    path = tmp_path / "photo.jpg"
    Image.fromarray(cat).save(path, quality=95)
    return path


@pytest.fixture(autouse=True)
def loaded_once(monkeypatch, classifier):
    """`load` itself is tested elsewhere; a subprocess below calls the real one."""
    monkeypatch.setattr(classifiers, "load", lambda name: classifier)


@pytest.fixture
def run(capsys):
    def run(*argv):
        code = main([str(word) for word in argv])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_predict_names_ten_classes(run, photo):
    code, out, err = run("predict", photo)
    assert code == 0 and not err
    assert "as EfficientNet-Lite0 sees it (the centred 300 x 300 of 451 x 300 pixels)" in out
    assert len(re.findall(r"^ +\d+\.\d%  .+ \(\d+\)$", out, re.MULTILINE)) == 10


def test_predict_as_json(run, photo, classifier):
    code, out, _ = run("predict", photo, "--json")
    found = json.loads(out)
    assert code == 0 and len(found["top"]) == 10
    identity = identity_of(classifier.sha256, card("imagenet-lite0"))
    hashes = {"identity": identity, "sha256": classifier.sha256}
    assert found["classifier"] == {"name": "EfficientNet-Lite0", **hashes, "device": "cpu"}


def test_attack_writes_a_picture_that_still_fools(run, photo, tmp_path):
    out_path = tmp_path / "adv.png"
    code, out, err = run("attack", photo, "--attack", "fgsm", "--epsilon", 2, "--out", out_path)
    assert code == 0 and not err
    assert "The network no longer says Egyptian cat." in out and "this verdict is the file's" in out
    assert "at 2/255 = 0.0078" in out and "Noise:   Egyptian cat" in out
    after = re.search(r"After:   (.+) \(\d+\)", out)[1]
    assert re.search(r"^ +\S+  (.+) \(", run("predict", out_path)[1], re.MULTILINE)[1] == after
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert stat.S_IMODE(out_path.stat().st_mode) == 0o666 & ~_umask()


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_attack_as_json_tells_all(run, photo, tmp_path):
    out_path = tmp_path / "adv.png"
    code, out, _ = run("attack", photo, "--epsilon", 3, "--seed", 4, "--out", out_path, "--json")
    found = json.loads(out)
    assert code == 0 and found["params"] == {"epsilon": 3, "target": None, "seed": 4}
    assert found["fooled"] and found["verified"] and found["distances"]["linf_levels"] == 3 and found["reached"] is None
    assert found["adversarial"]["sha256"] == hashlib.sha256(out_path.read_bytes()).hexdigest()
    assert found["adversarial"]["path"] == str(out_path)
    assert all(len(found[side]["top"]) == 10 for side in ("original", "adversarial", "control"))


def test_a_target_may_be_a_name_or_a_number(run, photo, tmp_path):
    named = run("attack", photo, "--epsilon", 4, "--target", "tiger cat", "--out", tmp_path / "a.png")
    numbered = run("attack", photo, "--epsilon", 4, "--target", 282, "--out", tmp_path / "b.png")
    assert named[0] == numbered[0] == 0 and "The network now says tiger cat." in named[1]
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_target_out_of_reach_is_said_honestly(run, photo, tmp_path):
    _, out, _ = run("attack", photo, "--epsilon", 1, "--target", "electric ray", "--out", tmp_path / "a.png")
    assert re.search(r"FGSM does not reach electric ray \(\d+\.\d% now\)", out)


def test_a_name_with_a_namesake_is_explained(run, photo, tmp_path):
    code, _, err = run("attack", photo, "--epsilon", 1, "--target", "crane", "--out", tmp_path / "a.png")
    assert code == 0
    assert err == "Taken as crane (517); there is also crane bird (134): give the number to choose.\n"


BAD = {
    "no file": (["predict", "{tmp}/nothing.jpg"], r"There is no file .*nothing\.jpg\."),
    "a directory": (["predict", "{tmp}"], "There is no file"),
    "no picture": (["predict", "{tmp}/note.jpg"], "not a picture"),
    "no such classifier": (["predict", "{photo}", "--classifier", "x"], "no classifier called x.*imagenet-lite0"),
    "no command": ([], r"The following arguments are required: predict \| attack \| train \| evaluate\."),
    "no such command": (["train9"], "Argument predict"),
    "no such option": (["predict", "{photo}", "--epsilonn", "3"], "Unrecognized arguments"),
    "no out": (["attack", "{photo}", "--epsilon", "2"], "--out"),
    "epsilon too large": (["attack", "{photo}", "--epsilon", "33", "--out", "{out}"], "from 1 to 32"),
    "epsilon zero": (["attack", "{photo}", "--epsilon", "0", "--out", "{out}"], "from 1 to 32"),
    "epsilon a fraction": (
        ["attack", "{photo}", "--epsilon", "8/255", "--out", "{out}"],
        r"grey levels of 255\. 8/255 is about 8",
    ),
    "epsilon nan": (["attack", "{photo}", "--epsilon", "nan", "--out", "{out}"], "whole number"),
    "seed negative": (["attack", "{photo}", "--epsilon", "2", "--seed=-1", "--out", "{out}"], "seed must be"),
    "an option of another attack": (
        ["attack", "{photo}", "--steps", "3", "--out", "{out}"],
        "^--steps: There is no option of that name here. The options are: epsilon, target, seed",
    ),
    "no such attack": (["attack", "{photo}", "--attack", "x", "--epsilon", "2", "--out", "{out}"], "fgsm"),
    "no such class": (
        ["attack", "{photo}", "--epsilon", "2", "--target", "elektric ray", "--out", "{out}"],
        r"Did you mean electric ray \(5\)",
    ),
    "two such classes": (
        ["attack", "{photo}", "--epsilon", "2", "--target", "CARDIGAN", "--out", "{out}"],
        "Several classes",
    ),
    "already the target": (
        ["attack", "{photo}", "--epsilon", "2", "--target", "Egyptian cat", "--out", "{out}"],
        "already says Egyptian cat",
    ),
    "no such directory": (
        ["attack", "{photo}", "--epsilon", "2", "--out", "{tmp}/missing/a.png"],
        "There is no directory .*missing",
    ),
    "not a png": (["attack", "{photo}", "--epsilon", "2", "--out", "{tmp}/a.jpg"], r"must end in \.png"),
    "out a directory": (["attack", "{photo}", "--epsilon", "2", "--out", "{tmp}/d.png"], "is not a file"),
    "out the photo": (["attack", "{tmp}/own.png", "--epsilon", "2", "--out", "{tmp}/own.png"], "the photo itself"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(run, photo, tmp_path, cat, name):
    (tmp_path / "note.jpg").write_text("This is a note, not a picture.")
    (tmp_path / "d.png").mkdir()
    (tmp_path / "own.png").write_bytes(pixels.write(np.ascontiguousarray(cat[:60, :60])))
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    words, sentence = BAD[name]
    places = {"photo": photo, "tmp": tmp_path, "out": tmp_path / "a.png"}
    code, out, err = run(*(word.format(**places) for word in words))
    assert code == 2 and not out
    assert re.search(sentence, err) and err.count("\n") == 1 and "Traceback" not in err
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_what_fails_in_the_work_is_a_sentence_and_exit_code_1(run, photo, monkeypatch, classifier):
    def full(pictures):
        raise OutOfMemory("The memory of cuda is too small.")

    monkeypatch.setattr(classifier, "probabilities", full)
    assert run("predict", photo) == (1, "", "The memory of cuda is too small.\n")


def test_a_file_that_cannot_be_put_in_place_leaves_nothing_behind(run, photo, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    code, _, err = run("attack", photo, "--epsilon", 2, "--out", tmp_path / "a.png")
    assert code == 1 and "No space left" in err
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


def test_a_device_that_is_not_there_is_bad_input(run, photo, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("GIBBON_DEVICE", "tpu9")
    code, out, err = run("predict", photo)
    assert (code, out) == (2, "") and "GIBBON_DEVICE is 'tpu9'" in err


def test_every_parameter_of_every_attack_is_an_option_with_its_help_and_default(capsys, monkeypatch):
    """Each attack's own: the 20 steps of PGD were told as 100, which the last attack takes that has steps."""
    monkeypatch.setenv("COLUMNS", "10000")
    with pytest.raises(SystemExit) as exit_:
        main(["attack", "--help"])
    told = re.split(r" (?=--[a-z])", " ".join(capsys.readouterr().out.partition("\noptions:")[2].split()))
    assert exit_.value.code == 0
    for record in ATTACKS.values():
        for option in record.options:
            [said] = [one for one in told if one.startswith(f"--{option.name.replace('_', '-')} ")]
            default = "" if option.default is None else f" Default: {option.default}."
            wanted = rf"{re.escape(option.help)}( One of [^:]*\.)?{re.escape(default)}"
            assert re.search(rf"[ ,]{record.slug}[^:]*: {wanted}", said), record.slug


@pytest.mark.walk
def test_it_runs_as_a_module(photo, tmp_path):
    """One real process: the real loading, nothing replaced, and torch left alone by bad input."""
    argv = [
        sys.executable,
        "-m",
        "inference",
        "attack",
        photo,
        "--epsilon",
        "2",
        "--out",
        tmp_path / "adv.png",
        "--json",
    ]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["fooled"] and found["verified"]


@pytest.mark.parametrize("where", first([{"LC_ALL": "C", "PYTHONUTF8": "0"}, {}]), ids=["ASCII", "UTF-8"])
def test_what_a_terminal_cannot_show_is_escaped_and_a_closed_pipe_is_let_go(tmp_path, where):
    """Whole processes, but only with what needs no network: names that are no UTF-8, in any locale."""
    name = os.fsencode(tmp_path) + b"/caf\xe9 \xe7\x8c\xab.png"
    with open(name, "wb") as file:
        file.write(b"not a picture")
    inherited = {key: value for key, value in os.environ.items() if key not in ("LC_ALL", "LANG", "LC_CTYPE")}
    told = subprocess.Popen(
        [sys.executable.encode(), b"-m", b"inference", b"attack", name + b".missing", b"--out", name],
        cwd=ROOT,
        env=inherited | where,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _, err = told.communicate()
    assert told.returncode == 2 and b"Traceback" not in err
    assert rb"caf\udce9" in err or b"caf\xe9" in err or rb"caf\xe9" in err

    head = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m inference --help | true; {sys.executable} manage.py help | true"],
        cwd=ROOT,
        env=inherited | where,
        capture_output=True,
        check=False,
    )
    assert head.stderr == b""
