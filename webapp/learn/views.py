"""The course's pages: the map, each lesson, the words, the summary."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from webapp.core.errors import not_found
from webapp.learn.lessons import LESSONS
from webapp.learn.parts import Formula, Widget
from webapp.learn.races import RACES, settings
from webapp.learn.record import Lesson
from webapp.learn.word import GROUPS
from webapp.learn.words import WORDS


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The map: every lesson with its idea, its minutes and what it needs."""
    context = {"stations": _stations(), "minutes": sum(one.minutes for one in LESSONS.values())}
    return render(request, "learn/overview.html", context)


@require_GET
def summary(request: HttpRequest) -> HttpResponse:
    """All lessons on a few sheets, to print."""
    return render(request, "learn/summary.html", {"stations": _stations()})


@require_GET
def lesson(request: HttpRequest, slug: str) -> HttpResponse:
    """One lesson."""
    if slug not in LESSONS:
        raise not_found()
    shown, everyone = LESSONS[slug], list(LESSONS.values())
    place = everyone.index(shown)
    context = _station(place + 1, shown) | {
        "previous": everyone[place - 1] if place else None,
        "following": everyone[place + 1] if shown is not everyone[-1] else None,
        "parts": [(part, _experiments(shown, part)) for part in shown.parts],
        "styles": dict.fromkeys(widget.style for widget in shown.widgets() if widget.style),
        "scripts": dict.fromkeys(widget.script for widget in shown.widgets()),
    }
    return render(request, "learn/lesson.html", context)


@require_GET
def race(request: HttpRequest) -> HttpResponse:
    """Small trainings for everybody: what is prepared (`?race=` names what is shown first), and one's own beside it."""
    part = Widget("race", settings=settings(*RACES, free=True, first=request.GET.get("race", "")), wide=True)
    return render(request, "learn/race.html", {"part": part})


@require_GET
def words(request: HttpRequest) -> HttpResponse:
    """The glossary, by subject."""
    groups = [{"slug": slug, "title": title, "entries": _entries(slug)} for slug, title in GROUPS.items()]
    return render(request, "learn/words.html", {"groups": groups})


def _entries(group: str) -> list[dict[str, Any]]:
    """A group's words, each with the lessons that introduce it."""
    return [
        {"word": word, "lessons": [one for one in LESSONS.values() if word.slug in one.words]}
        for word in WORDS.values()
        if word.group == group
    ]


def _stations() -> list[dict[str, Any]]:
    return [_station(number, one) for number, one in enumerate(LESSONS.values(), 1)]


def _station(number: int, one: Lesson) -> dict[str, Any]:
    """A lesson as the map has it."""
    return {
        "number": number,
        "lesson": one,
        "needs": [LESSONS[slug] for slug in one.needs],
        "tasks": len(one.experiments) + 1,  # and the question
        "formulas": [part for part in one.parts if isinstance(part, Formula)],
        "words": [WORDS[slug] for slug in one.words],
    }


def _experiments(one: Lesson, part: object) -> list[dict[str, Any]]:
    """What is done with a part, numbered through the lesson."""
    if not isinstance(part, Widget):
        return []
    numbers = {id(experiment): number for number, experiment in enumerate(one.experiments, 1)}
    return [{"number": numbers[id(found)], "experiment": found} for found in one.experiments_with(part.name)]
