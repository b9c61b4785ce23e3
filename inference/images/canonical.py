"""From a stranger's file to the canonical PNG, for what it is taken to show."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from io import BytesIO

from PIL import Image

from inference.catalog.preparations import PREPARATIONS
from inference.images.refusal import BadImage


def prepared(data: bytes, preparation: str) -> tuple[bytes, int, int]:
    """(PNG bytes, width, height) of the canonical picture; BadImage if there is none."""
    try:
        picture = canonical_picture(data, preparation)
        return as_png(picture), picture.width, picture.height
    except MemoryError as error:
        raise BadImage("too_demanding") from error


def canonical_picture(data: bytes, preparation: str) -> Image.Image:
    """What the preparation's own function makes of a file; BadImage if there is nothing to make."""
    return maker(preparation)(data)


@cache
def maker(preparation: str) -> Callable[[bytes], Image.Image]:
    """The function a preparation names, loaded when first asked for: a digit's brings SciPy."""
    module, function = PREPARATIONS[preparation].maker.split(":")
    return getattr(import_module(module), function)


def as_png(picture: Image.Image) -> bytes:
    """The pixels and nothing else; level 1, because level 6 takes three times as long for a few per cent."""
    picture.info.clear()  # else profile, resolution and transparency would be written along
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
