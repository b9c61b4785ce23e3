"""The supervisor knows no database."""

import pytest


@pytest.fixture(autouse=True)
def clean_site() -> None:
    """Nothing to make ready."""
