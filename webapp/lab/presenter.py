"""What the lab's template shows before any script runs: words, rows, numbers, all decided here."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.translation import gettext

from attacks.catalog import find
from attacks.options import Limits
from attacks.record import AttackRecord
from inference.catalog.preparations import PREPARATIONS
from webapp.core.words import run_on
from webapp.jobs.models import IN_VAIN, Status
from webapp.lab.class_words import called
from webapp.lab.forms import choices
from webapp.lab.models import Attack
from webapp.lab.sentence import exact_percent, percent
from webapp.lab.source import pieces
from webapp.lab.wording import Shown, at_own

ROWS = 7
PENDING = (Status.QUEUED, Status.RUNNING)
EXAMPLES = ("gibbon",)  # of a class to choose as a target; else the first there is
Json = Mapping[str, Any]


def first_view(state: Json) -> dict[str, Any]:
    """Everything the template needs beside `state`; keys exist whether or not the attack has finished."""
    job = state["job"] or {}
    asked = state["asked"] or {"chosen": state["default_attack"], "params": state["default_params"]}
    about = job.get("about", {"attack": asked["chosen"], "params": asked["params"]})
    record = find(about["attack"])
    option, value = record.budget_option, record.budget_of(about["params"])
    classifier = state["classifier"]
    levels, kind = classifier["levels"], PREPARATIONS[classifier["preparation"]]
    view = {
        "swept": record.path == "ray",
        "attacks": choices(
            record.slug, state["usual"] | {record.slug: about["params"]}, Limits(**classifier["limits"])
        ),
        "steps": [
            {
                "slug": state["default_attack"],
                "words": gettext("One step"),
                "name": gettext(find(state["default_attack"]).name),
            },
            {
                "slug": state["many_steps"],
                "words": gettext("Many steps"),
                "name": gettext(find(state["many_steps"]).name),
            },
        ],
        "attack": record.slug,
        "budget": option.text(value) if option else "",
        "epsilon": value,
        "levels": levels,
        "ticks": range(0, levels + 1, max(1, levels // 4)),
        "decimal": f"{option.core(value):.4f}" if option else "",
        "network": classifier["name"],
        "grey": kind.grey,
        "pad": kind.pad,
        "invitation": gettext(kind.invitation),
        "example": _example(classifier),
        "square": _square(state["picture"]),
        "pending": bool(job) and job["status"] in PENDING,
        "failed": _trouble(job),
        "recipe": recipe(record),
        "to_run": bool(state["asked"]) or job.get("status") in IN_VAIN,
        "target": _target_of(about["params"], classifier["names"] or classifier["labels"]),
        "sentence": [{"text": _waiting(state), "role": "waiting"}],
        "rows": [],
    }
    result = job.get("result")
    return view | (_of_result(result, state, value) if result else {})


def _example(classifier: Json) -> str:
    """Of a class to be typed as a target."""
    index = next((classifier["labels"].index(label) for label in EXAMPLES if label in classifier["labels"]), 0)
    found: str = (classifier["names"] or classifier["labels"])[index]
    return found


def _waiting(state: Json) -> str:
    """What is said while there is no result: what is asked for has not been begun when the page comes."""
    if state["asked"]:
        return gettext("Nobody has run this attack yet.")
    if not state["job"]:
        return gettext("Drop a photo to begin.")
    pending = state["job"]["status"] in PENDING
    return gettext("The attack is under way…") if pending else gettext("There is no result to show.")


def _trouble(job: Json) -> str:
    """Why an attack has no result, if it has none for good."""
    if job.get("status") == Status.CANCELLED:
        return gettext("This attack was cancelled.")
    message: str = (job.get("error") or {}).get("message", "")
    return message


def _target_of(params: Json, names: list[str]) -> str:
    """The class that is aimed at; "" if there is none."""
    target = params.get("target")
    return "" if target is None else names[target]


def recipe(record: AttackRecord) -> dict[str, Any]:
    """How an attack is made, for lab/_recipe.html: its formula's template, if it has one, and where its function is."""
    return {
        "slug": record.slug,
        "name": gettext(record.name),
        "formula": _template(f"lab/formulas/{record.slug}.html"),
        "place": pieces(record.function)[0].place,
    }


def _template(name: str) -> Any:
    """None if there is none: an attack under way may do without."""
    try:
        return get_template(name)
    except TemplateDoesNotExist:
        return None


def outcome(attack: Attack) -> list[dict[str, str]]:
    """A stored attack in one sentence, at its own budget; how far it is while it has no result."""
    if attack.job.status != Status.DONE:
        return [{"text": attack.job.get_status_display(), "role": "waiting"}]
    return at_own(Shown.of(attack, attack.job.answered_by)).sentence


