"""The form that chooses an attack and its options, made from the records: a new attack appears in it by itself."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from attacks.catalog import ATTACKS
from attacks.options import Limits, Option, OptionError
from attacks.record import NORMS, AttackRecord, Preset
from webapp.core.errors import worded
from webapp.core.option_fields import field_of

Json = Mapping[str, Any]


class AttackForm(forms.Form):
    """What a visitor sets by hand: all but the target, which is chosen among classes, and what the slider tells."""

    def __init__(self, record: AttackRecord, limits: Limits, given: Json) -> None:
        super().__init__(prefix=record.slug, label_suffix="", initial=dict(given))
        self.fields.update({option.name: _field(option, limits) for option in set_by_hand(record)})


def set_by_hand(record: AttackRecord) -> list[Option]:
    """The options that have a field of their own."""
    swept = record.budget if record.path == "ray" else None
    asked = [option for option in record.options if option.kind != "class" and not option.fixed]
    return [option for option in asked if option.name != swept]


def choices(chosen: str, params: Mapping[str, Json], limits: Limits) -> list[dict[str, Any]]:
    """Every attack as the page offers it, in groups by what it may change; `params` has the values of each form."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for record in ATTACKS.values():
        groups.setdefault(record.norm, []).append(_choice(record, chosen, params[record.slug], limits))
    return [{"norm": gettext(NORMS[norm]), "attacks": attacks} for norm, attacks in groups.items()]


def _choice(record: AttackRecord, chosen: str, params: Json, limits: Limits) -> dict[str, Any]:
    return {
        "slug": record.slug,
        "name": gettext(record.name),
        "chosen": record.slug == chosen,
        "refused": _refused(record, limits),
        "options": _drawn(record.slug, limits, json.dumps(params), get_language()),
    }


@lru_cache(maxsize=512)
def _drawn(slug: str, limits: Limits, params: str, language: str) -> str:
    """What is said of an attack, and its fields, as HTML: drawing it takes long, and most pages have the same."""
    record = ATTACKS[slug]
    context = {
        "summary": gettext(record.summary),
        "knowledge": gettext(record.threat_model.knowledge),
        "paper": record.paper,
        "paper_url": record.paper_url,
        "few": gettext(record.without_classes) if limits.classes < record.needs_classes else "",
        "presets": [
            {"label": gettext(one.label), "why": gettext(one.why), "values": json.dumps(_set(record, one, limits))}
            for one in record.presets
        ],
        "form": AttackForm(record, limits, json.loads(params)),
    }
    return render_to_string("lab/_attack_options.html", context)


def _set(record: AttackRecord, preset: Preset, limits: Limits) -> dict[str, Any]:
    """What a preset sets: its own values, of other options the defaults; budget and seed stay as they are."""
    own = [option for option in set_by_hand(record) if option.used_by == "attack" and option.name != record.budget]
    return {option.name: option.usual(limits) for option in own if option.name != "seed"} | dict(preset.values)


def _refused(record: AttackRecord, limits: Limits) -> str:
    """Why it cannot be run on such a network; "" if it can."""
    try:
        record.refuse_size(limits)
    except OptionError as error:
        return worded(error.template, error.values)
    return ""


def _field(option: Option, limits: Limits) -> forms.Field:
    field = field_of(option, limits)
    field.widget.attrs |= {"data-option": option.name, "data-kind": option.kind}
    return field
