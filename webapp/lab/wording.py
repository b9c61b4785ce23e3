"""What is said of an attack beside its sentence: at its own budget, at every point of its sweep, and of the whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

from attacks.catalog import find
from attacks.record import AttackRecord
from webapp.lab.class_words import called, with_names
from webapp.lab.models import Attack
from webapp.lab.sentence import Facts, Part, exact_percent, percent, sentence
from webapp.registry.describe import name_of
from webapp.registry.models import ModelVersion

FEW_CLASSES = 50  # any photograph shows something else, likely as not
UNSURE = 0.5
MANY_ZERO = 0.25  # of the pixels
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """What a page says at one budget; a note that does not apply is ""."""

    sentence: list[dict[str, str]]  # text and role
    subtitle: str
    control: str
    control_title: str
    gradient_note: str = ""
    flat_note: str = ""


@dataclass(frozen=True)
class Shown:
    """An attack's stored result, with what its words need besides."""

    record: AttackRecord
    options: Json
    result: Json
    sweep: Json | None
    network: str

    @classmethod
    def of(cls, attack: Attack, version: ModelVersion, sweep: Json | None = None) -> "Shown":
        """A finished attack on that version; `sweep` is its sweep's stored result. Classes have their names."""
        result, judged = with_names(attack.result, version), with_names(sweep, version)
        return cls(find(attack.attack), attack.params, result, judged, name_of(version))

    @property
    def target(self) -> Json | None:
        return self.result["target"]

    @property
    def value(self) -> Any:
        """The attack's own budget."""
        return self.record.budget_of(self.options)

    def budget(self, value: Any) -> str:
        """A budget in words; "" for an attack without one."""
        option = self.record.budget_option
        return option.text(value) if option else ""

    def probability(self, point: Json, index: int) -> float:
        """Of a class at a point of the sweep."""
        column = [entry["index"] for entry in (self.sweep or {})["classes"]].index(index)
        return float(point["probabilities"][column])


def at_start(shown: Shown) -> Words:
    """With nothing changed."""
    return start_words(shown.result, shown.network, budget=shown.budget(0))


def start_words(result: Json, network: str, *, budget: str = "0/255") -> Words:
    """What is said of a picture that nothing was done to; `result` is a prediction's or an attack's."""
    first = (result.get("original") or result)["top"][0]
    facts = Facts(0, first, first, truth=result["truth"])
    return Words(
        sentence=parts(sentence(facts)),
        subtitle=gettext("%(network)s · nothing is added: this is the picture itself") % {"network": network},
        control_title=gettext("Random noise at %(eps)s:") % {"eps": budget},
        control=gettext("nothing is added at 0."),
    )


def at_own(shown: Shown) -> Words:
    """At the budget that the attack was given."""
    result = shown.result
    control = result["control"] and {"top": result["control"]["top"][0], "p_original": _p_original(result)}
    top = {entry["index"]: entry["probability"] for entry in result["adversarial"]["top"]}
    return _at(shown, {"value": shown.value, **result}, result["adversarial"]["top"][0], control, top.get)


def at_point(shown: Shown, point: Json) -> Words:
    """At one point of the sweep."""
    if point["value"] == 0:
        return at_start(shown)
    return _at(shown, point, point["top"], point["control"], lambda index: shown.probability(point, index))


def trace_line(shown: Shown, trace: Json) -> str:
    """When an attack of many steps was there first, on the way."""
    if trace["fooled_at"] is None:
        if shown.target:
            return gettext("No step was named %(target)s.") % {"target": called(shown.target)}
        return gettext("No step was named otherwise.")
    first, starts = trace["steps"][trace["fooled_at"]], trace["starts"]
    words = {
        "target": shown.target and called(shown.target),
        "step": first["step"],
        "steps": starts[first["start"]],
        "start": first["start"] + 1,
        "starts": len(starts),
    }
    if len(starts) > 1:
        template = gettext("Named otherwise first at step %(step)s of %(steps)s, in start %(start)s of %(starts)s.")
        if shown.target:
            template = gettext(
                "Named %(target)s first at step %(step)s of %(steps)s, in start %(start)s of %(starts)s."
            )
        return template % words
    template = gettext("Named otherwise first at step %(step)s of %(steps)s.")
    if shown.target:
        template = gettext("Named %(target)s first at step %(step)s of %(steps)s.")
    return template % words


