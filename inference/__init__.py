"""Pictures, networks and what is computed with them. Importing the package itself imports nothing heavy."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inference.catalog import CLASSIFIERS
    from inference.classifier import load

# Read by OpenMP when torch is first imported, so it is set before that. Threads that spin while they wait make a
# verdict take many times as long as soon as other processes want the cores: `python -m benchmarks.threads`.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__all__ = ["CLASSIFIERS", "load"]

_HOMES = {"CLASSIFIERS": "inference.catalog", "load": "inference.classifier"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
