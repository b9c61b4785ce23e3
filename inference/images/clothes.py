"""Makes of any picture of a piece of clothing what Fashion-MNIST's are: light on black, fitted into 28 × 28, grey."""

import numpy as np
from PIL import Image, ImageOps

from inference.images.decode import decode_with_alpha
from inference.images.digit import PAPER_LEVEL, SIDE, is_grey, rim

GROUND_QUARTILE = 25  # per cent of the rim: clothes reach it, but of all 70,000 pictures none has a quarter above 16


def clothes(data: bytes) -> Image.Image:
    """28 × 28, mode L, of a file's bytes; BadImage if it is no picture.

    A picture that is 28 × 28, grey and opaque already comes back unchanged, or inverted where its ground is light: no
    attack of up to 128 levels makes the ground of one of Fashion-MNIST's so.
    """
    picture, alpha = decode_with_alpha(data)
    if alpha is None and picture.size == (SIDE, SIDE) and is_grey(picture):
        return _on_black(picture.convert("L"))
    grey = np.asarray(picture.convert("L"), dtype=np.float32)
    return _fitted(_raised(grey) if alpha is None else _cut_out(grey, np.asarray(alpha, dtype=np.float32) / 255))


def _on_black(grey: Image.Image) -> Image.Image:
    light = np.percentile(rim(np.asarray(grey)), GROUND_QUARTILE) > PAPER_LEVEL
    return ImageOps.invert(grey) if light else grey


def _raised(grey: np.ndarray) -> np.ndarray:
    """How far each pixel stands out from the ground, 0..255: what is darker than a light ground, or the reverse.

    A white ground inverts the picture, a black one leaves it, and any other becomes black too.
    """
    ground = float(np.median(rim(grey)))
    inverted = grey.mean() < ground
    reach = ground if inverted else 255 - ground
    return ((ground - grey if inverted else grey - ground) * (255 / max(reach, 1))).clip(0, 255)


def _cut_out(grey: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """What is opaque (grey, laid on white), on black: dark clothes inverted, light ones as they are."""
    inverted = 255 - grey
    own = 1 - (inverted * alpha).sum() / max(255 * (alpha**2).sum(), 1)  # shade of the clothes, 0 to 1
    return inverted if own < 0.5 else (255 * alpha - inverted).clip(0, 255)


def _fitted(light: np.ndarray) -> Image.Image:
    """The whole picture with its longer side 28 pixels, in the middle of black."""
    whole = Image.fromarray(light.round().astype(np.uint8))
    scale = SIDE / max(whole.size)
    width, height = (max(1, round(side * scale)) for side in whole.size)
    field = Image.new("L", (SIDE, SIDE))
    small = whole.resize((width, height), Image.Resampling.LANCZOS)
    field.paste(small, ((SIDE - width) // 2, (SIDE - height) // 2))
    return field
