"""What is said of an attack before it is begun: how much work it is, and when it will be done."""

import math
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext, ngettext

from inference.catalog.work import seconds_of
from webapp.core.errors import Refusal
from webapp.jobs.line import Forecast
from webapp.lab.models import Attack
from webapp.registry.models import ModelVersion

NOT_NOW = ("too_much_work", "one_at_a_time", "busy")
SLIGHT = 1  # seconds that others take which are not worth a word: one's own sweep, about to end


def attack_seconds(row: Attack, version: ModelVersion) -> float | None:
    """How long a worker will take for an attack; None before any worker has measured its network.

    Of one pass nobody need know: there is nothing to do it in turns with.
    """
    record, limits = row.record, version.limits
    forward, gradient = version.forward_seconds, version.gradient_seconds
    if forward is None or gradient is None:
        return None if max(record.passes(row.params, limits)) > 1 else 0.0
    return seconds_of(record, row.params, limits, forward=forward, gradient=gradient)


def forecast_json(foresee: Callable[[], Forecast]) -> dict[str, Any]:
    """The forecast for programs, with its sentence for people; "" where it is over in a moment.

    That it would be refused although nothing is wrong with it is a forecast, too.
    """
    try:
        forecast = foresee()
    except Refusal as refusal:
        if refusal.code not in NOT_NOW:
            raise
        nothing = dict.fromkeys(("queue", "position", "work_seconds", "expected_seconds"))
        return {"begins": False, **nothing, "sentence": refusal.message}
    return {
        "begins": True,
        "queue": forecast.queue.name,
        "position": forecast.position,
        "work_seconds": _whole(forecast.seconds),
        "expected_seconds": _whole(forecast.expected_seconds),
        "sentence": _sentence(forecast) if forecast.queue.takes_turns else "",
    }


def _sentence(forecast: Forecast) -> str:
    work, until = _whole(forecast.seconds), _whole(forecast.expected_seconds)
    if work is None or until is None:
        return gettext(
            "How long this takes is not known yet: this network was not used here before. "
            "It is done in turns with what others ask for."
        )
    if until - work <= SLIGHT:
        template = ngettext(
            "This takes up to %(work)s second. What others ask for goes before it now and then.",
            "This takes up to %(work)s seconds. What others ask for goes before it now and then.",
            work,
        )
        return template % {"work": work}
    return gettext(
        "This is up to %(work)s s of work, done in turns with others': ready within about %(until)s s, "
        "as number %(place)s in the queue."
    ) % {"work": work, "until": until, "place": forecast.position}


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else math.ceil(seconds)
