"""Small pictures, none like another."""

import io
import os

from PIL import Image

from inference.assets import ASSETS


def noise_png(side: int = 64) -> bytes:
    """Random colours, as a PNG."""
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(3 * side * side)).save(file, "PNG")
    return file.getvalue()


def digit_png() -> bytes:
    """A handwritten two, grey, 28 × 28."""
    return (ASSETS / "samples" / "digit-2.png").read_bytes()
