"""What to say to whoever gives a strength that is no number of grey levels: papers write 8/255 or 0.03, we write 8."""

import math
import re
from typing import Any

from attacks.words import gettext_noop

WANTED = gettext_noop("%(name)s must be a whole number from %(low)d to %(high)d, in grey levels of 255.")
ABOUT = gettext_noop(
    "%(name)s must be a whole number from %(low)d to %(high)d, in grey levels of 255."
    " %(given)s is about %(meant)d of 255: give %(meant)d."
)
FRACTION = re.compile(r"\s*([\d.]{1,12})\s*/\s*([\d.]{1,12})\s*", re.ASCII)
SHOWN = 20  # characters of what was given


def sentence(name: str, given: Any, *, low: int, high: int) -> tuple[str, dict[str, object]]:
    """Template and values of the refusal; with the number of levels that was probably meant, where there is one."""
    bounds: dict[str, object] = {"name": name, "low": low, "high": high}
    meant = levels_meant(given)
    if meant is None or not low <= meant <= high:
        return WANTED, bounds
    return ABOUT, bounds | {"given": str(given).strip()[:SHOWN], "meant": meant}


def levels_meant(given: Any) -> int | None:
    """8 for 0.03, 8/255, "8/255", 8.0 and "8"; None where nothing of the kind was given."""
    share = _number(given)
    if share is None or not math.isfinite(share):
        return None
    if 0 < share < 1:
        return round(share * 255)
    return int(share) if share == int(share) else None


def _number(given: Any) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        if isinstance(given, str) and (parts := FRACTION.fullmatch(given)):
            return float(parts[1]) / float(parts[2])
        return float(given)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
