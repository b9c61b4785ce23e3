"""Why a picture was not taken: a code for programs and a sentence a person can act on."""

from typing import Any

from attacks.words import Listed, gettext_noop
from inference.catalog.messages import worded

ACCEPTED = Listed(("PNG", "JPEG", "WebP", "GIF", "BMP"))

REFUSALS = {
    "empty": gettext_noop("The file is empty. Please choose a picture."),
    "too_heavy": gettext_noop("Your picture is too large (%(size)s MB; up to %(limit)s MB)."),
    "too_many_pixels": gettext_noop(
        "Your picture has %(megapixels)s million pixels; a %(kind)s may have up to %(limit)s million. "
        "Please make it smaller and try again."
    ),
    "too_small": gettext_noop("Your picture is %(width)s × %(height)s pixels; each side needs at least %(limit)s."),
    "too_narrow": gettext_noop(
        "Your picture is %(width)s × %(height)s pixels: too narrow to look at. "
        "One side may be up to %(limit)s times as long as the other."
    ),
    "heic": gettext_noop(
        "This is an iPhone's HEIC photo, which cannot be read here. On the iPhone choose Settings, Camera, Formats, "
        "“Most Compatible”, or send the photo as a JPEG."
    ),
    "avif": gettext_noop("This is an AVIF picture, which cannot be read here. Please save it as a PNG or JPEG."),
    "foreign": gettext_noop("%(kind)s files cannot be read here. Please choose a picture: %(accepted)s."),
    "unknown": gettext_noop("This file is not a picture that can be read here. Please choose one of: %(accepted)s."),
    "damaged": gettext_noop("Your picture is damaged or incomplete and could not be read. Please try another copy."),
    "too_slow": gettext_noop(
        "Your picture takes too long to open. Please save it as a plain JPEG or PNG and try again."
    ),
    "too_demanding": gettext_noop(
        "Your picture needs too much memory to open. Please save it as a plain JPEG or PNG, or make it smaller."
    ),
    "blank": gettext_noop("No digit was found: no stroke stands out from the ground."),
    "two_digits": gettext_noop("There seem to be two digits or more in the picture. Please show one alone."),
}


class BadImage(ValueError):
    """A file that is not taken as a picture.

    `code` names the reason, `message` is the English sentence as a translatable template and `params` its values,
    for `inference.catalog.messages.worded`. `str()` is the finished English sentence.
    """

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.message = REFUSALS[code]
        self.params = params
        super().__init__(worded(self.message, params))


class DecoderBusy(RuntimeError):
    """No decoder came free in time; the same picture may be sent again after `retry_after` seconds."""

    message = gettext_noop("Many pictures are being opened just now. Please try again in a few seconds.")
    retry_after = 3

    def __init__(self) -> None:
        super().__init__(self.message)
