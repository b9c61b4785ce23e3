"""What is said of a sweep or a search as a whole: when the first answer is left, what it takes, what noise does."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, gettext, ngettext

from inference.catalog.messages import full_width
from webapp.core.words import run_on
from webapp.lab.class_words import called
from webapp.lab.models import Attack, Sweep
from webapp.lab.sentence import count, split, with_article
from webapp.lab.services import search_runs, search_seconds
from webapp.lab.wording import Shown, parts

Json = Mapping[str, Any]


def breaks_line(shown: Shown) -> tuple[str, str]:
    """When the sweep leaves the first answer: a short answer, and the rest of the line."""
    assert shown.sweep is not None  # noqa: S101 - asked of a judged sweep; this narrows the type
    if shown.record.path == "rerun":
        return _found_line(shown)
    breaks_at, reached_at, points = shown.sweep["breaks_at"], shown.sweep["reached_at"], shown.sweep["points"]
    last = {"eps": shown.budget(points[-1]["value"])}
    at = {"eps": shown.budget(breaks_at)}
    if shown.target:
        words = {"target": called(shown.target), "eps": shown.budget(reached_at)}
        reached = gettext("Never reaches %(target)s in one step.")
        if reached_at is not None:
            reached = gettext("Reaches %(target)s at %(eps)s.")
        stays = gettext("The first answer stays throughout.")
        leaves = gettext("It leaves the first answer at %(eps)s.") % at
        return reached % words, stays if breaks_at is None else leaves
    if breaks_at is None:
        return gettext("One step changes it at no level up to %(eps)s.") % last, ""
    if right := _right_again(shown, points):
        return gettext("One step changes it at %(eps)s.") % at, right
    after = [point for point in points if point["value"] >= breaks_at]
    throughout = all(point["top"]["index"] != shown.result["label_from"]["index"] for point in after)
    every, not_every = gettext("and at every level up to %(eps)s."), gettext("but not at every level up to %(eps)s.")
    return gettext("One step changes it at %(eps)s") % at, (every if throughout else not_every) % last


def _found_line(shown: Shown) -> tuple[str, str]:
    """What the search for the smallest budget came to, of an attack that ran again for each that was tried."""
    assert shown.sweep is not None  # noqa: S101 - asked of a finished search; this narrows the type
    values, goal = shown.sweep["values"], shown.target
    found = shown.sweep["reached_at" if goal else "breaks_at"]
    words = {"attack": gettext(shown.record.name), "target": goal and called(goal), "last": shown.budget(values[-1])}
    if found is None:
        template = gettext("%(attack)s changes it at none of the budgets tried, up to %(last)s.")
        if goal:
            template = gettext("%(attack)s reaches %(target)s at none of the budgets tried, up to %(last)s.")
        return template % words, ""
    words |= {"found": shown.budget(found), "below": shown.budget(values[values.index(found) - 1])}
    template = gettext("%(attack)s changes it at %(found)s,")
    if goal:
        template = gettext("%(attack)s reaches %(target)s at %(found)s,")
    least = values[values.index(found) - 1] == 0
    rest = gettext("the smallest there is.") if least else gettext("not at %(below)s.")
    return template % words, rest % words


def search_line(attack: Attack) -> str:
    """What a search for the smallest budget takes; "" of an attack that cannot be searched so."""
    if attack.record.path != "rerun":
        return ""
    version = attack.job.answered_by
    runs, seconds = search_runs(attack, version), search_seconds(Sweep(attack=attack), version)
    if not runs:
        return ""
    if seconds is None:
        template = ngettext("Runs %(attack)s once more, at most.", "Runs %(attack)s up to %(runs)s times more.", runs)
    else:
        template = ngettext(
            "Runs %(attack)s once more, at most: about %(seconds)s s.",
            "Runs %(attack)s up to %(runs)s times more, about %(seconds)s s in all.",
            runs,
        )
    return template % {
        "attack": gettext(attack.record.name),
        "runs": runs,
        "seconds": seconds and max(1, round(seconds)),
    }


def many_steps(shown: Shown, budget: Any, top: Json | None, target: Json | None) -> dict[str, Any]:
    """What many steps came to where one step fails: `sentence` follows the verdict, `line` the line of the sweep.

    top: what is said at that budget; None where they failed up to it. target: the class that both aim at.
    """
    steps = shown.options["steps"]
    words = {
        "count": (_begins(steps), ""),
        "attack": (gettext(shown.record.name), ""),
        "eps": (shown.budget(budget), ""),
        "to": (with_article(called(top)) if top else "", "after"),
        "target": (called(target) if target else "", "after"),
    }
    sentence = MANY_STEPS[top is not None, target is not None](steps)
    line = "".join(text for text, _role in split(sentence, words))
    if top and not target:  # the class stands in the verdict
        template = ngettext(
            "%(count)s step (%(attack)s) does, at %(eps)s.", "%(count)s steps (%(attack)s) do, at %(eps)s.", steps
        )
        line = template % {name: text for name, (text, _role) in words.items()}
    return {"sentence": parts(split(run_on(("", sentence)), words)), "line": line}


def _begins(steps: int) -> str:
    """How many steps: in words where a sentence begins with the number."""
    return str(steps) if full_width(get_language()) else count(steps)


def many_steps_offered() -> str:
    """Where one step fails and nobody has tried more."""
    return gettext("Many steps may find what one step misses.")


def one_step(shown: Shown, budget: Any, *, done: bool) -> str:
    """What one step needs for what many steps do, or up to where it does not."""
    template = gettext("One %(attack)s step does it at no level up to %(eps)s.")
    if done:
        template = gettext("One %(attack)s step needs %(eps)s.")
    return template % {"attack": gettext(shown.record.name), "eps": shown.budget(budget)}


def draws_line(of: int, changed: int) -> str:
    """How often noise alone changes the answer."""
    if changed == 0:
        return gettext("None of %(of)s draws changes the answer.") % {"of": of}
    template = ngettext(
        "%(changed)s of %(of)s draws changes the answer.", "%(changed)s of %(of)s draws change the answer.", changed
    )
    return template % {"of": of, "changed": changed}


def _right_again(shown: Shown, points: Sequence[Json]) -> str:
    """Where a picture that is wrong as it is becomes right; "" where it was right, or nobody knows."""
    truth = shown.result["truth"]
    if not truth or truth["index"] is None or truth["index"] == shown.result["label_from"]["index"]:
        return ""
    right = [place for place, point in enumerate(points) if point["top"]["index"] == truth["index"]]
    if not right:
        return gettext("It is right at no level.")
    low, high = points[right[0]]["value"], shown.budget(points[right[-1]]["value"])
    words = {"count": len(right), "low": low, "high": high}
    if len(right) == 1:
        return gettext("It is right at %(high)s.") % words
    if len(right) == right[-1] - right[0] + 1:
        return gettext("It is right from %(low)s to %(high)s.") % words
    return gettext("It is right at %(count)s levels between %(low)s and %(high)s.") % words


# Whether many steps did it, and whether they aimed at a class.
MANY_STEPS = {
    (True, False): lambda k: ngettext(
        "%(count)s step (%(attack)s) makes it %(to)s, at %(eps)s.",
        "%(count)s steps (%(attack)s) make it %(to)s, at %(eps)s.",
        k,
    ),
    (True, True): lambda k: ngettext(
        "%(count)s step (%(attack)s) reaches %(target)s, at %(eps)s.",
        "%(count)s steps (%(attack)s) reach %(target)s, at %(eps)s.",
        k,
    ),
    (False, False): lambda k: ngettext(
        "%(count)s step (%(attack)s) does not change it at %(eps)s, either.",
        "%(count)s steps (%(attack)s) do not change it at %(eps)s, either.",
        k,
    ),
    (False, True): lambda k: ngettext(
        "%(count)s step (%(attack)s) does not reach %(target)s at %(eps)s, either.",
        "%(count)s steps (%(attack)s) do not reach %(target)s at %(eps)s, either.",
        k,
    ),
}
