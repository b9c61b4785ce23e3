"""The form that chooses an attack and its options, made from the records: a new attack appears in it by itself."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext

from attacks.catalog import ATTACKS
from attacks.options import Limits, Option
from attacks.record import AttackRecord
from webapp.core.option_fields import field_of


class AttackForm(forms.Form):
    """What a visitor sets by hand: all but the target, which is chosen among classes, and what the slider tells."""

    def __init__(self, record: AttackRecord, limits: Limits, given: Mapping[str, Any]) -> None:
        super().__init__(prefix=record.slug, label_suffix="", initial=dict(given))
        self.fields.update({option.name: _field(option, limits) for option in set_by_hand(record)})


def set_by_hand(record: AttackRecord) -> list[Option]:
    """The options that have a field of their own."""
    swept = record.budget if record.path == "ray" else None
    asked = [option for option in record.options if option.kind != "class" and not option.fixed]
    return [option for option in asked if option.name != swept]


def choices(chosen: str, given: Mapping[str, Any], limits: Limits) -> list[dict[str, Any]]:
    """Every attack as the page offers it; `chosen` has the values that were given, the others the usual ones."""
    return [
        {
            "slug": record.slug,
            "name": record.name,
            "summary": gettext(record.summary),
            "knowledge": gettext(record.threat_model.knowledge),
            "paper": record.paper,
            "paper_url": record.paper_url,
            "chosen": record.slug == chosen,
            "form": AttackForm(record, limits, given if record.slug == chosen else _shared(record, given)),
        }
        for record in ATTACKS.values()
    ]


def _shared(record: AttackRecord, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given for options that this attack has, too: the same budget, the same seed."""
    return {option.name: given[option.name] for option in record.options if option.name in given}


def _field(option: Option, limits: Limits) -> forms.Field:
    field = field_of(option, limits)
    field.widget.attrs |= {"data-option": option.name, "data-kind": option.kind}
    return field
