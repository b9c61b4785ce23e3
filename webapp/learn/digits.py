"""The sample digits as settings of parts: small enough to come with a page, and read by the browser itself."""

import base64
from functools import cache

from inference.assets import ASSETS


@cache
def sample_digits() -> list[str]:
    """The ten digits' PNGs, 28 × 28 and grey, as `data:` addresses; below 6 kB together."""
    files = [(ASSETS / "samples" / f"digit-{digit}.png").read_bytes() for digit in range(10)]
    return [f"data:image/png;base64,{base64.b64encode(file).decode()}" for file in files]
