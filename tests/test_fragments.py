"""No sentence is put together of pieces: what stands between them is one language's, and in Chinese it is another."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.messages import ROOT

AGAIN = "One template with named values instead (docs/translating.md): listed, clauses, run_on, beside, said_of."
GLUE = re.compile(r"[,;:] ")
# Not for readers of any language, or for the terminal of whoever runs a site, which is English.
OURS = {
    "webapp/supervisor": "what ./run says",
    "attacks/words.py": "the list itself, in English",
    "webapp/api/schemas.py": "the API's document, in English",
    "webapp/jobs/management": "what manage.py says",
    "webapp/core/middleware.py": "a header",
    "webapp/visitors/middleware.py": "a header",
    "inference/training/recipes.py": "the makers' command line",
    "inference/training/conditions.py": "kept as data",
    "inference/training/versions.py": "a card, in English",
    "webapp/training/saving.py": "a name that is kept, in English; webapp/core/shown.py tells it",
    "inference/catalog/protocols.py": "a protocol as cards have it, in English; `worded` tells it",
    "inference/catalog/worst_case.py": "JSON, in English",
    "inference/networks/device.py": "a device, as PyTorch names it",
}
PROGRAMMERS = ("raise ValueError(", "raise TypeError(", "raise KeyError(")  # their sentences are read in a traceback


def glued_in_python(source: str) -> Iterator[str]:
    """Joins with punctuation, and punctuation between two values of an f-string."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and ast.unparse(node).startswith(PROGRAMMERS):
            node.exc = None  # what is below is not looked at
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
            by = node.func.value
            if isinstance(by, ast.Constant) and isinstance(by.value, str) and GLUE.fullmatch(by.value):
                yield ast.unparse(node)
        if isinstance(node, ast.JoinedStr):
            parts = node.values
            for before, part, after in zip(parts, parts[1:], parts[2:], strict=False):
                ends = isinstance(before, ast.FormattedValue) and isinstance(after, ast.FormattedValue)
                if ends and isinstance(part, ast.Constant) and re.fullmatch(r"[,;:.] | \(", str(part.value)):
                    yield ast.unparse(node)


SPOKEN = r"""\b(?:aria-label|alt|title|placeholder)="([^"]*)\""""
TOKENS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<(?:[^<>{]|\{\{.*?\}\}|\{%.*?%\})*>", re.DOTALL)
LEFT_OUT = re.compile(
    r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|\{% blocktranslate.*?\{% endblocktranslate %\}"
    r"|<(script|style|code|pre|math)\b.*?</\1>|<(\w+)[^>]* lang=\"en\".*?</\2>|&\w+;",
    re.DOTALL,
)


# The end of a sentence, a space, and what follows in the same line: {% gap %} instead.
SPACED = re.compile(r"""(?:[.:,;?!…]" %\}|[.:,;?!…]\{% endblocktranslate %\}) (?:<(?:a|span|b|small)\b|\{\{)""")


def glued_in_template(source: str) -> Iterator[str]:
    """Punctuation and spaces that stand in a template outside of every translated text, and lists joined there."""
    yield from (found[0] for found in SPACED.finditer(source))
    bare = LEFT_OUT.sub(" ", source)
    yield from re.findall(r"\|join:\"[^\"]*\"", bare)
    yield from (text for text in re.findall(SPOKEN, bare) if re.search(r"\}[,;:.!?]", text))
    yield from (
        text.strip() for text in TOKENS.sub("\0", bare).split("\0") if re.search(r"[,;:!?.](?!\d)|^\s*\($", text)
    )


def glued_in_script(source: str) -> Iterator[str]:
    """Joins with punctuation, and punctuation between two values of a template literal."""
    yield from re.findall(r"\.join\(\"[,;:] ?\"\)(?!\}\])", source)  # [0, 1] is a place, in any language
    said = re.sub(r"new Error\(`[^`]*`\)", "", source)
    yield from re.findall(r"`[^`\n]*\}(?:[,;:.] | \()\$\{[^`\n]*`", said)


def sources(folder: str, ending: str) -> Iterator[Path]:
    yield from (path for path in sorted((ROOT / folder).rglob(f"*.{ending}")) if "migrations" not in path.parts)


@pytest.mark.parametrize(
    ("ending", "folders", "glued"),
    [
        ("py", ("attacks", "inference", "webapp"), glued_in_python),
        ("html", ("templates",), glued_in_template),
        ("js", ("static/js",), glued_in_script),
    ],
)
def test_no_sentence_is_put_together_of_pieces(ending, folders, glued) -> None:
    paths = [path for folder in folders for path in sources(folder, ending)]
    assert len(paths) > 20
    wrong = {
        f"{path.relative_to(ROOT)}: {found}"
        for path in paths
        if not str(path.relative_to(ROOT)).startswith(tuple(OURS))
        for found in glued(path.read_text(encoding="utf-8"))
    }
    assert not wrong, "\n".join([*sorted(wrong), AGAIN])


@pytest.mark.parametrize(
    ("glued", "source"),
    [
        (glued_in_python, 'words = ", ".join(names)'),
        (glued_in_python, 'words = f"{name} ({more})"'),
        (glued_in_template, "<dt>{{ title }}: <b>{{ told }}</b></dt>"),
        (glued_in_template, '{% translate "grey" %}, {{ size }}'),
        (glued_in_template, '<p aria-label="{{ title }}; {% translate "as a table" %}">'),
        (glued_in_template, '{{ names|join:", " }}'),
        (glued_in_script, 'names.join(", ")'),
        (glued_in_script, "`${name}, ${share}`"),
    ],
)
def test_what_is_put_together_would_be_found(glued, source) -> None:
    assert [*glued(source)]
