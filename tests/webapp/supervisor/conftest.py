"""The supervisor knows no database."""

import pytest


@pytest.fixture(autouse=True)
def house() -> None:
    """Nothing to make ready."""
