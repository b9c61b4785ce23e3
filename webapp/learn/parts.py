"""What a lesson's page is put together from, in the order in which it is read. Any page may embed a widget."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.staticfiles import finders
from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True)
class Text:
    """Paragraphs, below a heading or going on without one. `note` stands in the margin beside them."""

    paragraphs: tuple[Words, ...]
    heading: Words = ""
    note: Words = ""
    template = "learn/_text.html"


@dataclass(frozen=True)
class Formula:
    """MathML in templates/learn/formulas/<name>.html; `caption` reads it aloud in words."""

    name: str
    caption: Words
    template = "learn/_formula.html"

    @property
    def formula(self) -> str:
        return f"learn/formulas/{self.name}.html"


@dataclass(frozen=True)
class Widget:
    """A picture one can touch: templates/learn/parts/<slug>.html, started by static/js/learn/parts/<slug>.js, with
    static/css/learn/parts/<slug>.css if there is one.

    settings: what it begins with, handed to `start(root, settings)`.
    name: what experiments call it where one page has two of a slug.
    wide: over the margin too; its experiments then stand below it.
    """

    slug: str
    caption: Words = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    wide: bool = False
    template = "learn/_widget.html"

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.slug)

    @property
    def structure(self) -> str:
        return f"learn/parts/{self.slug}.html"

    @property
    def script(self) -> str:
        return f"js/learn/parts/{self.slug}.js"

    @property
    def style(self) -> str:
        """Its style sheet's name; "" if what all parts share is enough."""
        name = f"css/learn/parts/{self.slug}.css"
        return name if finders.find(name) else ""

    @property
    def settings_json(self) -> str:
        return json.dumps(dict(self.settings))


Part = Text | Formula | Widget
