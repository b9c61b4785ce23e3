"""What many steps found where one step fails, and what one step needs where many succeed.

On the same picture and network, with the same goal, and as far as a visitor may see it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q

from attacks.catalog import ATTACKS, DEFAULT_ATTACK
from webapp.jobs.models import Status
from webapp.lab import sweep_words
from webapp.lab.class_words import with_names
from webapp.lab.models import Attack, Sweep
from webapp.lab.wording import Shown
from webapp.visitors.models import Visitor

Json = Mapping[str, Any]
ONE = ATTACKS[DEFAULT_ATTACK]
MANY = tuple(
    record.slug
    for record in ATTACKS.values()
    if record.path == "rerun" and record.threat_model == ONE.threat_model and "steps" in record.repeats
)


@dataclass(frozen=True)
class Outcome:
    """What an attack came to: the smallest budget that did it, and what is said there; else the largest that did not.

    top: None where it was not done.
    """

    attack: Attack
    budget: float
    top: Json | None

    @property
    def rank(self) -> tuple[Any, ...]:
        """The best is the least: done at the smallest budget in the fewest steps, or not done at the largest."""
        version = self.attack.job.answered_by
        limits = version.limits
        steps = self.attack.record.passes(self.attack.params, limits).forwards
        return (0, self.budget, steps) if self.top else (1, -self.budget, -steps)


def other_steps(attack: Attack, visitor: Visitor | None) -> dict[str, Any]:
    """What a page says of the other number of steps; `offered` where many steps are worth a try that nobody made.

    `sentence` (parts) follows the verdict at every budget but 0, `line` what is said of the whole sweep or search;
    `page` is where the other attack is shown. All empty where there is nothing to say.
    """
    said: dict[str, Any] = {"of": str(attack.pk), "sentence": [], "line": "", "page": None, "offered": False}
    done = attack.job.status == Status.DONE
    own = _outcome(attack, _target(attack)) if done and _swept(attack) else None
    if own is None:
        return said
    if attack.attack == ONE.slug and own.top is None:
        return said | _many(attack, visitor)
    if attack.attack in MANY and own.top:
        return said | _one(attack, visitor)
    return said


def _many(attack: Attack, visitor: Visitor | None) -> dict[str, Any]:
    best = min(_outcomes(attack, visitor, MANY), key=lambda outcome: outcome.rank, default=None)
    if best is None:
        return {"line": sweep_words.many_steps_offered(), "offered": True}
    top, target = with_names([best.top, attack.result["target"]], attack.job.answered_by)
    return {**sweep_words.many_steps(_shown(best.attack), best.budget, top, target), "page": best.attack.page()}


def _one(attack: Attack, visitor: Visitor | None) -> dict[str, Any]:
    best = min(_outcomes(attack, visitor, (ONE.slug,)), key=lambda outcome: outcome.rank, default=None)
    if best is None:
        return {}
    line = sweep_words.one_step(_shown(best.attack), best.budget, done=best.top is not None)
    return {"line": line, "page": best.attack.page()}


def _outcomes(attack: Attack, visitor: Visitor | None, slugs: tuple[str, ...]) -> Iterator[Outcome]:
    """Of those attacks that have ended and have the same goal, or more than it."""
    rows = Attack.objects.filter(picture=attack.picture, job__version=attack.job.version, attack__in=slugs)
    rows = rows.filter(Q(job__visitor=None) | Q(job__visitor=visitor) if visitor else Q(job__visitor=None))
    target = _target(attack)
    rows = rows.filter(job__status=Status.DONE).select_related("job__version__classifier", "picture")
    sweeps = Prefetch("sweeps", Sweep.objects.newest_first().only("attack", "result"), to_attr="newest_sweeps")
    for row in rows.prefetch_related(sweeps):
        outcome, same = _outcome(row, target), _target(row) == target
        if outcome and (same or (target is None and outcome.top)):  # whoever reaches a class has left the first
            yield outcome


def _outcome(attack: Attack, target: int | None) -> Outcome | None:
    """None while its sweep is not judged, where everything depends on that, or where its file is not what was made."""
    sweep = _swept(attack)
    if sweep:
        found = sweep["breaks_at" if target is None else "reached_at"]
        top = next((point["top"] for point in sweep["points"] if point["value"] == found), None)
        return Outcome(attack, sweep["values"][-1] if found is None else found, top)
    result = attack.result
    if attack.record.path == "ray" or not result["verified"]:
        return None
    top = result["adversarial"]["top"][0]
    done = result["fooled"] if target is None else top["index"] == target
    return Outcome(attack, attack.budget, top if done else None)


def _swept(attack: Attack) -> Json | None:
    current = attack.current_sweep()
    return current.result if current else None


def _target(attack: Attack) -> int | None:
    return attack.result["target"] and attack.result["target"]["index"]


def _shown(attack: Attack) -> Shown:
    return Shown.of(attack, attack.job.answered_by)
