"""Every attack that there is, in the order in which they are offered. Imports no torch.

Forms, the API's schema and checks, the command line, the pages and the tests all read these records.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from attacks.options import Limits, OptionError, complete
from attacks.record import AttackRecord
from attacks.records.black_box import SQUARE
from attacks.records.l0 import FEW_PIXELS, JSMA, ONE_PIXEL
from attacks.records.l2 import CW, DDN, DEEPFOOL, PGD_L2
from attacks.records.linf import APGD_CE, APGD_T, BIM, FGSM, MI_FGSM, PGD
from attacks.words import Listed, gettext_noop

_OFFERED = (
    FGSM,
    BIM,
    MI_FGSM,
    PGD,
    APGD_CE,
    APGD_T,
    SQUARE,
    PGD_L2,
    DEEPFOOL,
    CW,
    DDN,
    ONE_PIXEL,
    FEW_PIXELS,
    JSMA,
)
_DECLARED = {record.slug: record for record in _OFFERED}
DEFAULT_ATTACK = FGSM.slug  # what a picture is attacked with first: one step
MANY_STEPS = PGD.slug  # and what finds what one step misses
ATTACKS: Mapping[str, AttackRecord] = MappingProxyType(_DECLARED)


def find(slug: object) -> AttackRecord:
    """The record of that name, or a sentence listing the names there are."""
    if not isinstance(slug, str) or slug not in ATTACKS:
        raise OptionError(
            "attack", gettext_noop("There is no such attack. The attacks are: %(known)s."), known=Listed(ATTACKS)
        )
    return ATTACKS[slug]


def validate(slug: str, options: Any, limits: Limits) -> dict[str, Any]:
    """Every option of the attack, checked and completed with defaults, or an OptionError."""
    record = find(slug)
    record.refuse_size(limits)
    return complete(record.options, options, limits)