def file_words(top: Json, attacked: Json, *, verified: bool) -> str:
    """What was found in a file that was written and read again; never more than that. attacked: its attack's result."""
    if not verified:
        return gettext("The file read back differs from what was made. Do not rely on it.")
    words = {"label": called(top), "probability": percent(top["probability"])}
    if top["index"] != attacked["label_from"]["index"]:
        return gettext("✓ saved, read again, still %(label)s (%(probability)s)") % words
    return gettext("saved and read again: the network still says %(label)s (%(probability)s)") % words


def picture_notes(result: Json) -> dict[str, str]:
    """What must be said of the picture itself, whatever is done to it; "" where it need not."""
    first = (result.get("original") or result)["top"][0]
    return {"wrong": _never_taught(result["truth"]), "closed": _must_answer(result, first)}


def parts(sentence: Sequence[Part]) -> list[dict[str, str]]:
    """A sentence as JSON."""
    return [{"text": text, "role": role} for text, role in sentence]


def _at(shown: Shown, at: Json, top: Json, control: Json | None, probability: Any) -> Words:
    """at: with the budget as `value`, and `distances` where the attack ran for it."""
    value, size = at["value"], _size(shown.record.norm, at["distances"]) if at.get("distances") else ""
    told_by_size = shown.record.norm != "linf" or shown.record.budget is None
    facts = _facts(shown, value, top, control and control["top"], probability, size=size if told_by_size else "")
    return Words(
        sentence=parts(sentence(facts)),
        subtitle=_subtitle(shown, value, size),
        control_title=_control_title(shown, value),
        control=_control(shown, control),
        gradient_note=_zero_pixels(shown, value, top, control, probability),
        flat_note=_flat_within_reach(shown, value),
    )


def _facts(shown: Shown, value: Any, top: Json, control: Json | None, probability: Any, *, size: str) -> Facts:
    record, result, target, sweep = shown.record, shown.result, shown.target, shown.sweep
    return Facts(
        value=value,
        original=result["label_from"],
        top=top,
        control=control,
        target=target,
        p_target=probability(target["index"]) if target else None,
        closest=_closest(shown) if target and sweep else None,
        reached_at=shown.budget(sweep["reached_at"]) if sweep and sweep["reached_at"] is not None else "",
        complete=sweep is not None,
        zero_gradient=result["zero_gradient_share"] == 1,
        truth=result["truth"],
        attack=gettext(record.name),
        budget=shown.budget(value),
        size=size,
        ray=record.path == "ray",
        tries=(result["control"] or {}).get("tries"),
    )


def _size(norm: str, distances: Json) -> str:
    """How far the saved change went, in the norm of the attack's threat model."""
    if norm == "linf":
        return gettext("no value moved by more than %(levels)s of 255") % {"levels": distances["linf_levels"]}
    if norm == "l0":
        count = distances["changed_pixels"]
        return ngettext("%(count)s pixel changed", "%(count)s pixels changed", count) % {"count": count}
    return gettext("a change of length %(length)s, pixels from 0 to 1") % {"length": f"{distances['l2']:.2f}"}


def _closest(shown: Shown) -> Json:
    """Where along the sweep the target is likeliest; the smallest budget of equals."""
    assert shown.sweep is not None and shown.target is not None  # noqa: S101 - as the caller saw to
    index = shown.target["index"]
    best = max(
        (point for point in shown.sweep["points"] if point["value"] > 0),
        key=lambda point: (shown.probability(point, index), -point["value"]),
    )
    return {"probability": shown.probability(best, index), "budget": shown.budget(best["value"])}


def _subtitle(shown: Shown, value: Any, size: str) -> str:
    words = {"network": shown.network, "attack": gettext(shown.record.name), "k": value, "size": ""}
    goal = shown.target and called(shown.target)
    if shown.record.path == "ray":
        template = gettext(
            "%(network)s · one %(attack)s step away from what the network said · no value moved by more than %(k)s "
            "of 255"
        )
        if goal:
            template = gettext(
                "%(network)s · one %(attack)s step towards %(target)s · no value moved by more than %(k)s of 255"
            )
        return template % {**words, "target": goal}
    template = gettext("%(network)s · %(attack)s away from what the network said · %(size)s")
    if goal:
        template = gettext("%(network)s · %(attack)s towards %(target)s · %(size)s")
    return template % {**words, "target": goal, "size": size}


