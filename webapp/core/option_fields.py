"""Fields of forms from the declarations of options: a new option appears in them by itself."""

from typing import Any

from django import forms
from django.utils.translation import gettext

from attacks.options import Limits, Option


def field_of(option: Option, limits: Limits | None = None) -> forms.Field:
    """The option's field, with its words, its bounds for a classifier with such limits, and its default."""
    common: dict[str, Any] = {
        "label": gettext(option.label),
        "help_text": gettext(option.help),
        "required": not option.nullable and option.kind != "boolean",
        "initial": option.usual(limits),
    }
    if option.kind == "choice":
        words = [(value, gettext(text)) for value, text in option.choices]
        field: forms.Field = forms.TypedChoiceField(choices=words, coerce=_reader(option.choices), **common)
    elif option.kind == "boolean":
        field = forms.BooleanField(**common)
    else:
        low, high = option.bounds(limits)
        kind: Any = forms.FloatField if option.kind == "number" else forms.IntegerField
        field = kind(min_value=low, max_value=high, **common)
        field.widget.attrs["step"] = "any" if option.kind == "number" else "1"
        if option.offered:
            field.widget.attrs["list"] = f"offered-{option.name}"
    if option.only_with:
        other, values = option.only_with
        field.widget.attrs |= {"data-only-with": other, "data-only-values": " ".join(str(value) for value in values)}
    return field


def _reader(choices: tuple[tuple[Any, str], ...]) -> Any:
    """From the text a browser sends back to the declared value: "0.9" to 0.9."""
    values = {str(value): value for value, _words in choices}
    return lambda text: values[text]
