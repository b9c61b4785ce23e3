"""Words for templates: `|shown` for names that are data, `|listed` and `|clauses` for lists.

Where the parts have elements of their own, {% comma %} stands between the items of a list, {% gap %} between sentences.
"""

from django import template
from django.utils.translation import get_language

from inference.catalog.messages import full_width
from webapp.core.shown import shown
from webapp.core.words import clauses, listed

register = template.Library()
register.filter("shown", shown)
register.filter("listed", listed)
register.filter("clauses", clauses)


@register.simple_tag
def gap() -> str:
    """A space; nothing where the punctuation before it brings its own."""
    return "" if full_width(get_language()) else " "


@register.simple_tag
def comma() -> str:
    """What stands between the items of a list."""
    return listed(("", ""))
