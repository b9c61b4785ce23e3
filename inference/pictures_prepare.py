"""From a stranger's file to the canonical PNG, for a photograph or for a digit."""

from io import BytesIO

from PIL import Image

from inference.pictures_decode import decode, decode_with_alpha
from inference.pictures_digit import as_digit
from inference.pictures_refusal import BadImage


def prepared(data: bytes, preparation: str) -> tuple[bytes, int, int]:
    """(PNG bytes, width, height) of the canonical picture; BadImage if there is none."""
    try:
        picture = as_digit(*decode_with_alpha(data)) if preparation == "digit" else decode(data)
        return as_png(picture), picture.width, picture.height
    except MemoryError as error:
        raise BadImage("too_demanding") from error


def as_png(picture: Image.Image) -> bytes:
    """The pixels and nothing else; level 1, because level 6 takes three times as long for a few per cent."""
    picture.info.clear()  # else profile, resolution and transparency would be written along
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
