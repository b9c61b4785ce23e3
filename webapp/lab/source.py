"""The source of an attack as it runs: read from the installed modules, which are found but not imported (torch)."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

PACKAGE = "attacks"  # what others wrote is theirs to show
_FORMATTER = HtmlFormatter(nowrap=True, classprefix="hl-")
_ONE_AT_A_TIME = Lock()  # Python up to 3.12 may fail where two threads parse (cpython issue 106905); and once is enough

Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Piece:
    """One function or class."""

    name: str
    place: str  # file and line
    html: str  # highlighted: spans with classes that begin with "hl-"


def pieces(function: str) -> tuple[Piece, ...]:
    """The function "module:name", as a record spells it, then everything in the package that it uses, nearest first."""
    with _ONE_AT_A_TIME:
        return _pieces(function)


@lru_cache(maxsize=64)
def _pieces(function: str) -> tuple[Piece, ...]:
    module, _, name = function.partition(":")
    return tuple(_piece(*found) for found in _used(module, name))


def _used(module: str, name: str) -> Iterator[tuple[str, Definition]]:
    waiting, seen = [(module, name)], {(module, name)}
    while waiting:
        home, wanted = waiting.pop(0)
        here = _Module.read(home)
        if wanted not in here.definitions:
            continue  # a constant, or a type
        definition = here.definitions[wanted]
        yield home, definition
        for node in ast.walk(definition):
            place = here.home_of(node)
            if place and place not in seen:
                seen.add(place)
                waiting.append(place)


def _piece(module: str, definition: Definition) -> Piece:
    here = _Module.read(module)
    first = min([definition.lineno, *(decorator.lineno for decorator in definition.decorator_list)])
    lines = here.text.splitlines()[first - 1 : definition.end_lineno]
    place = f"{module.replace('.', '/')}.py:{first}"
    return Piece(definition.name, place, highlight("\n".join(lines), PythonLexer(), _FORMATTER))


@dataclass(frozen=True)
class _Module:
    """What is defined at a module's top level, and what it takes from others of the package."""

    name: str
    text: str
    definitions: dict[str, Definition]
    imported: dict[str, tuple[str, str]]  # name here -> (module, name there)

    @classmethod
    @lru_cache(maxsize=64)
    def read(cls, name: str) -> "_Module":
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise LookupError(f"There is no module {name}.")
        text = Path(spec.origin).read_text("utf-8")
        body = ast.parse(text).body
        definitions = {node.name: node for node in body if isinstance(node, Definition)}
        imported = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in body
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE
            for alias in node.names
        }
        return cls(name, text, definitions, imported)

    def home_of(self, node: ast.AST) -> tuple[str, str] | None:
        """Where in the package what the code names there is defined; None if it is not."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            package, name = self.imported.get(node.value.id, ("", ""))
            return (f"{PACKAGE}.{name}", node.attr) if package == PACKAGE else None
        if not isinstance(node, ast.Name):
            return None
        return (self.name, node.id) if node.id in self.definitions else self.imported.get(node.id)
