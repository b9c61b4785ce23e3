"""`|shown`: a name that is data, in the reader's language where it comes with Gibbon."""

from django import template

from webapp.core.shown import shown

register = template.Library()
register.filter("shown", shown)
