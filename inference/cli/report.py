"""What the command line says about a result: as JSON, and in words that are true for every outcome."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inference.experiment.picture import AttackResult, Top


def as_json(made: "AttackResult", written: "Top", *, verified: bool) -> dict[str, Any]:
    """The attack's numbers, with the verdict (`written`, ten classes) on the file as it lies on the disk."""
    pictures = ("adversarial_png", "sign_png")
    facts = {field.name: getattr(made, field.name) for field in dataclasses.fields(made) if field.name not in pictures}
    named = written[0]["index"]
    return facts | {
        "original": {"top": made.original},
        "adversarial": {"top": written},
        "control": {"top": made.control},
        "fooled": named != made.label_from["index"],
        "reached": None if made.target is None else named == made.target["index"],
        "verified": verified,
    }


def predict_lines(top: "Top") -> list[str]:
    """One line a class, likeliest first."""
    return [f"{entry['probability']:8.1%}  {entry['label']} ({entry['index']})" for entry in top]


def attack_lines(result: Mapping[str, Any], params: Mapping[str, Any], out: Path) -> list[str]:
    """Before, after, the control, the size of the change, and the verdict."""
    epsilon = params["epsilon"]
    return [
        f"Before:  {_said(result['original'])}",
        f"After:   {_said(result['adversarial'])}, at {epsilon}/255 = {epsilon / 255:.4f}",
        f"Noise:   {_said(result['control'])}, same strength, seed {params['seed']}",
        f"Changed: {result['changed_pixels']} of {result['attacked_pixels']} pixels, L-infinity "
        f"{result['linf_levels']}/255, L2 {result['l2']:.2f}, structural similarity {result['ssim']:.3f}",
        verdict(result),
        _kept(result, out),
    ]


def verdict(result: Mapping[str, Any]) -> str:
    """What came of the attack, in one sentence."""
    label, target = result["label_from"]["label"], result["target"]
    if result["zero_gradient"]:
        return "The gradient vanished: there was no direction to go. That does not make the network strong."
    if result["reached"]:
        return f"The network now says {target['label']}."
    if target is not None:
        missed = f"One step does not reach {target['label']} ({target['probability']:.1%} now)"
        return f"{missed}, but it is no longer {label}." if result["fooled"] else f"{missed}; it is still {label}."
    return f"The network no longer says {label}." if result["fooled"] else f"The network still says {label}."


def _said(side: Mapping[str, Any]) -> str:
    first = side["top"][0]
    return f"{first['label']} ({first['index']}), {first['probability']:.1%}"


def _kept(result: Mapping[str, Any], out: Path) -> str:
    if result["verified"]:
        return f"{out} was written, read back and judged again: this verdict is the file's."
    return f"{out} does not hold the pixels that were made; this verdict is the file's all the same."