def _of_result(result: Json, state: Json, value: Any) -> dict[str, Any]:
    sweep, known = (state["sweep"] or {}).get("result"), len(state["classifier"]["labels"])
    point = _point(sweep, value)
    before, after = result["label_from"], result["adversarial"]["top"][0]
    noise = result["control"] and result["control"]["top"][0]
    words = point["words"] if point else result["words"]
    far = result["distances"]
    return {
        **words,
        "control": run_on(filter(None, [words["control"], _drawn(state, value)])),
        "sentence": [*words["sentence"], *_other_steps(state, value)],
        "before": before | {"percent": exact_percent(before["probability"])},
        "after": after | {"percent": exact_percent(after["probability"]), "changed": result["fooled"]},
        "noise_breaks": noise and noise["index"] != before["index"],
        "rows": _rows(result, sweep, point, known),
        "breaks": sweep["breaks"] if sweep else None,
        "judging": (state["sweep"] or {}).get("status") in PENDING,
        "breaks_at": sweep["breaks_at"] if sweep else None,
        "notes": result["notes"],
        "change_url": result["sign_url"] or result["perturbation_url"],
        "changed_share": percent(far["changed_pixels"] / far["attacked_pixels"]),
        "download": _file_name(after["label"], value),
    }


def _other_steps(state: Json, value: Any) -> list[dict[str, str]]:
    """What the other number of steps came to, after the sentence on a picture that was changed."""
    said = (state["other_steps"] or {}).get("sentence")
    return said if said and value else []


def _drawn(state: Json, value: Any) -> str:
    """Under how many draws of the noise the answer changes at that value; "" while nobody knows."""
    return next((draws["sentence"] for draws in state["draws"] if draws["value"] == value), "")


def _file_name(label: str, value: Any) -> str:
    return "-".join(["gibbon", *label.lower().split(), *([] if value is None else [str(value)])]) + ".png"


def _point(sweep: Json | None, value: Any) -> Any:
    """The point of a judged sweep at that value; None if there is none."""
    return next((point for point in sweep["points"] if point["value"] == value), None) if sweep else None


def _rows(result: Json, sweep: Json | None, point: Json | None, known: int) -> list[dict[str, Any]]:
    """The classes of both tables: as the browser's evidence.js chooses them, at the attack's own budget.

    known: how many the network knows.
    """
    original, adversarial = result["original"]["top"], result["adversarial"]["top"]
    new = sweep["new"] if sweep else (adversarial[0] if result["fooled"] else None)
    others = sweep["classes"] if sweep else adversarial
    wanted = chain(original[:5], [new, result["target"]], others)
    classes = list({entry["index"]: entry for entry in wanted if entry}.values())[:ROWS]
    if adversarial[0]["index"] not in {entry["index"] for entry in classes}:
        classes[-1] = adversarial[0]
    sides = {"before": _known(original, sweep, _point(sweep, 0)), "after": _known(adversarial, sweep, point)}
    roles = {adversarial[0]["index"]: "after", result["label_from"]["index"]: "before"}
    if result["target"]:
        roles = {result["target"]["index"]: "after"} | roles
    rows = [
        {"label": entry["label"], "name": called(entry), "role": roles.get(entry["index"], "")}
        | {side: _cell(found.get(entry["index"]), bound=min(found.values())) for side, found in sides.items()}
        for entry in classes
    ]
    if len(classes) == known:
        return rows
    rest = {
        side: _cell(max(0.0, 1 - sum(found.get(entry["index"], 0) for entry in classes)))
        for side, found in sides.items()
    }
    return [*rows, {"label": "", "name": gettext("all others"), "role": "others"} | rest]


def _known(top: list[Json], sweep: Json | None, point: Json | None) -> dict[int, float]:
    """What is known of the classes' probabilities: of all that a sweep follows, or of the ten likeliest."""
    if sweep and point:
        return dict(zip((entry["index"] for entry in sweep["classes"]), point["probabilities"], strict=True))
    return {entry["index"]: entry["probability"] for entry in top}


def _cell(probability: float | None, bound: float = 0.0) -> dict[str, str]:
    """A bar and its figure; a class outside the ten likeliest has less than the least of them."""
    if probability is None:
        return {"width": "0%", "percent": exact_percent(bound) if bound < 0.001 else f"<\u202f{exact_percent(bound)}"}
    return {"width": f"{probability * 100:.2f}%", "percent": exact_percent(probability)}


def _square(picture: Json | None) -> dict[str, int]:
    """The centred square that the network sees, in the picture's pixels; as Classifier.square()."""
    width, height = (picture["width"], picture["height"]) if picture else (1, 1)
    side = min(width, height)
    return {"left": (width - side) // 2, "top": (height - side) // 2, "side": side}
