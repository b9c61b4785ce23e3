"""What the command line says about a result: as JSON, and in words that are true for every outcome."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from attacks.record import AttackRecord
from inference.catalog.results import Answer, AttackResult, Control, Saved, Scored, state_of


def from_the_disk(made: AttackResult, data: bytes, top: list[Scored], *, unchanged: bool) -> AttackResult:
    """The result with the verdict on the file as it lies on the disk: its bytes, and the ten classes named for it."""
    fooled = top[0].index != made.label_from.index
    reached = None if made.target is None else top[0].index == made.target.index
    verified = made.verified and unchanged
    return replace(
        made,
        adversarial=Saved(top, hashlib.sha256(data).hexdigest()),
        fooled=fooled,
        reached=reached,
        verified=verified,
        state=state_of(fooled=fooled, reached=reached, verified=verified),
    )


def as_json(result: AttackResult, out: Path) -> dict[str, Any]:
    """The numbers, and where the attacked picture lies."""
    numbers = asdict(result)
    numbers["adversarial"]["path"] = str(out)
    return numbers


def predict_lines(top: Sequence[Scored]) -> list[str]:
    """One line a class, likeliest first."""
    return [f"{entry.probability:8.1%}  {entry.label} ({entry.index})" for entry in top]


def attack_lines(result: AttackResult, record: AttackRecord, params: Mapping[str, Any], out: Path) -> list[str]:
    """Before, after, the control, the size of the change, and the verdict."""
    far = result.distances
    noise = (
        [f"Noise:   {_said(result.control)}, {_tried(result.control)}, seed {params['seed']}"] if result.control else []
    )
    return [
        f"Before:  {_said(result.original)}",
        f"After:   {_said(result.adversarial)}{_strength(record, params)}",
        *noise,
        f"Changed: {far.changed_pixels} of {far.attacked_pixels} pixels, L-infinity "
        f"{far.linf_levels}/255, L2 {far.l2:.2f}, structural similarity {far.ssim:.3f}",
        verdict(result, record),
        _where(result, out),
    ]


def verdict(result: AttackResult, record: AttackRecord) -> str:
    """What came of the attack, in one sentence."""
    label, target = result.label_from.label, result.target
    if result.zero_gradient_share == 1:
        return "The gradient vanished: there was no direction to go. That does not make the network strong."
    if result.reached and target:
        return f"The network now says {target.label}."
    if target:
        missed = f"{record.name} does not reach {target.label} ({target.probability:.1%} now)"
        return f"{missed}, but it is no longer {label}." if result.fooled else f"{missed}; it is still {label}."
    return f"The network no longer says {label}." if result.fooled else f"The network still says {label}."


def _strength(record: AttackRecord, params: Mapping[str, Any]) -> str:
    option = record.budget_option
    if option is None:
        return ""
    value = params[option.name]
    core = option.core(value)
    return f", at {option.text(value)}" + (f" = {core:.4f}" if core != value else "")


def _tried(control: Control) -> str:
    if control.tries:
        what = "pixels" if control.kind == "pixels" else "noise as strong"
        return f"the best of so many tries of random {what}: {control.tries}"
    return "same length" if control.kind == "gaussian" else "same strength"


def _said(side: Answer) -> str:
    first = side.top[0]
    return f"{first.label} ({first.index}), {first.probability:.1%}"


def _where(result: AttackResult, out: Path) -> str:
    if result.verified:
        return f"{out} was written, read back and judged again: this verdict is the file's."
    return f"{out} does not hold the pixels that were made; this verdict is the file's all the same."
