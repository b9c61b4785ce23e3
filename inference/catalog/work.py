"""How long an attack on one picture will take, from what its record says and what passes were measured to take."""

from collections.abc import Mapping
from typing import Any

from attacks.options import Limits
from attacks.record import CONTROL_SECONDS, AttackRecord, Passes

JUDGED = Passes(8)  # three verdicts; writing and reading back a file takes about as long as the rest
REPAIRED = Passes(40, 8)  # about as often besides where a change is small in L2: rounding undoes it, bytes are sought
SEARCHED = ("pixels", "search")  # controls that try as often as the attack asks


def seconds_of(
    record: AttackRecord, options: Mapping[str, Any], limits: Limits, *, forward: float, gradient: float
) -> float:
    """Seconds of one worker. forward, gradient: seconds of a pass, and of a step with its gradient, of one picture."""

    def seconds(passes: Passes) -> float:
        return passes.forwards * forward + passes.backwards * (gradient - forward)

    attacking = record.passes(options, limits)
    tries = min(CONTROL_SECONDS, max(attacking) * forward) if record.control in SEARCHED else 0.0
    saving = seconds(JUDGED) + (seconds(REPAIRED) if record.norm == "l2" else 0.0)
    return seconds(attacking) + tries + saving
