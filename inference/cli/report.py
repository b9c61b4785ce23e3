"""What the command line says about a result: as JSON, and in words that are true for every outcome."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from attacks.record import AttackRecord
from inference.catalog.results import Answer, AttackResult, Control, Saved, Scored, state_of
from inference.cli.words import beside, called, gettext


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


def predict_lines(top: Sequence[Scored], dataset: str = "") -> list[str]:
    """One line a class, likeliest first. dataset: whose classes they are, as `class_name` takes it."""
    return [f"{entry.probability:8.1%}  {beside(called(entry, dataset), entry.index)}" for entry in top]


def attack_lines(
    result: AttackResult, record: AttackRecord, params: Mapping[str, Any], out: Path, dataset: str = ""
) -> list[str]:
    """Before, after, the control, the size of the change, and the verdict."""
    far = result.distances
    noise = (
        [
            gettext("Noise:   %(said)s, %(tried)s, seed %(seed)s")
            % {"said": _said(result.control, dataset), "tried": _tried(result.control), "seed": params["seed"]}
        ]
        if result.control
        else []
    )
    changed = {"changed": far.changed_pixels, "of": far.attacked_pixels, "levels": far.linf_levels}
    return [
        gettext("Before:  %(said)s") % {"said": _said(result.original, dataset)},
        gettext("After:   %(said)s") % {"said": _said(result.adversarial, dataset) + _strength(record, params)},
        *noise,
        gettext(
            "Changed: %(changed)s of %(of)s pixels, L-infinity %(levels)s/255, L2 %(l2)s, structural similarity "
            "%(ssim)s"
        )
        % {**changed, "l2": f"{far.l2:.2f}", "ssim": f"{far.ssim:.3f}"},
        verdict(result, record, dataset),
        _where(result, out),
    ]


def verdict(result: AttackResult, record: AttackRecord, dataset: str = "") -> str:
    """What came of the attack, in one sentence."""
    target = result.target
    words = {"label": called(result.label_from, dataset), "attack": gettext(record.name)}
    if target:
        words |= {"target": called(target, dataset), "probability": f"{target.probability:.1%}"}
    return _verdict(result) % words


def _verdict(result: AttackResult) -> str:
    if result.zero_gradient_share == 1:
        return gettext("The gradient vanished: there was no direction to go. That does not make the network strong.")
    if result.target is None:
        said = gettext("The network no longer says %(label)s.")
        return said if result.fooled else gettext("The network still says %(label)s.")
    if result.reached:
        return gettext("The network now says %(target)s.")
    if result.fooled:
        return gettext("%(attack)s does not reach %(target)s (%(probability)s now), but it is no longer %(label)s.")
    return gettext("%(attack)s does not reach %(target)s (%(probability)s now); it is still %(label)s.")


def _strength(record: AttackRecord, params: Mapping[str, Any]) -> str:
    option = record.budget_option
    if option is None:
        return ""
    value = params[option.name]
    core = option.core(value)
    budget = option.text(value) + (f" = {core:.4f}" if core != value else "")
    return gettext(", at %(budget)s") % {"budget": budget}


def _tried(control: Control) -> str:
    if control.tries:
        template = gettext("the best of so many tries of random noise as strong: %(tries)s")
        if control.kind == "pixels":
            template = gettext("the best of so many tries of random pixels: %(tries)s")
        return template % {"tries": control.tries}
    return gettext("same length") if control.kind == "gaussian" else gettext("same strength")


def _said(side: Answer, dataset: str) -> str:
    first = side.top[0]
    named = beside(called(first, dataset), first.index)
    return gettext("%(name)s, %(probability)s") % {"name": named, "probability": f"{first.probability:.1%}"}


def _where(result: AttackResult, out: Path) -> str:
    if result.verified:
        template = gettext("%(file)s was written, read back and judged again: this verdict is the file's.")
    else:
        template = gettext("%(file)s does not hold the pixels that were made; this verdict is the file's all the same.")
    return template % {"file": out}
