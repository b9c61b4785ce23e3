"""Pages that explain."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import gettext

from attacks.record import NORMS
from inference.catalog.configuration import SETTINGS
from inference.catalog.preparations import PREPARATIONS
from webapp.core.shown import protocol_words, shown
from webapp.lab.describe import attacks
from webapp.lab.samples import all_samples
from webapp.registry.describe import classifiers


def about(request: HttpRequest) -> HttpResponse:
    """What the classifiers are, how good each is, and whose pictures the samples are."""
    context = {
        "classifiers": [classifier | _card_worded(classifier) for classifier in classifiers(labels=False)],
        "attacks": [attack | {"norm_name": gettext(NORMS[attack["norm"]])} for attack in attacks()],
        "samples": all_samples(),
        "days": settings.PICTURE_DAYS,
    }
    return render(request, "pages/about.html", context)


def fresh_token(request: HttpRequest) -> HttpResponse:
    """The CSRF token as it is now: a page that was open while somebody logged in beside it carries an old one.

    No foreign page can read this answer: nothing here allows other origins.
    """
    return JsonResponse({"token": get_token(request)}, headers={"Cache-Control": "no-store"})


def _card_worded(classifier: Mapping[str, Any]) -> dict[str, Any]:
    """What a card says, in words: what is seen, how it was hardened, and every figure with what it was measured by."""
    card = classifier["card"]
    test = card.get("test", {})
    return {
        "sees": gettext(PREPARATIONS[classifier["preparation"]].seen) % {"n": card["input_size"]},
        "hardened": _hardening(card),
        "trained_on": _trained_on(card),
        "dataset_name": shown(card.get("dataset", {}).get("name", "")),
        "taken_from": card["weights"].get("package") or shown(card["dataset"]["name"]),
        "attacked": [
            {**measured, "protocol_words": protocol_words(measured["protocol"])}
            for measured in test.values()
            if isinstance(measured, Mapping) and "protocol" in measured
        ],
        "interval": [f"{100 * end:.1f}" for end in test.get("interval", ())],
    }


def _trained_on(card: Mapping[str, Any]) -> str:
    """How many pictures of what it learnt from; of what came ready-made, what its card says."""
    data = card.get("dataset", {})
    if "training" not in data:
        return shown(card["trained_on"])
    template = gettext("%(data)s: %(training)s pictures, %(validation)s more to validate")
    return template % {**data, "data": shown(data["name"])}


def _hardening(card: Mapping[str, Any]) -> str:
    """How the network was trained on attacked pictures, as the form of a training says it; "" if it was not."""
    chosen = card.get("config", {}).get("adversarial", "off")
    return "" if chosen == "off" else gettext(dict(SETTINGS["adversarial"].choices)[chosen])
