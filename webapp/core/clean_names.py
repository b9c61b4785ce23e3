"""A field of a form for a name that a person gives: kept without what is invisible or turns the text around."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inference.catalog.names import cleaned


class CleanCharField(forms.CharField):
    """Refuses a name of which nothing would be seen."""

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        name = cleaned(typed)
        if typed and not name:
            raise forms.ValidationError(_("Nothing of this name would be seen."), code="invisible")
        return name
