"""What the lab's template shows before any script runs: sentence, rows, numbers, all decided here."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from django.utils.translation import gettext

from inference.catalog.preparations import PREPARATIONS
from webapp.jobs.models import Status
from webapp.lab.models import Attack
from webapp.lab.sentence import GRAMMAR, Facts, Part, exact_percent, percent, sentence

ROWS = 7
EXAMPLES = ("gibbon",)  # of a class to push towards; else the first there is
Json = Mapping[str, Any]


def story(state: Json) -> dict[str, Any]:
    """Everything the template needs beside `state`; keys exist whether or not the attack has finished."""
    job = state["job"] or {}
    result = job.get("result")
    epsilon = job.get("about", {}).get("params", state["default_params"])["epsilon"]
    classifier = state["classifier"]
    levels, kind = classifier["levels"], PREPARATIONS[classifier["preparation"]]
    told = {
        "epsilon": epsilon,
        "levels": levels,
        "ticks": range(0, levels + 1, max(1, levels // 4)),
        "decimal": f"{epsilon / 255:.4f}",
        "network": classifier["name"],
        "grey": kind.grey,
        "pad": kind.pad,
        "invitation": gettext(kind.invitation),
        "example": next((label for label in EXAMPLES if label in classifier["labels"]), classifier["labels"][0]),
        "square": _square(state["picture"]),
        "pending": bool(job) and job["status"] in ("queued", "running"),
        "failed": (job.get("error") or {}).get("message", ""),
        "sentence": [(gettext("Following the gradient for one step…"), "waiting")],
        "rows": [],
        "grammar": GRAMMAR,
    }
    return told | (_of_result(result, state, epsilon) if result else {})


def facts(result: Json, ladder: Json | None, epsilon: int, truth: Json | None = None) -> Facts:
    """What the sentence needs, at the attack's own level."""
    target = result["target"]
    closest, p_target = None, None
    if target and ladder:
        column = [entry["index"] for entry in ladder["classes"]].index(target["index"])
        along = [(rung["probabilities"][column], -rung["k"]) for rung in ladder["rungs"] if rung["k"] > 0]
        best, minus_k = max(along)
        closest, p_target = {"probability": best, "k": -minus_k}, ladder["rungs"][epsilon]["probabilities"][column]
    elif target:
        p_target = _probabilities(result["adversarial"]["top"]).get(target["index"])
    return Facts(
        k=epsilon,
        original=result["label_from"],
        top=result["adversarial"]["top"][0],
        control=result["control"]["top"][0],
        target=target,
        p_target=p_target,
        closest=closest,
        reached_at=ladder["reached_at"] if ladder else None,
        complete=ladder is not None,
        zero_gradient=result["zero_gradient"],
        truth=truth,
    )


def outcome(attack: Attack) -> list[Part]:
    """A stored attack in one sentence, at its own level; how far it is while it has no result."""
    if attack.job.status != Status.DONE:
        return [(attack.job.get_status_display(), "waiting")]
    result = {
        "label_from": attack.label_from,
        "target": attack.target,
        "adversarial": {"top": attack.adversarial_top},
        "control": {"top": attack.control_top},
        "zero_gradient": attack.zero_gradient,
    }
    return told_sentence(result, None, attack.epsilon)


def told_sentence(result: Json, ladder: Json | None, epsilon: int, truth: Json | None = None) -> list[Part]:
    return sentence(facts(result, ladder, epsilon, truth))


def _truth(state: Json) -> Json | None:
    """What the sample that is shown shows; None for a visitor's picture, of which nobody knows."""
    shown = (state["picture"] or {}).get("sample")
    found = next((sample for sample in state["samples"] if shown and sample["slug"] == shown), None)
    return found and {"index": found["truth"], "label": found["truth_label"]}


def _of_result(result: Json, state: Json, epsilon: int) -> dict[str, Any]:
    ladder, known = _ladder(state), len(state["classifier"]["labels"])
    before, after = result["label_from"], result["adversarial"]["top"][0]
    noise = result["control"]["top"][0]
    share = result["changed_pixels"] / result["attacked_pixels"]
    return {
        "sentence": told_sentence(result, ladder, epsilon, _truth(state)),
        "before": before | {"percent": exact_percent(before["probability"])},
        "after": after | {"percent": exact_percent(after["probability"]), "changed": after["index"] != before["index"]},
        "noise": noise | {"percent": exact_percent(noise["probability"]), "changed": noise["index"] != before["index"]},
        "rows": _rows(result, ladder, epsilon, known),
        "breaks_at": ladder["breaks_at"] if ladder else None,
        "judged": ladder is not None,
        "changed_share": percent(share),
        "download": f"gibbon-{'-'.join(after['label'].lower().split())}-{epsilon}.png",
        "still": result["verified"] and result["fooled"],
    }


def _rows(result: Json, ladder: Json | None, epsilon: int, known: int) -> list[dict[str, Any]]:
    """The classes of both tables: as static/js/lab/evidence.js chooses them, at the attack's own level.

    known: how many the network knows.
    """
    original, adversarial = result["original"]["top"], result["adversarial"]["top"]
    new = ladder["new"] if ladder else (adversarial[0] if result["fooled"] else None)
    others = ladder["classes"] if ladder else adversarial
    wanted = chain(original[:5], [new, result["target"]], others)
    classes = list({entry["index"]: entry for entry in wanted if entry}.values())[:ROWS]
    if adversarial[0]["index"] not in {entry["index"] for entry in classes}:
        classes[-1] = adversarial[0]
    sides = {"before": _known(original, ladder, 0), "after": _known(adversarial, ladder, epsilon)}
    roles = {adversarial[0]["index"]: "after", result["label_from"]["index"]: "before"}
    if result["target"]:
        roles = {result["target"]["index"]: "after"} | roles
    rows = [
        {"label": entry["label"], "role": roles.get(entry["index"], "")}
        | {side: _cell(said.get(entry["index"]), bound=min(said.values())) for side, said in sides.items()}
        for entry in classes
    ]
    if len(classes) == known:
        return rows
    rest = {
        side: _cell(max(0.0, 1 - sum(said.get(entry["index"], 0) for entry in classes))) for side, said in sides.items()
    }
    return [*rows, {"label": gettext("all others"), "role": "others"} | rest]


def _known(top: list[Json], ladder: Json | None, k: int) -> dict[int, float]:
    if ladder:
        return dict(
            zip((entry["index"] for entry in ladder["classes"]), ladder["rungs"][k]["probabilities"], strict=True)
        )
    return _probabilities(top)


def _probabilities(top: list[Json]) -> dict[int, float]:
    return {entry["index"]: entry["probability"] for entry in top}


def _cell(probability: float | None, bound: float = 0.0) -> dict[str, str]:
    """A bar and its figure; a class outside the ten likeliest has less than the least of them."""
    if probability is None:
        return {"width": "0%", "percent": exact_percent(bound) if bound < 0.001 else f"<\u202f{exact_percent(bound)}"}
    return {"width": f"{probability * 100:.2f}%", "percent": exact_percent(probability)}


def _ladder(state: Json) -> Json | None:
    return (state["ladder"] or {}).get("result")


def _square(picture: Json | None) -> dict[str, int]:
    """The centred square that the network sees, in the picture's pixels; as Classifier.square()."""
    width, height = (picture["width"], picture["height"]) if picture else (1, 1)
    side = min(width, height)
    return {"left": (width - side) // 2, "top": (height - side) // 2, "side": side}
