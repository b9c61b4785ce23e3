"""`|rich`: a lesson's text with its links to the glossary; `{% widget %}`: a part one can touch, on any page."""

import json
import re
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from inference.catalog.class_names import class_names as names_of
from inference.catalog.datasets import DATASETS
from webapp.learn.parts import Widget
from webapp.learn.words import EXPLAINED
from webapp.pictures.models import Picture

register = template.Library()

LINK = re.compile(r"\[([^\]]+)\]\(([a-z0-9-]+)\)")
SYMBOL = re.compile(r"\*([^*\s][^*]*)\*")
CODE = re.compile(r"`([^`]+)`")
PERCENT = re.compile(r"(?<=\d) %")


@register.filter
def rich(text: Any) -> SafeString:
    """[words](slug) leads to the glossary's entry, *z* is a symbol, `code` is code; all else is shown as it stands."""
    marked: str = escape(PERCENT.sub("\u202f%", str(text)))  # never at a line's beginning, as in `percents`
    marked = LINK.sub(rf'<a class="word" href="{reverse("words")}#\2">\1</a>', marked)
    marked = SYMBOL.sub(r"<var>\1</var>", marked)
    return mark_safe(CODE.sub(r"<code>\1</code>", marked))  # noqa: S308 - escaped above


@register.filter
def plain(text: Any) -> str:
    """The same without marks, for titles and what is read aloud."""
    return CODE.sub(r"\1", SYMBOL.sub(r"\1", LINK.sub(r"\1", str(text))))


@register.filter
def as_json(value: Any) -> str:
    return json.dumps(value)


@register.simple_tag
def more_on(option: str) -> SafeString | str:
    """The glossary's entry for an option of an attack or a training, as a link; "" if it needs none."""
    if (word := EXPLAINED.get(option)) is None:
        return ""
    return format_html('<a class="word" href="{}#{}">{}</a>', reverse("words"), word.slug, word.term)


@register.simple_tag
def samples(*slugs: str) -> list[Picture]:
    """The samples of those names, in that order; one that the site does not have is left out."""
    found = {picture.sample: picture for picture in Picture.objects.samples().filter(sample__in=slugs)}
    return [found[slug] for slug in slugs if slug in found]


@register.simple_tag
def class_names(dataset: str) -> str:
    """What the classes of a dataset are called in the reader's language, in their order, as JSON."""
    return json.dumps(names_of(dataset, DATASETS[dataset].labels, get_language()), ensure_ascii=False)


@register.inclusion_tag("learn/_embedded.html")
def widget(slug: str, **settings: Any) -> dict[str, Any]:
    """A part on any page that has {% module "js/learn/parts.js" %}; settings as the lesson's record would give them."""
    return {"part": Widget(slug, settings=settings)}
