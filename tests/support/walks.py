"""What every run of the tests shows in one of its forms, a long walk (`./test --all`) in every one."""

from collections.abc import Iterable
from typing import Any

import pytest


def first(values: Iterable[Any], count: int = 1) -> list[Any]:
    """Values for `parametrize`: the first ones as they are, the others for a walk; a tuple is one of each argument."""
    quick, later = (chosen := list(values))[:count], chosen[count:]
    return [
        *quick,
        *(pytest.param(*(one if isinstance(one, tuple) else (one,)), marks=pytest.mark.walk) for one in later),
    ]
