"""Every text of the sources that is marked for translation, found without GNU gettext: by Python's own parser, by
Django's reading of templates, and in scripts by the form that calls have there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from tests.messages import ROOT

MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "ngettext_noop"}
IN_TEMPLATE = re.compile(r"\b(?:gettext|_)\((u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"))\)|\bngettext\((u?'(?:\\.|[^'\\])*'|u?\"(?:\\.|[^\"\\])*\")")  # fmt: skip  # noqa: E501
IN_SCRIPT = re.compile(r"\bn?gettext\(\s*(\"(?:\\.|[^\"\\])*\")")


def marked_in_python() -> Iterator[tuple[Path, str]]:
    """Calls with a text that is written out."""
    for package in ("attacks", "inference", "webapp"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and node.args and _called(node) in MARKS:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        yield path, first.value


def marked_in_templates() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for one, of_many in IN_TEMPLATE.findall(templatize(path.read_text(encoding="utf-8"), origin=str(path))):
            yield path, ast.literal_eval(one or of_many)


def marked_in_scripts() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        for text in IN_SCRIPT.findall(path.read_text(encoding="utf-8")):
            yield path, ast.literal_eval(text)


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""
