"""Pictures, networks and what is computed with them. Importing the package itself imports nothing heavy."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inference.catalog import CLASSIFIERS
    from inference.classifier import load

__all__ = ["CLASSIFIERS", "load"]

_HOMES = {"CLASSIFIERS": "inference.catalog", "load": "inference.classifier"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
