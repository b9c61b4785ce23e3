"""Messages put together in the language of whoever reads them, from what another process or a row kept of them."""

import ast
import json

import pytest

from attacks.options import OptionError
from attacks.words import BESIDE, Listed
from inference.catalog.labels import find_class
from inference.catalog.messages import ClassName, Words, worded
from inference.cli.words import told
from tests.messages import ROOT

CHINESE = {"progressive JPEG": "渐进式 JPEG", "%(a)s": "“%(a)s”", BESIDE: "%(name)s（%(more)s）"}


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (5, "5", "“5”"),
        ("progressive JPEG", "progressive JPEG", "“progressive JPEG”"),  # somebody's own text
        (Words("progressive JPEG"), "progressive JPEG", "“渐进式 JPEG”"),
        (ClassName("imagenet", 388, "giant panda"), "giant panda", "“大熊猫”"),
        (ClassName("", 388, "giant panda"), "giant panda", "“giant panda”"),
        (Listed(["a", 2]), "a, 2", "“a、2”"),
        (Listed([Words(BESIDE, name="a", more=1)] * 2), "a (1), a (1)", "“a（1）、a（1）”"),
        ([{"message": "No.", "params": {}, "count": 2}], " 2 × No.", "“2 × No.”"),
    ],
)
def test_each_kind_of_value_is_told_in_the_readers_language(value, english, chinese) -> None:
    kept = json.loads(json.dumps({"a": value}))

    for values in (kept, {"a": value}):
        assert worded("%(a)s", values) == english
        assert worded("%(a)s", values, lambda text: CHINESE.get(text, text), "zh-hans") == chinese
    assert isinstance(value, list) or str(value) == english


def test_classes_that_are_offered_are_listed_as_the_language_lists(monkeypatch) -> None:
    with pytest.raises(OptionError) as refused:
        find_class(["crane", "crane bird"], "cranes")
    assert str(refused.value) == told(refused.value)
    assert "Did you mean crane (0), crane bird (1)?" in str(refused.value)
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    assert told(refused.value) == "没有叫“cranes”的类别。你是不是要找：crane（0）、crane bird（1）？"


def test_no_refusal_carries_a_bare_label() -> None:
    """A label is the dataset's: it passes through ClassName, or through what a reader's names are found by."""
    bare = []
    for path in [*(ROOT / "inference").rglob("*.py"), *(ROOT / "webapp").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                values = [*node.exc.args, *(word.value for word in node.exc.keywords)]
                bare += [
                    f"{path.relative_to(ROOT)}:{node.lineno}"
                    for value in values
                    if isinstance(value, ast.Subscript) and ast.unparse(value.value).endswith(".labels")
                ]
    assert not bare
