"""Attacks on a classifier: pure functions on tensors, and one torch-free record about each.

The two names are looked up when first used, so that reading the records never imports torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attacks.catalog import ATTACKS
    from attacks.runner import run

__all__ = ["ATTACKS", "run"]

_HOMES = {"ATTACKS": "attacks.catalog", "run": "attacks.runner"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
