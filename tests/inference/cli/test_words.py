"""The command line speaks the language of its environment, from the site's catalogue, without Django."""

import os
import subprocess
import sys

import pytest

from inference.__main__ import main
from inference.cli.words import gettext, ngettext, wanted
from tests.support.paths import ROOT

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture
def language(monkeypatch):
    """language(LANG="zh_CN.UTF-8"): an environment with these of the four variables."""

    def speak(**given: str) -> None:
        for name in VARIABLES:
            monkeypatch.setenv(name, "")  # what the command itself sets is undone, too
        for name, value in given.items():
            monkeypatch.setenv(name, value)

    return speak


@pytest.mark.parametrize(
    ("given", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_SG.UTF-8"}, True),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "zh_CN.GB18030"}, True),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, True),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en:zh_CN"}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "de_DE.UTF-8"}, False),
        ({}, False),
    ],
)
def test_the_first_variable_that_is_set_decides(language, given, chinese) -> None:
    language(**given)
    assert bool(wanted()) == chinese
    assert gettext("Steps") == ("步数" if chinese else "Steps")
    assert ngettext("%(count)s restart", "%(count)s restarts", 2) == (
        "%(count)s 个起点" if chinese else "%(count)s restarts"
    )


def test_refusals_are_told_in_chinese_whoever_raised_them(language, capsys) -> None:
    language(LC_ALL="zh_CN.UTF-8")
    for words, told in {
        ("predict", "nothing.png"): "没有文件 nothing.png。",
        ("predict", "nothing.png", "--classifier", "nix"): "没有叫 nix 的分类器。",
        ("evaluate", "digits", "--attack", "nix"): "--attack：没有 'nix' 这个选择",
        ("evaluate", "digits", "--dataset", "nix"): "没有叫 nix 的数据集。",
        ("train", "--epochs", "many"): "epochs 必须是",
    }.items():
        assert main(words) == 2
        assert told in capsys.readouterr().err


def test_classes_are_found_and_told_by_their_chinese_names(language, capsys) -> None:
    language(LANG="zh_CN.UTF-8")
    photo = str(ROOT / "inference" / "assets" / "samples" / "panda.jpg")
    assert main(("predict", photo)) == 0
    assert "大熊猫（388）" in capsys.readouterr().out
    assert main(("attack", photo, "--out", "x.png", "--target", "鲸鱼")) == 2
    assert "没有叫“鲸鱼”的类别。" in capsys.readouterr().err


def test_help_is_chinese_from_its_first_word_and_django_stays_out() -> None:
    inherited = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    source = "import sys\nfrom inference.__main__ import main\ntry:\n    main(['train', '--help'])\nfinally:\n    "
    source += "assert 'django' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", source], env={**inherited, "LANG": "zh_CN.UTF-8", "PYTHONIOENCODING": "utf-8"},
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("用法：") and "用数据集训练一个网络" in done.stdout
    assert "默认值：" in done.stdout and "show this help" not in done.stdout
