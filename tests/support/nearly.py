"""What is the same but for the last digits of its numbers."""

from typing import Any

import pytest


def rounded(found: Any) -> Any:
    """What was judged alone and what was judged beside others differ in the last digits."""
    if isinstance(found, dict):
        return {name: rounded(value) for name, value in found.items()}
    if isinstance(found, list):
        return [rounded(value) for value in found]
    return pytest.approx(found, abs=1e-5) if isinstance(found, float) else found
