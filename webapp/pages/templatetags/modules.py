"""Scripts whose imports are asked for together with them: a module's imports are known only once it has arrived."""

import re
from functools import cache
from pathlib import PurePosixPath

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

IMPORT = re.compile(
    r"""^import\s(?:[^;"']*\sfrom\s)?["'](\.[^"']+)["']""", re.MULTILINE
)  # import() comes when it comes


@register.simple_tag
def module(name: str) -> SafeString:
    """The script element of an ES module, and a preload for everything it imports, whatever how deep."""
    return format_html('{}\n  <script src="{}" type="module"></script>', _preloads(_needed(name)), static(name))


@register.simple_tag
def preload(name: str) -> SafeString:
    """Asks for a module that a script will import by a name in the page, and for everything that one imports."""
    return _preloads((name, *_needed(name)))


def _preloads(names: tuple[str, ...]) -> SafeString:
    return format_html_join("\n  ", '<link rel="modulepreload" href="{}">', ((static(one),) for one in names))


def _needed(name: str) -> tuple[str, ...]:
    return _imports.__wrapped__(name) if settings.DEBUG else _imports(name)


@cache
def _imports(name: str) -> tuple[str, ...]:
    """Static files that a module imports, each once, those that it names itself first."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop(0)
        for target in IMPORT.findall(_source(current)):
            imported = _resolved(PurePosixPath(current).parent / target)
            if imported not in found:
                found[imported] = None
                waiting.append(imported)
    return tuple(found)


def _source(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(f"There is no script {name}.")
    with open(path, encoding="utf-8") as file:
        return file.read()


def _resolved(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