def _control_title(shown: Shown, value: Any) -> str:
    control = shown.result["control"] or {}
    if control.get("tries"):
        words = {"tries": control["tries"], "change": _tried(shown, value, control["kind"])}
        return ngettext("One try of %(change)s:", "The best of %(tries)s tries of %(change)s:", words["tries"]) % words
    if shown.record.control == "gaussian":
        return gettext("A random change of the same length:")
    if shown.record.budget is None:
        return gettext("Random noise as strong:")
    return gettext("Random noise at %(eps)s:") % {"eps": shown.budget(value)}


def _tried(shown: Shown, value: Any, kind: str) -> str:
    """What a control that searches tries at random: within the attack's budget, or what the attack changed."""
    far = shown.result["distances"]
    if kind == "pixels":
        count = far["changed_pixels"] if value is None else value
        return ngettext("%(count)s random pixel", "%(count)s random pixels", count) % {"count": count}
    levels = shown.budget(value) or f"{far['linf_levels']}/255"
    return gettext("random noise at %(eps)s") % {"eps": levels}


def _control(shown: Shown, control: Json | None) -> str:
    if control is None and shown.sweep is not None and shown.record.path == "ray":
        return gettext("not judged at this level yet.")
    if control is None and shown.record.control:
        return gettext("the attack changed nothing that it could be compared with.")
    if control is None:
        return gettext("there is none that would be fair.")
    words = {"label": called(control["top"]), "probability": exact_percent(control["top"]["probability"])}
    if control["top"]["index"] == shown.result["label_from"]["index"]:
        return gettext("still %(label)s, %(probability)s.") % words
    return gettext("now %(label)s, %(probability)s.") % words


def _zero_pixels(shown: Shown, value: Any, top: Json, control: Json | None, probability: Any) -> str:
    """Where the gradient is zero one step leaves the pixel as it is: beyond a quarter it is a weak witness."""
    share = shown.result["zero_gradient_share"]
    if not share or share <= MANY_ZERO:
        return ""
    words = {"share": percent(share), "eps": shown.budget(value), "attack": gettext(shown.record.name)}
    label = shown.result["label_from"]["index"]
    left = probability(label) if top["index"] == label else None  # a step that changes the answer says something
    if control and left is not None and control["p_original"] is not None and control["p_original"] < left:
        return (
            gettext(
                "Random noise lowers the answer more than this step: the gradient is exactly zero at %(share)s of the "
                "pixels. %(attack)s says nothing about this network at %(eps)s; an attack of many steps may."
            )
            % words
        )
    return (
        gettext(
            "The gradient is exactly zero at %(share)s of the pixels: one step leaves them as they are, an attack of "
            "many steps need not."
        )
        % words
    )


def _flat_within_reach(shown: Shown, value: Any) -> str:
    """From some level on, all pictures can be made the same."""
    flat = shown.result["flat_from"]
    if flat is None or shown.record.norm != "linf" or value is None or value < flat:
        return ""
    return gettext(
        "From %(eps)s on, every value of this picture can be moved to one plain grey, like that of any other: no "
        "network can tell them apart, and a changed answer says nothing about this one."
    ) % {"eps": shown.budget(flat)}


def _never_taught(truth: Json | None) -> str:
    """Whatever it says of a class that it was never taught is wrong: nothing that follows is the attack's success."""
    if truth is None or truth["index"] is not None:
        return ""
    return gettext(
        "This picture shows: %(truth)s. The network was never taught that class, so whatever it says is wrong before "
        "anything is changed, and what follows does not count as a success of the attack."
    ) % {"truth": called(truth)}


def _must_answer(result: Json, first: Json) -> str:
    """Of a visitor's picture nobody knows whether it shows one of the classes at all."""
    known = result["known"]
    if result["truth"] is not None or known is None or (known > FEW_CLASSES and first["probability"] >= UNSURE):
        return ""
    return gettext(
        "A network must always answer with one of its %(count)s classes, also when the picture shows none of them: "
        "%(probability)s says which of them is likeliest, not that the picture belongs to one."
    ) % {"count": known, "probability": percent(first["probability"])}


def _p_original(result: Json) -> float | None:
    index = result["label_from"]["index"]
    return next((entry["probability"] for entry in result["control"]["top"] if entry["index"] == index), None)
