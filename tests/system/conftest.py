"""A place for what was measured."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Tells what was seen; with GIBBON_NOTES=file it is kept there, a line for each."""

    def tell(text: str) -> None:
        line = f"{request.node.name}: {text}"
        print(line)
        if path := os.environ.get("GIBBON_NOTES"):
            with Path(path).open("a") as file:
                file.write(f"{line}\n")

    return tell
