"""Where a command is to write is looked at before anything is computed."""

import errno
import json
import os
import re

import pytest

from inference.__main__ import main
from inference.cli import common, evaluate, pictures, train

COMMANDS = {
    "a table": ["evaluate", "digits", "--attack", "pgd,fgsm", "--csv"],
    "a picture": ["attack", "photo.jpg", "--epsilon", "2", "--out"],
    "a training": ["train", "--out"],
    "a training that goes on": ["train", "--resume"],
}
PLACES = {
    "the table as its own JSON": ("a table", "a.json", "a.json is the name of the JSON beside the CSV: choose another"),
    "the same in capitals": ("a table", "a.JSON", "a.JSON is the name of the JSON beside the CSV: choose another"),
    "the table as this folder": ("a table", ".", "is not a file: choose another name."),
    "a table without a name": ("a table", "", "is not a file: choose another name."),
    "the table as a folder": ("a table", "x.csv", "x.csv is not a file: choose another name."),
    "its JSON as a folder": ("a table", "y.csv", "y.json is not a file: choose another name."),
    "a table nowhere": ("a table", "no/x.csv", "There is no directory no."),
    "a table in a file": ("a table", "note/x.csv", "There is no directory note."),
    "a table on a device": ("a table", os.devnull, "is not a file: choose another name."),
    "too long a name": ("a table", "a" * 300, "cannot be written: File name too long."),
    "a JSON of too long a name": ("a table", "a" * 252, "json cannot be written: File name too long."),
    "the picture as a folder": ("a picture", "d.png", "d.png is not a file: choose another name."),
    "too long a picture's name": ("a picture", f"{'a' * 300}.png", "cannot be written: File name too long."),
    "a training in a file": ("a training", "note/deep/run", "note is not a folder."),
    "a training on a link to nothing": ("a training", "link", "link is not a folder."),
    "too long a training's name": ("a training", "a" * 300, "cannot be written: File name too long."),
}


@pytest.fixture
def refused(capsys, tmp_path, monkeypatch):
    """What a command says that ends with code 2, where nothing may be computed."""
    monkeypatch.chdir(tmp_path)
    for folder in ("x.csv", "y.json", "d.png", "begun"):
        (tmp_path / folder).mkdir()
    (tmp_path / "note").write_text("A note.")
    (tmp_path / "link").symlink_to("nothing")
    (tmp_path / "begun" / "config.json").write_text(json.dumps({"config": {}, "pictures": None}))
    for module, work in ((evaluate, "load_classifier"), (pictures, "_picture"), (train, "_load_data")):
        monkeypatch.setattr(module, work, None)

    def refused(command, place):
        before = sorted(tmp_path.rglob("*"))
        code = main([*COMMANDS[command], place])
        out, err = capsys.readouterr()
        assert (code, out, err.count("\n")) == (2, "", 1) and sorted(tmp_path.rglob("*")) == before
        return err

    return refused


@pytest.mark.parametrize("name", PLACES)
def test_a_place_that_cannot_be_written_is_refused_at_once(refused, name):
    command, place, sentence = PLACES[name]
    assert re.search(sentence, refused(command, place))


@pytest.mark.parametrize(
    ("command", "place"), list(zip(COMMANDS, ("a.csv", "a.png", "new/run", "begun"), strict=True)), ids=COMMANDS
)
def test_so_is_a_disk_that_is_only_read(refused, monkeypatch, command, place):
    def read_only(**_where):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(common, "TemporaryFile", read_only)
    assert refused(command, place) == f"{place} cannot be written: Read-only file system.\n"
